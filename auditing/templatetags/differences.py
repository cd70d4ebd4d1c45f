"""How differences look on a page, and the records that adjustments tell of. Formats only."""

from django import template

from auditing.records import decimal_of_thousandths
from auditing.reports.adjustments import Told
from auditing.views import addresses

register = template.Library()


@register.filter
def signed(thousandths: int) -> str:
    """A difference of credits, with its sign: +2.5, −7, 0."""
    return f"{_sign(thousandths)}{decimal_of_thousandths(abs(thousandths)):,f}"


@register.filter
def signed_count(value: int) -> str:
    """A difference of whole numbers, with its sign."""
    return f"{_sign(value)}{abs(value):,}"


@register.filter
def record_address(told: Told, team: str) -> str:
    """The address of the record that an adjustment tells of."""
    return addresses.of_generation(told.provider, told.external_id, team=team)


def _sign(value: int) -> str:
    return "+" if value > 0 else "−" if value < 0 else ""
