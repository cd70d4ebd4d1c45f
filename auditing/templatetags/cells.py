"""How a list's cells look: durations with their exact values beside, tags. Formats only."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from auditing.models import Generation
from auditing.records import decimal_of_thousandths
from auditing.templatetags.showing import credits_of, seconds
from auditing.timing import ran, waited

register = template.Library()


@register.filter
def duration(milliseconds: int | None) -> SafeString | str:
    """A duration with the exact seconds on hover."""
    if milliseconds is None:
        return seconds(None)
    exact = f"{decimal_of_thousandths(milliseconds):,f}"
    return format_html('<span title="{} seconds">{}</span>', exact, seconds(milliseconds))


@register.filter
def waiting(generation: Generation) -> SafeString | str:
    """How long the job waited before it ran."""
    return duration(waited(generation))


@register.filter
def processing(generation: Generation) -> SafeString | str:
    """How long the job ran."""
    return duration(ran(generation))


@register.filter
def amount(generation: Generation) -> SafeString | str:
    """The job's credits, with what they rest on on hover."""
    if generation.credits_thousandths is None:
        return credits_of(None)
    figure = credits_of(generation.credits_thousandths)
    return format_html('<span title="{} credits, {}">{}</span>', figure, generation.credits_basis, figure)


@register.filter
def tags(generation: Generation) -> list[str]:
    """The names of a record's tags, A to Z; they were fetched with it."""
    return sorted(tagging.tag.name for tagging in generation.taggings.all())
