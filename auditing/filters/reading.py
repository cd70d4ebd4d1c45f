"""Single values out of a query string, or what was wrong with them."""

import re
from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import QueryDict

from auditing.filters.fields import Field, Value, from_text, to_text
from auditing.models.search import SEPARATOR

EARLIEST = date(1900, 1, 1)
LATEST = date(9998, 12, 31)
MAX_TEXT = 200
SHOWN = 40
DIGITS = 12

_AMOUNT = re.compile(rf"[0-9]{{1,{DIGITS}}}(\.[0-9]{{1,3}})?")


class Unacceptable(ValueError):
    """A value that can't be meant; the message says what was wrong, and what is accepted."""


def check_storable(text: str) -> None:
    """Raise Unacceptable for text that PostgreSQL can't hold, and so no record has."""
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise Unacceptable("has a character that no text here can have (NUL, or half of a pair)")


def parse_thousandths(text: str) -> int:
    """A decimal number such as 7 or 2.5, exactly: credits as thousandths, seconds as milliseconds."""
    if not _AMOUNT.fullmatch(text):
        raise Unacceptable(
            f"{shown(text)} is no amount; write it like 7 or 2.5, with at most three decimals, below"
            f" {10**DIGITS:,}"
        )
    whole, _, decimals = text.partition(".")
    return int(whole) * 1000 + int(decimals.ljust(3, "0"))


def at_least(least: int | None, parse: Callable[[str], int]) -> Callable[[str], int]:
    """A parser of the end of a range, which may not lie below its beginning."""

    def checked(text: str) -> int:
        value = parse(text)
        if least is not None and value < least:
            raise Unacceptable(f"{shown(text)} is less than where the range begins")
        return value

    return checked


def parse_day(text: str) -> date:
    """An ISO date such as 2026-10-31."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Unacceptable(f"{shown(text)} is not a date; write it like 2026-10-31") from None
    if not EARLIEST <= day <= LATEST:
        raise Unacceptable(f"{day.isoformat()} is not between {EARLIEST} and {LATEST}")
    return day


def day_from(first: date | None) -> Callable[[str], date]:
    """A parser of the last wanted day, which may not lie before the first."""

    def parse(text: str) -> date:
        day = parse_day(text)
        if first is not None and day < first:
            raise Unacceptable(f"{day} lies before {first}, where the wanted days begin")
        return day

    return parse


def parse_text(text: str) -> str:
    """Text to search for, without the space around it."""
    check_storable(text)
    if SEPARATOR in text:
        raise Unacceptable("has the separator of our own text index (U+001F), which can't be searched for")
    if len(text) > MAX_TEXT:
        raise Unacceptable(f"has {len(text)} characters; at most {MAX_TEXT} are searched for")
    return text


def one_of[Choice](choices: dict[str, Choice], accepted: str = "") -> Callable[[str], Choice]:
    """A parser that accepts these words only; `accepted` says which, where a list of all would be long."""

    def parse(text: str) -> Choice:
        if text not in choices:
            raise Unacceptable(f"{shown(text)} is not accepted; accepted: {accepted or ', '.join(choices)}")
        return choices[text]

    return parse


def shown(text: str) -> str:
    """Text as a message quotes it: short, and with nothing in it that would not print."""
    short = text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
    return "“" + "".join(c if c.isprintable() else "�" for c in short) + "”"


def parse_zone(name: str) -> ZoneInfo:
    """A time zone by its IANA name, such as Europe/Lisbon."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Unacceptable(f"{shown(name)} is no time zone; write a name such as Europe/Lisbon") from None


def zone_named(name: str) -> ZoneInfo:
    """The time zone of this name; UTC for one that isn't known here."""
    try:
        return parse_zone(name or "UTC")
    except Unacceptable:
        return ZoneInfo("UTC")


class Reader:
    """Reads typed values out of one query string; `errors` gets a message for each key that had bad ones."""

    def __init__(self, query: QueryDict) -> None:
        self.errors: dict[str, str] = {}
        self._query = query

    def single[Parsed](self, key: str, parse: Callable[[str], Parsed], default: Parsed) -> Parsed:
        """The last value of a key that isn't blank; the default when there is none, or a bad one."""
        texts = [text.strip() for text in self._query.getlist(key) if text.strip()]
        if not texts:
            return default
        try:
            return parse(texts[-1])
        except Unacceptable as fault:
            self.errors[key] = str(fault)
            return default

    def any_of(self, field: Field, key: str = "") -> tuple[Value, ...]:
        """Every acceptable value of a column, each once, in a fixed order; the unknown comes last.

        They stand below the field's own key, or another.
        """
        key = key or field.key
        values: set[Value] = set()
        for text in self._query.getlist(key):
            if text.strip():
                try:
                    values.add(_value(field, text))
                except Unacceptable as fault:
                    self.errors[key] = str(fault)
        if field.accepted is not None:
            return tuple(value for value in field.possible() if value in values)
        return tuple(sorted(values, key=lambda value: (value is None, value or "")))


def _value(field: Field, text: str) -> Value:
    """One value of a column, or raise Unacceptable."""
    if field.accepted is not None:
        possible = {to_text(value): value for value in field.possible()}
        return one_of(possible)(text.strip())
    value = from_text(text)
    if value is None and field.unknown is None:
        raise Unacceptable(f"{shown(text)} is not accepted: every record has one")
    check_storable(value or "")
    return value
