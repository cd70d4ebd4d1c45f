"""What changed between two payloads."""

from hypothesis import given
from hypothesis import strategies as st

from auditing.changes import Change, changes

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
PAYLOADS = st.dictionaries(st.text(), VALUES, max_size=5)


def test_fields_are_named_by_their_path_with_old_and_new() -> None:
    """Changed, new and gone; what stayed is not mentioned."""
    before = {"success": True, "video": {"status": "processing", "title": "Sea", "credits_used": None}}
    after = {"success": True, "video": {"status": "completed", "credits_used": 7, "tags": ["a", 1]}}
    assert changes(before, after) == (
        Change("video.status", "processing", "completed"),
        Change("video.credits_used", "null", "7"),
        Change("video.tags", None, '["a", 1]'),
        Change("video.title", "Sea", None),
    )


def test_true_is_not_one() -> None:
    """As in JSON."""
    assert changes({"a": 1}, {"a": True}) == (Change("a", "1", "true"),)


def test_an_object_that_becomes_empty_is_a_change() -> None:
    """Nothing is lost between the lines."""
    assert changes({"a": {"b": 1}}, {"a": {}}) == (Change("a", None, "{}"), Change("a.b", "1", None))


@given(PAYLOADS)
def test_a_payload_does_not_differ_from_itself(payload: dict[str, object]) -> None:
    """Whatever is in it."""
    assert changes(payload, payload) == ()


@given(PAYLOADS, PAYLOADS)
def test_swapped_payloads_have_the_same_changes_swapped(
    one: dict[str, object], other: dict[str, object]
) -> None:
    """Old for new."""
    there = {(change.field, change.old, change.new) for change in changes(one, other)}
    back = {(change.field, change.new, change.old) for change in changes(other, one)}
    assert there == back
