"""How amounts look: durations, credits, money, shares and counts. Formats only."""

from functools import lru_cache

from django import template
from django.utils.safestring import SafeString

from auditing.currencies import rounded
from auditing.records import decimal_of_thousandths
from auditing.templatetags.showing import unknown

register = template.Library()


@register.filter
def seconds(milliseconds: int | None) -> SafeString | str:
    """A duration of whole milliseconds: 8 s, 2.5 s, 1 min 5 s, 2 h 3 min; negative ones keep their sign."""
    if milliseconds is None:
        return unknown()
    sign = "−" if milliseconds < 0 else ""
    size = abs(milliseconds)
    if size < 60_000:
        return f"{sign}{decimal_of_thousandths(size):f} s"
    minutes, rest = divmod(round(size / 1000), 60)
    if minutes < 60:
        return f"{sign}{minutes} min {rest} s" if rest else f"{sign}{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{sign}{hours} h {minutes} min" if minutes else f"{sign}{hours} h"
    return f"{sign}{hours // 24} days {hours % 24} h"


@register.filter("credits")
def credits_of(thousandths: int | None) -> SafeString | str:
    """Credits as the provider gave them, with thousands grouped: 7, 2.5, 12,480."""
    if thousandths is None:
        return unknown()
    whole, rest = divmod(abs(thousandths), 1000)
    said = f"{whole:,}.{rest:03}".rstrip("0") if rest else f"{whole:,}"
    return f"-{said}" if thousandths < 0 else said


@register.filter
def money(parts: int | None, currency: str) -> SafeString | str:
    """An exact amount, rounded to its currency's minor unit: 12,480.50 EUR."""
    return unknown() if parts is None else f"{rounded(parts, currency):,f} {currency}"


@register.filter
def difference(thousandths: int | None) -> SafeString | str:
    """By how many credits one side is above the other: +7, −2.5, 0."""
    if thousandths is None:
        return unknown()
    sign = "+" if thousandths > 0 else "−" if thousandths < 0 else ""
    return f"{sign}{credits_of(abs(thousandths))}"


@register.filter
@lru_cache(maxsize=4096)
def about_seconds(milliseconds: int | None) -> SafeString | str:
    """A duration that is known to about 2 %: three digits of it say no more than that."""
    return seconds(None if milliseconds is None else int(float(f"{milliseconds:.3g}")))


@register.filter
def percent(thousandths: int) -> str:
    """A share: 3.2 %."""
    return f"{thousandths / 10:.1f} %"


@register.filter
def amount(thousandths: int | None) -> str:
    """Credits or seconds as a field of the filter has them: 7, 2.5; empty where nothing is asked."""
    return "" if thousandths is None else str(decimal_of_thousandths(thousandths))


@register.filter
def counted(value: int | None) -> str:
    """A whole number with its thousands grouped."""
    return "" if value is None else f"{value:,}"


@register.filter
def tenths(value: int | None) -> str:
    """A number of tenths with one decimal: 3.1, 12.0."""
    return "" if value is None else f"{value / 10:,.1f}"
