"""How values look on a page: unknowns, times, durations, credits, status words, ids, links. Formats only."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from lucide.templatetags.lucide import lucide

from auditing.currencies import rounded
from auditing.media import web_parts
from auditing.models import Generation, Run, Statement
from auditing.providers import PROVIDERS
from auditing.records import Flag, Outcome, Status, decimal_of_thousandths, iso_utc
from auditing.tokens import Standing
from auditing.views import addresses
from auditing.views.words import (
    ACCOUNT_LOOKS,
    FLAG_WORDS,
    OUTCOME_LOOKS,
    OUTCOME_NEXT,
    OUTCOME_WORDS,
    RUN_LOOKS,
    STATEMENT_LOOKS,
    STATUS_ICONS,
    TOKEN_LOOKS,
    UNKNOWN_ICON,
)

register = template.Library()

type Icon = Callable[[str, int], SafeString]
"""What draws an icon, by its name and size."""


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


@register.simple_tag
def status(word: str | None, provider_status: str | None = None) -> SafeString:
    """A status as shape, word and colour. None: its first good lookup is still to come."""
    return status_badge(word, provider_status, _icon)


def status_badge(word: str | None, provider_status: str | None, icon: Icon) -> SafeString:
    """The same, its shape drawn by `icon`."""
    if word is None:
        return format_html(
            '<span class="badge" title="no good lookup yet">{}Not yet known</span>', icon(UNKNOWN_ICON, 14)
        )
    known = Status(word)
    said = f"the provider says: {provider_status}" if provider_status not in (None, "", word) else ""
    return format_html(
        '<span class="badge is-{}"{}>{}{}</span>',
        known.value,
        format_html(' title="{}"', said) if said else "",
        icon(STATUS_ICONS[known], 14),
        known.value.capitalize(),
    )


@register.simple_tag
def outcome(word: str | None) -> SafeString:
    """How a lookup went, as shape, word and colour. None: never looked up."""
    return outcome_badge(word, _icon)


def outcome_badge(word: str | None, icon: Icon) -> SafeString:
    """The same, its shape drawn by `icon`."""
    if word is None:
        return format_html('<span class="badge">{}Never looked up</span>', icon(UNKNOWN_ICON, 14))
    known = Outcome(word)
    look, shape = OUTCOME_LOOKS[known]
    shown = "OK" if known is Outcome.OK else known.value.replace("_", " ").capitalize()
    return format_html(
        '<span class="badge is-{}" title="{}">{}{}</span>',
        look,
        OUTCOME_WORDS[known],
        icon(shape, 14),
        shown,
    )


@register.simple_tag
def run_state(word: str) -> SafeString:
    """How a run stands, as shape, word and colour."""
    return badge(word, *RUN_LOOKS[Run.State(word)])


@register.simple_tag
def account_state(word: str) -> SafeString:
    """The one thing to know about an account (`sync_health.AccountHealth.state`)."""
    said, look, shape = ACCOUNT_LOOKS[word]
    return badge(said, look, shape)


@register.simple_tag
def token_state(standing: Standing) -> SafeString:
    """How a personal token stands."""
    return badge(*TOKEN_LOOKS[standing])


@register.simple_tag
def statement_state(word: str) -> SafeString:
    """How a provider's statement stands to ours."""
    return badge(*STATEMENT_LOOKS[word])


def badge(word: str, look: str, shape: str) -> SafeString:
    """A word with its shape and colour."""
    return format_html('<span class="badge is-{}">{}{}</span>', look, _icon(shape, 14), word.capitalize())


@register.filter
def outcome_words(word: str | None) -> str:
    """What a lookup's outcome means, as a sentence."""
    return OUTCOME_WORDS[Outcome(word)] if word else "It has not been looked up yet."


@register.filter
def outcome_next(word: str) -> str:
    """Whether a lookup with this outcome is made again, or rests."""
    return OUTCOME_NEXT[Outcome(word)]


@register.filter
def flag_words(word: str) -> str:
    """What a flag means, as a sentence; a flag that this version doesn't know shows as its word."""
    return FLAG_WORDS[Flag(word)] if word in list(Flag) else word


@register.simple_tag(takes_context=True)
def moment(context: Context, value: datetime | None, form: str = "relative") -> SafeString:
    """A time relative to the page's `now`, with the exact one on hover.

    In the form `exact` it is the other way round; `second` is that without its fraction.
    """
    return moment_at(value, context["now"], form)


def moment_at(value: datetime | None, now: datetime, form: str = "relative") -> SafeString:
    """The same, relative to `now`."""
    if value is None:
        return unknown()
    if form == "second":
        value = value.replace(microsecond=0)
    exact, relative = exact_time(value), relative_time(value, now)
    shown, hover = (relative, exact) if form == "relative" else (exact, relative)
    # Paper shows the hover in place of what is relative (print.css).
    return format_html(
        '<time class="{}" datetime="{}" title="{}">{}</time>', form, iso_utc(value), hover, shown
    )


def exact_time(value: datetime) -> str:
    """The time in the viewer's zone with its offset: 2025-08-14 11:03:07 +02:00; milliseconds when there."""
    try:
        local = timezone.localtime(value)
    except OverflowError:
        local = value.astimezone(UTC)
    digits, length = ("milliseconds", 23) if local.microsecond >= 1000 else ("seconds", 19)
    said = local.isoformat(" ", digits)
    return f"{said[:length]} {said[length : length + 6]}"  # an offset of long ago has seconds, too


def relative_time(value: datetime, now: datetime) -> str:
    """How long ago (or ahead) a time is, in one unit; a date when that is more than 30 days."""
    ahead = value > now + timedelta(seconds=1)  # what was stored while the page was made is past
    distance = abs(now - value)
    if distance >= timedelta(days=30):
        return exact_time(value)[:10]
    if distance < timedelta(seconds=45):
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
    return f"{decimal_of_thousandths(thousandths):,f}"


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


@register.filter
def provider_name(key: str) -> str:
    """A provider's name as people write it."""
    return PROVIDERS[key].name if key in PROVIDERS else key


@register.filter
def address(generation: Generation) -> str:
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
def headline(generation: Generation) -> str:
    """What a record goes by: its title, else the beginning of its prompt, else that it is a job at all."""
    prompt = " ".join((generation.description or "").split())
    return generation.title or Truncator(prompt).chars(80) or f"{provider_name(generation.provider)} job"


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
