"""How refunds stand: who marks them, what lookups find, and that each step is kept, by the database too."""

import threading
from typing import Any

import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction

from auditing.access import acting_as
from auditing.correcting import correct
from auditing.models import Generation, Refund, RefundState, RefundStep, TrailEntry, User
from auditing.refunding import NotMarked, mark
from tests.views.cast import Cast, assemble, completed
from tests.views.conftest import people

__all__ = ["people"]

FAILED = {
    "status": "failed",
    "error": "Timed out",
    "credits_thousandths": 10_000,
    "credits_basis": "reported",
}
OPEN, CLAIMED, REFUNDED, REFUSED = RefundState
ADD = """INSERT INTO auditing_refund (generation_id, team_id, state, back_thousandths, note, marked_by_id,
    version, marked_at) VALUES (%s, %s, 'claimed', %s, '', %s, 9, '2001-01-01Z')"""


def failed(people: Cast, external_id: str = "vid_a", **columns: Any) -> Generation:
    """A job of Alice's that gave nothing and cost 10 credits."""
    return completed(people.nano, external_id, people.alice, **{**FAILED, **columns})


def marked(who: User, row: Generation, state: RefundState, note: str = "", seen: int | None = None) -> str:
    """What came of it, in a word."""
    with acting_as(who):
        if seen is None:
            found = Refund.objects.filter(generation=row).values_list("version", flat=True).first()
            seen = found or 0
        came = mark(who, {row.pk: seen}, state, note)
    if came.already:
        return "already"
    return "changed" if came.changed else "overtaken" if came.overtaken else "empty" if came.empty else "none"


def told(row: Generation, credits_: int | None) -> None:
    """A lookup's answer, as the sync stores it: the figure, and the most that there ever was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE auditing_generation SET credits_thousandths = %(c)s, credits_basis = %(basis)s,"
            " credits_most_thousandths = greatest(credits_most_thousandths, credits_thousandths, %(c)s)"
            " WHERE id = %(id)s",
            {"c": credits_, "basis": None if credits_ is None else "reported", "id": row.pk},
        )


def stands(row: Generation) -> tuple[str, int | None, int, str | None]:
    """State, credits at stake, credits that came back, and who said so."""
    refund = Refund.objects.select_related("marked_by").get(generation=row)
    who = refund.marked_by.username if refund.marked_by else None
    return refund.state, refund.credits_thousandths, refund.back_thousandths, who


def test_each_mark_is_kept_and_told(people: Cast) -> None:
    """The charge is what it was when it was claimed; the trail says from what to what, and keeps no note."""
    row = failed(people)
    assert marked(people.max, row, CLAIMED, "Case 12") == "changed"
    told(row, None)
    assert marked(people.rita, row, REFUSED, "Too late") == "changed"
    assert stands(row) == ("refused", 10_000, 0, "rita")
    steps = RefundStep.objects.order_by("version").values_list(
        "version", "state", "marked_by__username", "note"
    )
    assert list(steps) == [(1, "claimed", "max", "Case 12"), (2, "refused", "rita", "Too late")]
    entries = TrailEntry.objects.filter(act="refund_marked").order_by("pk")
    assert [(entry.owner_id, entry.external_id, entry.result) for entry in entries] == [
        (people.max.pk, "vid_a", "refund: open → claimed; note"),
        (people.rita.pk, "vid_a", "refund: claimed → refused; note"),
    ]


def test_the_same_once_more_changes_nothing(people: Cast) -> None:
    """Whatever version was seen; another note is another step, and open is what nobody marked."""
    row = failed(people)
    assert marked(people.max, row, OPEN) == "already"
    assert marked(people.max, row, CLAIMED, "Case 12", seen=0) == "changed"
    assert marked(people.max, row, CLAIMED, " Case 12\r\n", seen=0) == "already"
    assert marked(people.max, row, CLAIMED, "Case 13") == "changed"
    assert RefundStep.objects.count() == TrailEntry.objects.filter(act="refund_marked").count() == 2


def test_who_comes_later_leaves_it_as_it_stands(people: Cast) -> None:
    row = failed(people)
    assert marked(people.max, row, CLAIMED, seen=0) == "changed"
    assert marked(people.rita, row, REFUSED, seen=0) == "overtaken"
    told(row, 4000)
    assert marked(people.max, row, REFUSED, seen=1) == "overtaken"
    assert stands(row) == ("refunded", 10_000, 6000, None)


@pytest.mark.parametrize("who", ["alice", "bob", "audrey", "otto", "sid"])
def test_only_managers_of_the_team_mark(people: Cast, who: str) -> None:
    """Said by the program, and again by the database."""
    row, person = failed(people), getattr(people, who)
    assert marked(person, row, CLAIMED) == "none"
    assert not allowed(person, ADD, [row.pk, people.team.pk, 0, person.pk])
    assert marked(people.max, row, CLAIMED) == "changed"
    assert not allowed(person, "UPDATE auditing_refund SET state = 'refused', marked_by_id = %s", [person.pk])


def test_the_database_sets_what_nobody_may_say(people: Cast) -> None:
    """Not the time, the version, the charge or another's name; nobody brings money back by hand."""
    row = failed(people)
    assert not allowed(people.max, ADD, [row.pk, people.team.pk, 0, people.alice.pk])
    assert not allowed(people.max, ADD, [row.pk, people.team.pk, 5, people.max.pk])
    assert allowed(people.max, ADD, [row.pk, people.other_team.pk, 0, people.max.pk])
    refund = Refund.objects.get()
    assert (refund.team, refund.owner, refund.version) == (people.team, people.alice, 1)
    assert (refund.credits_thousandths, refund.marked_at.year > 2001) == (10_000, True)
    for column in ("credits_thousandths", "back_thousandths", "version", "team_id"):
        assert not allowed(people.max, f"UPDATE auditing_refund SET {column} = 1", [])  # noqa: S608
    for statement in ("DELETE FROM auditing_refund", "UPDATE auditing_refundstep SET note = 'x'"):
        assert not allowed(people.rita, statement, [])
    for statement in ("DELETE FROM auditing_refundstep", "UPDATE auditing_refundstep SET note = 'x'"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            connection.cursor().execute(statement)


def allowed(who: User, statement: str, values: list[Any]) -> bool:
    """Whether the database lets this person do that."""
    try:
        with transaction.atomic(), acting_as(who), connection.cursor() as cursor:
            cursor.execute(statement, values)
            return bool(cursor.rowcount > 0)
    except ProgrammingError:  # a policy, or a privilege that is not granted
        return False


def test_a_lookup_with_fewer_credits_finds_the_refund(people: Cast) -> None:
    """Claimed or not, in part or in full; charged again in full, it is open again."""
    row = failed(people)
    assert not Refund.objects.exists()
    told(row, 4000)
    assert stands(row) == ("refunded", 10_000, 6000, None)
    assert marked(people.max, row, CLAIMED, "the rest") == "changed"
    assert stands(row) == ("claimed", 4000, 6000, "max")
    told(row, None)
    told(row, 4000)
    assert stands(row) == ("claimed", 4000, 6000, "max")
    told(row, 0)
    assert stands(row) == ("refunded", 4000, 10_000, None)
    told(row, 10_000)
    assert stands(row) == ("open", 4000, 0, None)
    assert [step.state for step in RefundStep.objects.order_by("version")] == [
        "refunded", "claimed", "refunded", "open",
    ]  # fmt: skip


def test_a_first_figure_and_a_higher_one_are_no_refund(people: Cast) -> None:
    row = failed(people, credits_thousandths=None, credits_basis=None)
    for figure in (10_000, 12_000, 12_000):
        told(row, figure)
    assert not Refund.objects.exists()


def test_what_costs_nothing_or_is_under_way_is_not_claimed(people: Cast) -> None:
    free = failed(people, credits_thousandths=0)
    early = failed(people, "vid_b", status="processing", credits_thousandths=None, credits_basis=None)
    unsaid = failed(people, "vid_c", credits_thousandths=None, credits_basis=None)
    assert [marked(people.max, row, CLAIMED) for row in (free, early, unsaid)] == [
        "empty",
        "empty",
        "changed",
    ]
    assert stands(unsaid) == ("claimed", None, 0, "max")


def test_a_note_that_can_not_be_kept_marks_nothing(people: Cast) -> None:
    row = failed(people)
    for note in ("x" * 2001, "a\0b"):
        with pytest.raises(NotMarked):
            marked(people.max, row, CLAIMED, note)
    assert not Refund.objects.exists()


def test_refunds_go_to_a_records_new_owner(people: Cast) -> None:
    """With every step; who had it before sees it no more."""
    row = failed(people)
    marked(people.max, row, CLAIMED)
    with acting_as(people.max):
        correct(people.max, row.pk, "bob", "")
    assert RefundStep.objects.get().version == Refund.objects.get().version == 1
    for person, sees in ((people.bob, 1), (people.alice, 0), (people.audrey, 1), (people.otto, 0)):
        with acting_as(person):
            assert Refund.objects.count() == RefundStep.objects.count() == sees


@pytest.mark.usefixtures("committed_db")
def test_of_two_managers_at_once_the_later_is_told() -> None:
    """Also while a lookup is being stored: whoever comes later waits, and then sees what stands."""
    people = assemble()
    rows = [failed(people, f"vid_{number}") for number in range(20)]
    came: list[tuple[int, int]] = []

    def work(who: User, state: RefundState) -> None:
        with acting_as(who):
            done = mark(who, {row.pk: 0 for row in rows}, state, "")
        came.append((len(done.changed), len(done.overtaken)))
        connection.close()

    threads = [
        threading.Thread(target=work, args=wanted)
        for wanted in ((people.max, CLAIMED), (people.rita, REFUSED))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(came) == [(0, 20), (20, 0)]
    assert RefundStep.objects.count() == 20
