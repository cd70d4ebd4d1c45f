"""Reads the lines of a provider's statement: CSV with a header, or plain `id,credits`; a line at a time."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO

from auditing.intake.formats import ID_COLUMN, Line, Rejection, header_of, lines_of
from auditing.records import InvalidId, checked_id

CREDITS_COLUMN, TIME_COLUMN = "credits", "time"
PLAIN = (ID_COLUMN, CREDITS_COLUMN, TIME_COLUMN)
DIGITS = 12

_AMOUNT = re.compile(rf"(-?)([0-9]{{1,{DIGITS}}})(?:\.([0-9]{{1,3}})0*)?")


@dataclass(frozen=True, slots=True)
class Charge:
    """One line of a statement: what the provider says that an id cost, in thousandths of credits (None: it
    gives no figure; less than 0: it gave back), and when. Lines count from 1."""

    line: int
    external_id: str
    credits_thousandths: int | None = None
    charged_at: datetime | None = None


class NoAmount(ValueError):
    """Text that is no number of credits; the message says how to write one."""


def thousandths_of(text: str) -> int:
    """A decimal number such as 7, 2.5 or -2.5, exactly. Raises NoAmount."""
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise NoAmount(
            f"{_shown(text)} is no number of credits; write it like 7 or 2.5, with at most three decimals,"
            f" no sign for thousands, and below {10**DIGITS:,}"
        )
    sign, whole, decimals = found.groups()
    size = int(whole) * 1000 + int((decimals or "").ljust(3, "0"))
    return -size if sign else size


def read_charges(stream: BinaryIO) -> Iterator[Charge | Rejection]:
    """Every line of the statement, or why it can't be read, in their order; one line in memory.

    With a header, its `external_id` and `credits` count, and `time` where there is one; other columns are
    passed over. Without one a line is an id and its credits, and perhaps a time. Blank lines are passed over.
    Raises csv.Error where a header lacks `credits` or names a column twice.
    """
    names: Sequence[str] = ()
    for line in lines_of(stream):
        if isinstance(line, Rejection):
            yield line
        elif not names and ID_COLUMN in (header := header_of(line.text)):
            names = _checked(line, header)
        else:
            names = names or PLAIN
            yield _charge(line, names)


def _checked(line: Line, names: list[str]) -> list[str]:
    if CREDITS_COLUMN not in names:
        raise csv.Error(f"line {line.number}: the header has {ID_COLUMN}, but no column {CREDITS_COLUMN}")
    twice = [name for name in PLAIN if names.count(name) > 1]
    if twice:
        raise csv.Error(f"line {line.number}: the header has the column {twice[0]} twice")
    return names


def _charge(line: Line, names: Sequence[str]) -> Charge | Rejection:
    try:
        values = next(csv.reader([line.text], strict=True))
    except csv.Error as error:
        return Rejection(line.number, f"not CSV: {error}")
    is_plain = names is PLAIN
    if is_plain and len(values) == len(PLAIN) - 1:
        values.append("")
    if len(values) != len(names):
        expected = "id,credits or id,credits,time" if is_plain else f"{len(names)} fields as in the header"
        return Rejection(line.number, f"{len(values)} field{'s' * (len(values) != 1)}; expected {expected}")
    return _of_fields(line.number, dict(zip(names, (value.strip() for value in values), strict=True)))


def _of_fields(number: int, row: Mapping[str, str]) -> Charge | Rejection:
    field = ID_COLUMN
    try:
        external_id = checked_id(row[field])
        field = CREDITS_COLUMN
        thousandths = thousandths_of(row[field]) if row[field] else None
        field = TIME_COLUMN
        moment = _moment(row[field]) if row.get(field) else None
    except (InvalidId, ValueError) as error:
        return Rejection(number, f"{field}: {error}")
    return Charge(number, external_id, thousandths, moment)


def _moment(text: str) -> datetime:
    """An ISO 8601 time; without an offset it is read as UTC. Raises ValueError."""
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{_shown(text)} is no time; write it like 2026-10-31T09:30:00Z") from None


def _shown(text: str) -> str:
    """Text as a message quotes it: short, and with nothing in it that would not print."""
    short = text if len(text) <= 40 else f"{text[:39]}…"
    return "“" + "".join(letter if letter.isprintable() else "�" for letter in short) + "”"
