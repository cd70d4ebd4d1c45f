"""How values look on a page: icons, unknowns, times, ids, links. Formats only."""

from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from lucide.templatetags.lucide import lucide

from auditing.filters import Shown
from auditing.media import web_parts
from auditing.models import Generation, Statement
from auditing.providers import PROVIDERS
from auditing.records import iso_utc
from auditing.views import addresses

register = template.Library()

SOON, MOMENT, MONTH = timedelta(seconds=1), timedelta(seconds=45), timedelta(days=30)


@cache
def _icon(name: str, size: int) -> SafeString:
    return SafeString(lucide(name, size=size, aria_hidden="true", focusable="false"))  # nosec B703  # the icons' own markup


@register.simple_tag
def icon(name: str, size: int = 16) -> SafeString:
    """A lucide icon, hidden from screen readers: the word stands beside it."""
    return _icon(name, size)


@register.simple_tag
@cache
def unknown(why: str = "not reported") -> SafeString:
    """The mark of what is not known; never a figure."""
    return format_html(
        '<span class="unknown-value" title="{0}"><span aria-hidden="true">—</span>'
        '<span class="visually-hidden">{0}</span></span>',
        why,
    )


@register.filter
def or_unknown(value: object) -> object:
    """The value, or the mark of an unknown where it is None or empty."""
    return unknown() if value is None or value == "" else value


@register.simple_tag(takes_context=True)
def moment(context: Context, value: datetime | None, form: str = "relative") -> SafeString:
    """A time relative to the page's `now`, with the exact one on hover.

    In the form `exact` it is the other way round; `second` is that without its fraction.
    """
    return moment_at(value, context["now"], form)


def moment_at(
    value: datetime | None, now: datetime, form: str = "relative", zone: tzinfo | None = None
) -> SafeString:
    """The same, relative to `now`, in the viewer's zone (None: which that is, is looked up)."""
    if value is None:
        return unknown()
    if form == "second":
        value = value.replace(microsecond=0)
    exact = exact_time(value, zone)
    relative = _distance(value, now) or exact[:10]
    shown, hover = (relative, exact) if form == "relative" else (exact, relative)
    # Paper shows the hover in place of what is relative (print.css). None of it has a sign to be escaped.
    said = f'<time class="{form}" datetime="{iso_utc(value)}" title="{hover}">{shown}</time>'
    return SafeString(said)  # nosec B703  # digits and words of ours


def exact_time(value: datetime, zone: tzinfo | None = None) -> str:
    """The time in the viewer's zone with its offset: 2025-08-14 11:03:07 +02:00; milliseconds when there."""
    try:
        local = value.astimezone(zone or timezone.get_current_timezone())
    except OverflowError:
        local = value.astimezone(UTC)
    digits, length = ("milliseconds", 23) if local.microsecond >= 1000 else ("seconds", 19)
    said = local.isoformat(" ", digits)
    return f"{said[:length]} {said[length : length + 6]}"  # an offset of long ago has seconds, too


def relative_time(value: datetime, now: datetime) -> str:
    """How long ago (or ahead) a time is, in one unit; a date when that is more than 30 days."""
    return _distance(value, now) or exact_time(value)[:10]


def _distance(value: datetime, now: datetime) -> str:
    """The same; empty when that is more than 30 days."""
    ahead = value > now + SOON  # what was stored while the page was made is past
    distance = abs(now - value)
    if distance >= MONTH:
        return ""
    if distance < MOMENT:
        return "in a moment" if ahead else "just now"
    minutes = max(1, round(distance.total_seconds() / 60))
    if minutes < 60:
        amount = f"{minutes} min"
    elif minutes < 48 * 60:
        amount = f"{round(minutes / 60)} h"
    else:
        amount = f"{round(minutes / 1440)} days"
    return f"in {amount}" if ahead else f"{amount} ago"


@register.filter
def provider_name(key: str) -> str:
    """A provider's name as people write it."""
    return PROVIDERS[key].name if key in PROVIDERS else key


@register.filter
def address(generation: Shown) -> str:
    """The address of a record's page, with its team where another team's record could come first."""
    return addresses.of_row(generation)


@register.filter
def view_address(query: str) -> str:
    """The address of the list that a saved view stands for."""
    return addresses.of_view(query)


@register.filter
def team_address(generation: Generation) -> str:
    """The address of just this team's record of an id."""
    return addresses.of_generation(generation.provider, generation.external_id, team=generation.team.slug)


@register.simple_tag
def record_address(statement: Statement, external_id: str) -> str:
    """The address of the record that an id of a provider's statement is."""
    return addresses.of_generation(statement.account.provider, external_id, team=statement.team.slug)


@register.filter
def headline(generation: Shown) -> str:
    """What a record goes by: its title, else the beginning of its prompt, else that it is a job at all."""
    if generation.title:
        return generation.title
    prompt = " ".join((generation.description or "").split())
    return Truncator(prompt).chars(80) or f"{provider_name(generation.provider)} job"


@register.filter
def web_link(url: str | None) -> str:
    """The address when a browser may follow it (http or https with a host), else empty."""
    return (url or "") if web_parts(url) else ""


@register.filter
def shortened(text: str) -> str:
    """Text that is cut where it would fill the page; the payload has all of it."""
    return Truncator(text).chars(300)


@register.filter
def spaced(word: str) -> str:
    """A word of ours as people write it: rate_limited → rate limited."""
    return word.replace("_", " ")


@register.filter
def ago(value: datetime | None, now: datetime) -> str:
    """A time relative to now, as plain text."""
    return "" if value is None else relative_time(value, now)


@register.simple_tag
def copy_button(text: str, what: str) -> SafeString:
    """A button that copies a text; there only with scripts on."""
    return format_html(
        '<button class="copy" type="button" data-copy="{}" title="Copy">'
        '<span class="visually-hidden">Copy {}</span>'
        '<span class="todo">{}</span><span class="done">{}</span></button>',
        text,
        what,
        _icon("copy", 14),
        _icon("check", 14),
    )


@register.inclusion_tag("auditing/_identity.html")
def identity(text: str, link: str = "") -> dict[str, str]:
    """An id in monospace with a copy button, as a link where one is given."""
    return {"text": text, "link": link}
