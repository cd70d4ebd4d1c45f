"""How dates and searched text are said in words; the columns' own words are in `fields`."""

from datetime import date

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day_words(day: date) -> str:
    """A date as `1 Oct 2026`, whatever the machine's locale."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def span_words(first: date | None, last: date | None) -> str:
    """Both ends of the wanted days in one phrase; empty when neither is set."""
    if first is not None and first == last:
        return f"on {day_words(first)}"
    if first is not None and last is not None:
        return f"{day_words(first)} to {day_words(last)}"
    if first is not None:
        return f"from {day_words(first)}"
    return f"up to {day_words(last)}" if last is not None else ""


def text_words(text: str) -> str:
    """The text searched for."""
    return f"containing “{text}”"
