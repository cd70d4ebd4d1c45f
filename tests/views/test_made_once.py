"""`{% once %}`: what is the same for everybody is made once, of nothing but what it depends on."""

from collections.abc import Iterator

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.urls import set_script_prefix


class Counted:
    """A value that counts how often it is shown; of the same number it is the same value."""

    shown = 0

    def __init__(self, number: int) -> None:
        self.number = number

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Counted) and other.number == self.number

    def __hash__(self) -> int:
        return hash(self.number)

    def __str__(self) -> str:
        Counted.shown += 1
        return f"number {self.number}"


@pytest.fixture(autouse=True)
def _below_nothing() -> Iterator[None]:
    Counted.shown = 0
    yield
    set_script_prefix("/")


def test_it_is_made_once_for_equal_values() -> None:
    """And anew for others."""
    template = Template("{% load made_once %}{% once value=value %}<{{ value }}>{% endonce %}")
    made = [template.render(Context({"value": Counted(number)})) for number in (1, 2, 1, 2)]
    assert made == ["<number 1>", "<number 2>"] * 2
    assert Counted.shown == 2


def test_it_knows_nothing_but_its_values() -> None:
    """What else a page knows, as who asks for it, is not there to be kept."""
    template = Template(
        "{% load made_once %}{% once value=value %}{{ value }}{{ user }}{% endonce %}{{ user }}"
    )
    assert template.render(Context({"value": "a", "user": "alice"})) == "aalice"


def test_where_its_condition_is_not_met_nothing_is_kept() -> None:
    """It is made all the same."""
    template = Template("{% load made_once %}{% once value=value if=plain %}{{ value }}{% endonce %}")
    for plain, shown in ((False, 1), (False, 2), (True, 3), (True, 3)):
        assert template.render(Context({"value": Counted(1), "plain": plain})) == "number 1"
        assert Counted.shown == shown


def test_its_addresses_lie_below_what_the_server_was_asked_below() -> None:
    """Whichever prefix it was made below first."""
    template = Template("{% load made_once %}{% once %}{% url 'overview' %}{% endonce %}")
    assert template.render(Context()) == "/"
    set_script_prefix("/clips/")
    assert template.render(Context()) == "/clips/"


def test_values_escape_as_anywhere() -> None:
    """What is kept is HTML."""
    template = Template("{% load made_once %}{% once value=value %}{{ value }}{% endonce %}")
    assert template.render(Context({"value": "<b>"})) == "&lt;b&gt;"


def test_it_takes_values_by_name_alone() -> None:
    """Anything else is a mistake in a template."""
    with pytest.raises(TemplateSyntaxError, match="by name"):
        Template("{% load made_once %}{% once value %}{% endonce %}")
