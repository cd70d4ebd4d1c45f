"""How dates and searched text are said in words; the columns' own words are in `fields`."""

from datetime import date
from zoneinfo import ZoneInfo

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day_words(day: date) -> str:
    """A date as `1 Oct 2026`, whatever the machine's locale."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def from_words(first: date, zone: ZoneInfo) -> str:
    """The first day wanted, and the zone that its midnight is in."""
    return f"created from {day_words(first)} ({zone.key})"


def to_words(last: date, zone: ZoneInfo) -> str:
    """The last day wanted, and the zone that its midnight is in."""
    return f"created up to {day_words(last)} ({zone.key})"


def created_words(first: date | None, last: date | None, zone: ZoneInfo) -> str:
    """Both ends of the wanted days in one phrase; empty when neither is set."""
    if first is not None and first == last:
        return f"created on {day_words(first)} ({zone.key})"
    if first is not None and last is not None:
        return f"created {day_words(first)} to {day_words(last)} ({zone.key})"
    if first is not None:
        return from_words(first, zone)
    return to_words(last, zone) if last is not None else ""


def text_words(text: str) -> str:
    """The text searched for."""
    return f"containing “{text}”"
