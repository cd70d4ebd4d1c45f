"""How refunds stand as tables of a page: numbers that lead to their rows, and rows that may be marked."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.http import QueryDict
from django.urls import reverse

from auditing.access import managed_teams
from auditing.findings import AGES, MOST_ROWS, Choice, Refunds, Stands
from auditing.findings.refunds import PER_PAGE, Line, Tally
from auditing.models import Generation, Refund, RefundState, User
from auditing.refunding import refund_of
from auditing.views.refund_words import STANDS_WORDS, amount_words, followed_by

DIGITS = 19


@dataclass(frozen=True, slots=True)
class Marking:
    """What a form that marks came with: the rows by number, with the version that was seen of each; how many
    were meant by all of them (None: none but `seen`); `left` are rows that stand otherwise by now, `empty`
    those with nothing to claim, `errors` what was wrong by field."""

    seen: dict[int, int] = field(default_factory=dict)
    every: int | None = None
    state: RefundState | None = None
    note: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    left: tuple[Generation, ...] = ()
    empty: tuple[Generation, ...] = ()
    done: str = ""

    @classmethod
    def from_form(cls, form: QueryDict) -> "Marking":
        """What was sent, what is no row or state of ours left out."""
        seen = {}
        for text in form.getlist("row")[:MOST_ROWS]:
            number, _, version = text.partition(":")
            if _is_number(number) and _is_number(version):
                seen[int(number)] = int(version)
        every = form.get("every", "")
        state = form.get("state", "")
        return cls(
            seen,
            int(every) if _is_number(every) else None,
            RefundState(state) if state in RefundState.values else None,
            form.get("note", ""),
        )


@dataclass(frozen=True, slots=True)
class Cell:
    """A number, and the query string of its rows."""

    tally: Tally
    query: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A listed job: what its refund comes to in words; `value` is what chooses it, empty where the person
    may not mark it."""

    job: Generation
    refund: Refund | None
    amount: str
    value: str
    is_ticked: bool


@dataclass(frozen=True, slots=True)
class Form:
    """What a manager marks with: where it is sent, how many all of the rows are, what can be marked, and what
    came with it before; `left` are the rows that stand otherwise by now, to be chosen again."""

    action: str
    most: int
    states: tuple[tuple[str, str, bool], ...]
    left: tuple[Row, ...]
    sent: Marking


@dataclass(frozen=True, slots=True)
class Table:
    """All that the page shows of refunds; `form` is None for who may mark none of the rows."""

    ages: tuple[str, ...]
    lines: tuple[tuple[Stands, str, tuple[Cell, ...]], ...]
    words: str
    rows: tuple[Row, ...]
    total: Tally
    first: int
    previous: str
    following: str
    is_marked: bool
    form: Form | None


def refund_table(person: User, asked: str, refunds: Refunds | None, marking: Marking | None) -> Table | None:
    """What was found as the page shows it, beside what came with the form; None where it took too long."""
    if refunds is None:
        return None
    choice, listed = refunds.choice, refunds.listed
    managed = frozenset(managed_teams(person).values_list("pk", flat=True))
    shown = [number for number, age in enumerate(AGES) if age.key != "undated" or _has(refunds, number)]
    has_form = marking or any(row.team_id in managed for row in listed.rows)
    return Table(
        ages=tuple(AGES[number].words for number in shown),
        lines=tuple(
            (line.stands, STANDS_WORDS[line.stands], _cells(line, shown, asked, choice))
            for line in refunds.lines
        ),
        words=STANDS_WORDS[choice.stands] + (f", {choice.age.words}" if choice.age else ""),
        rows=_rows(listed.rows, choice.stands, managed, marking),
        total=listed.total,
        first=(choice.page - 1) * PER_PAGE + 1,
        previous=choice.query(asked, page=choice.page - 1) if choice.page > 1 else "",
        following=choice.query(asked, page=choice.page + 1) if choice.page < listed.pages else "",
        is_marked=choice.stands not in (Stands.OPEN, Stands.UNKNOWN),
        form=_form(asked, refunds, managed, marking or Marking()) if has_form else None,
    )


def _form(asked: str, refunds: Refunds, managed: frozenset[int], sent: Marking) -> Form:
    choice = refunds.choice
    wanted = sent.state or followed_by(choice.stands)
    return Form(
        action=_address("findings_mark", choice.query(asked)),
        most=min(refunds.listed.total.jobs, MOST_ROWS),
        states=tuple((state.value, str(state.label), state is wanted) for state in RefundState),
        left=_rows(sent.left, choice.stands, managed, None),
        sent=sent,
    )


def _has(refunds: Refunds, number: int) -> bool:
    return any(line.by_age[number].jobs for line in refunds.lines)


def _cells(line: Line, shown: list[int], asked: str, choice: Choice) -> tuple[Cell, ...]:
    """The total, then each age that is shown."""
    ages = [None, *(AGES[number] for number in shown)]
    tallies = [line.total, *(line.by_age[number] for number in shown)]
    return tuple(
        Cell(
            tally,
            choice.query(asked, refund=line.stands, age=age, page=1),
            line.stands is choice.stands and age is choice.age,
        )
        for age, tally in zip(ages, tallies, strict=True)
    )


def _rows(
    rows: Iterable[Generation], stands: Stands, managed: frozenset[int], sent: Marking | None
) -> tuple[Row, ...]:
    found = []
    for row in rows:
        refund = refund_of(row)
        value = f"{row.pk}:{refund.version if refund else 0}" if row.team_id in managed else ""
        is_ticked = sent is not None and row.pk in sent.seen
        found.append(Row(row, refund, amount_words(row, stands), value, is_ticked))
    return tuple(found)


def _address(name: str, query: str) -> str:
    return f"{reverse(name)}?{query}" if query else reverse(name)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < DIGITS
