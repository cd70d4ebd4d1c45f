"""How values look: the same thing is always written the same way."""

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template
from django.utils import timezone

from auditing.templatetags.amounts import credits_of, seconds
from auditing.templatetags.showing import exact_time, relative_time, web_link
from auditing.templatetags.states import status

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("milliseconds", "shown"),
    [
        (0, "0 s"),
        (8000, "8 s"),
        (2500, "2.5 s"),
        (60_000, "1 min"),
        (65_400, "1 min 5 s"),
        (3_600_000, "1 h"),
        (7_380_000, "2 h 3 min"),
        (200_000_000, "2 days 7 h"),
        (-5000, "\N{MINUS SIGN}5 s"),
    ],
)
def test_durations(milliseconds: int, shown: str) -> None:
    """Two units at most."""
    assert seconds(milliseconds) == shown


@pytest.mark.parametrize(
    ("thousandths", "shown"), [(0, "0"), (7000, "7"), (2500, "2.5"), (12_480_000, "12,480"), (1, "0.001")]
)
def test_credits_are_exact(thousandths: int, shown: str) -> None:
    """As the provider gave them."""
    assert credits_of(thousandths) == shown


def test_unknown_is_a_dash_with_its_reason() -> None:
    """Never 0."""
    for shown in (credits_of(None), seconds(None)):
        assert 'title="not reported"' in shown
        assert "0" not in shown


@pytest.mark.parametrize(
    ("distance", "shown"),
    [
        (timedelta(seconds=10), "just now"),
        (timedelta(seconds=50), "1 min ago"),
        (timedelta(minutes=59), "59 min ago"),
        (timedelta(hours=3), "3 h ago"),
        (timedelta(days=4), "4 days ago"),
        (timedelta(days=31), "2026-04-03"),
        (-timedelta(seconds=5), "in a moment"),
        (-timedelta(minutes=5), "in 5 min"),
    ],
)
def test_relative_times(distance: timedelta, shown: str) -> None:
    """One unit; a date when it is long ago."""
    assert relative_time(NOW - distance, NOW) == shown


def test_exact_times_have_their_offset_and_their_fraction() -> None:
    """The fraction only where there is one."""
    with timezone.override("Asia/Kolkata"):
        assert exact_time(NOW) == "2026-05-04 17:30:00 +05:30"
        assert exact_time(NOW.replace(microsecond=120_000)) == "2026-05-04 17:30:00.120 +05:30"
        assert exact_time(datetime.max.replace(tzinfo=UTC)).endswith("+00:00")
    with timezone.override("Europe/Berlin"):  # 53 minutes and 28 seconds ahead then
        assert exact_time(datetime(1880, 1, 2, tzinfo=UTC)) == "1880-01-02 00:53:28 +00:53"


def test_a_moment_is_a_time_element() -> None:
    """Relative, with the exact one on hover and for machines."""
    shown = Template("{% load showing %}{% moment at %}").render(Context({"at": NOW, "now": NOW}))
    assert shown == (
        '<time class="relative" datetime="2026-05-04T12:00:00Z" title="2026-05-04 12:00:00 +00:00">'
        "just now</time>"
    )


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://cdn.example/a.mp4", True),
        ("http://127.0.0.1:8000/a", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//cdn.example/a", False),
        ("/admin/", False),
        ("https:", False),
        ("http://[", False),
        (None, False),
    ],
)
def test_only_web_addresses_are_links(url: str | None, linked: bool) -> None:
    """What a payload brings is not to be trusted."""
    assert bool(web_link(url)) is linked


def test_a_status_is_shape_word_and_colour() -> None:
    """Never colour alone; the provider's own word on hover, as text."""
    shown = status("failed", "<broken>")
    assert "<svg" in shown
    assert "Failed</span>" in shown
    assert "is-failed" in shown
    assert "&lt;broken&gt;" in shown
    assert "Not yet known" in status(None)
