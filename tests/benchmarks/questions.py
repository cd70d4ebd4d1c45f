"""What is asked of the pages in front of a crowd: by whom, and with which values."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from tests.benchmarks.crowd import Cast
from tests.benchmarks.prompts import WORDS

DEEP = 10_000 * 50
PAGE, TEXT = 50, 150
COUNTS = (("HX-Request", "true"), ("HX-Target", "counts"))
PART = (("HX-Request", "true"), ("HX-Target", "results"))  # what a change of filter, sort or page asks for

type Address = Callable[[Any, int], str]


@dataclass(frozen=True)
class Question:
    """A kind of request: its name, who asks, the address of each turn, and the milliseconds it may take."""

    name: str
    whose: str
    people: Sequence[Any]
    address: Address
    limit: int = PAGE
    headers: Sequence[tuple[str, str]] = ()


def questions(cast: Cast) -> Iterator[Question]:
    """Everything that is measured, for members, auditors and site auditors."""
    for whose, people in (
        ("member", cast.members),
        ("auditor", cast.auditors),
        ("site auditor", cast.site_auditors),
    ):
        yield Question("first page", whose, people, _plain("/generations/"))
        yield Question("first page, the list alone", whose, people, _plain("/generations/"), headers=PART)
        yield Question("page 10,000", whose, people, _deep, headers=PART)
        for sort in _indexed():
            yield Question(f"sorted by {sort}", whose, people, _listed(sort=sort), headers=PART)
        for name, query in FILTERS.items():
            yield Question(name, whose, people, query, headers=PART)
        for name, query in COUNTED.items():
            yield Question(f"counts: {name}", whose, people, query, headers=COUNTS)
        for name, text in TEXTS.items():
            yield Question(f"text: {name}", whose, people, text, TEXT, PART)
        yield Question("record", whose, people, _record)
        yield Question("overview", whose, people, _plain("/"), TEXT)


def _indexed() -> Iterator[str]:
    from auditing.filters.sorting import SORTS

    for key, sort in SORTS.items():
        if sort.indexed:
            yield from (key, f"-{key}")


def _plain(address: str) -> Address:
    return lambda _person, _turn: address


def _listed(**query: Any) -> Address:
    """A list's address; values may be functions of the person's team and the turn."""

    def address(person: Any, turn: int) -> str:
        team = _team_of(person, turn)
        said = {key: value(team, turn) if callable(value) else value for key, value in query.items()}
        return f"/generations/?{urlencode(said, doseq=True)}"

    return address


def _team_of(person: Any, turn: int) -> int:
    """The number of the person's team; for who has none, another one each turn."""
    number = (
        person.username.split("-")[1] if not person.username.startswith("site") else str(1 + turn * 7 % 60)
    )
    return int(number)


def _day(days: int) -> str:
    return str(date.today() - timedelta(days=days))  # noqa: DTZ011 - a day for a query string


def _month(_team: int, turn: int) -> str:
    return _day(60 + 30 * turn)


FILTERS: dict[str, Address] = {
    "failed": _listed(status="failed"),
    "failed, last 30 days": _listed(status="failed", created="last-30-days"),
    "under way": _listed(status=["pending", "processing"]),
    "completed, 4k, most credits": _listed(status="completed", resolution="4k", sort="-credits_used"),
    "ReelBot, images, not failed": _listed(provider="reelbot", mode="image-to-video", status_not="failed"),
    "a month": _listed(created_from=_month, created_to=lambda _, turn: _day(30 + 30 * turn)),
    "a project, completed": _listed(
        project=lambda team, turn: f"Project {team}-{turn % 12}", status="completed"
    ),
    "stuck": _listed(flag="stuck"),
    "stale": _listed(flag="stale"),
    "an account's failures": _listed(
        account=lambda team, turn: f"reelbot-{team}-{turn % 2}", status="failed"
    ),
    "a person's 1080p": _listed(owner=lambda team, turn: f"person-{team}-{29 - turn}", resolution="1080p"),
    "not found any more": _listed(outcome="missing"),
    "waited long": _listed(waiting_min=lambda _, turn: 300 + turn),
    "changed after completion": _listed(flag="changed_after_completion"),
}
COUNTED: dict[str, Address] = {
    "of all": _listed(counts=1),
    "of a person's": _listed(counts=1, owner=lambda team, turn: f"person-{team}-{29 - turn}"),
}
TEXTS: dict[str, Address] = {
    "a rare word": _listed(q=lambda _, turn: WORDS[1500 + 97 * turn]),
    "a usual word": _listed(q=lambda _, turn: WORDS[120 + 7 * turn]),
    "two words in a row": _listed(q=lambda _, turn: f"{WORDS[20 + turn]} {WORDS[60 + turn]}"),
    "part of an id": _listed(q=lambda _, turn: f"vid_{turn * 1117:04x}"),
    "a word that failed": _listed(q=lambda _, turn: WORDS[40 + turn], status="failed"),
    "in no record": _listed(q=lambda _, turn: f"zzyzx{turn}"),
}


def _deep(person: Any, turn: int) -> str:
    """A page ten thousand pages from the beginning, or as near to it as this person's rows go."""
    from auditing.access import acting_as, visible_to
    from auditing.filters.sorting import DEFAULT_SORT, Cursor, ordered

    if person.pk not in _PLACES:
        with acting_as(person):
            rows: Any = ordered(visible_to(person), DEFAULT_SORT)
            depth = min(DEEP, visible_to(person).count() - 500)
            places = rows.values_list("sort_value", "pk")[max(0, depth) : max(0, depth) + 500]
            _PLACES[person.pk] = list(places)[::50]
    places = _PLACES[person.pk]
    if not places:
        return "/generations/"
    value, number = places[turn % len(places)]
    return f"/generations/?after={Cursor(DEFAULT_SORT, value, number)}"


def _record(person: Any, turn: int) -> str:
    """The page of one of this person's latest records."""
    from auditing.access import acting_as, visible_to
    from auditing.filters.sorting import DEFAULT_SORT, ordered

    if person.pk not in _RECORDS:
        with acting_as(person):
            rows = ordered(visible_to(person), DEFAULT_SORT)
            _RECORDS[person.pk] = list(rows.values_list("provider", "external_id")[:40])
    records = _RECORDS[person.pk]
    provider, external_id = records[turn % len(records)]
    return f"/generations/{provider}/{quote(external_id)}/"


_PLACES: dict[int, list[tuple[Any, int]]] = {}
_RECORDS: dict[int, list[tuple[str, str]]] = {}
