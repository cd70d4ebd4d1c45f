"""The rows of the list's table: a cell for each column of `auditing/columns.py`, by its key. Formats only.

In Python and not in templates: a page has hundreds of cells, and to look up, include and filter for each of
them what it shows took most of the time that a page takes. A cell is HTML as a plain string, written out as
such: what is no word of ours has gone through `text`, or is a safe string.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cache, lru_cache

from django import template
from django.conf import settings
from django.template import Context
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from lucide.templatetags.lucide import lucide

from auditing.filters import Row, Shown
from auditing.media import may_be_shown
from auditing.records import decimal_of_thousandths
from auditing.templatetags.amounts import credits_of, seconds
from auditing.templatetags.markup import html, text
from auditing.templatetags.showing import (
    headline,
    moment_at,
    or_unknown,
    provider_name,
    shortened,
    spaced,
    unknown,
)
from auditing.templatetags.states import flag_words, outcome_badge, status_badge
from auditing.timing import between
from auditing.views import addresses
from auditing.views.table import Head
from auditing.views.words import OUTCOME_LOOKS, STATUS_ICONS, UNKNOWN_ICON

register = template.Library()

ICONS = frozenset(
    (
        *("film", "copy", "check", "flag", UNKNOWN_ICON),
        *STATUS_ICONS.values(),
        *(shape for _, shape in OUTCOME_LOOKS.values()),
    )
)
NONE = format_html('<span class="muted">{}</span>', "none")
NEVER = format_html('<span class="muted">{}</span>', "never")
UNASSIGNED = format_html('<span class="muted">{}</span>', "Unassigned")
DOCUMENTED = format_html(
    '<span class="basis second" title="{}">documented</span>',
    "From the provider\N{RIGHT SINGLE QUOTATION MARK}s documentation; its answers do not say",
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a row is seen with: the page's moment, the viewer's zone, and what gives the addresses of rows in
    this list."""

    now: datetime
    zone: tzinfo
    address: Callable[[Shown], str]

    def moment(self, value: datetime | None) -> SafeString:
        """A time as the page shows it."""
        return moment_at(value, self.now, zone=self.zone)


type Cell = Callable[[Row, Seen], str]


@register.simple_tag
@cache
def drawings() -> SafeString:
    """The icons of all rows, once a page: what stands in a row points to them."""
    icons = (
        (lucide(name, size=None, id=f"icon-{name}", width="100%", height="100%"),) for name in sorted(ICONS)
    )
    return format_html("<div hidden>{}</div>", format_html_join("", "{}", icons))


@cache
def drawn(name: str, size: int) -> SafeString:
    """An icon out of `drawings`."""
    return format_html(
        '<svg width="{0}" height="{0}" aria-hidden="true"><use href="#icon-{1}"/></svg>', size, name
    )


@register.simple_tag(takes_context=True)
def rows(context: Context, generations: Iterable[Row]) -> SafeString:
    """The table's rows for these generations; with the page's `is_oob`, to replace those that are there."""
    address = addresses.of_rows(context["filter"].canonical())
    seen = Seen(context["now"], timezone.get_current_timezone(), address)
    heads = context["table"].heads
    cells = [(_beginning(head), CELLS[head.column.key]) for head in heads]
    oob = ' data-hx-swap-oob="true"' if context.get("is_oob") else ""
    lines = [
        f"{_row_begins(row, oob)}{''.join([begins + cell(row, seen) for begins, cell in cells])}</td></tr>"
        for row in generations
    ]
    return SafeString("".join(lines))  # nosec B703  # of cells, which are HTML


def _row_begins(row: Row, oob: str) -> str:
    """A row's number and id, and the box that chooses it."""
    return (
        f'<tr class="row" id="generation-{row.pk}" data-row{oob}><td class="cell-select"><label>'
        f'<input type="checkbox" name="row" value="{row.pk}" form="selection"'
        f' aria-label="Select {text(row.external_id)}"></label>'
    )


def _beginning(head: Head) -> str:
    """Where a cell begins and the one before it ends; its words are the program's own."""
    column = head.column
    return (
        f'</td><td class="cell-{column.key}{" number" if column.is_number else ""}'
        f'{" gives-way" if head.gives_way else ""}" data-label="{column.label}">'
    )


def _line(words: object, hover: str = "") -> str:
    """A line of a cell, cut at its end; whole on hover where `hover` says what it is."""
    title = f' title="{text(hover)}"' if hover else ""
    return f'<span class="cell-line"{title}>{text(words)}</span>'


def _second(words: object) -> str:
    """The line below it."""
    return f'<span class="cell-line second">{text(words)}</span>'


def _cut(said: str | None, otherwise: SafeString) -> str:
    words = shortened(said or "")
    return _line(words or otherwise, words)


@lru_cache(maxsize=1000)
def _duration(milliseconds: int | None) -> SafeString:
    """A duration with the exact seconds on hover."""
    if milliseconds is None:
        return unknown()
    exact = f"{decimal_of_thousandths(milliseconds):,f}"
    return html('<span title="{} seconds">{}</span>', exact, seconds(milliseconds))


def _thumbnail(row: Row, _seen: Seen) -> str:
    if not may_be_shown(row.thumbnail_url, settings.MEDIA_SOURCES):
        return f'<span class="thumb">{drawn("film", 16)}</span>'
    return (
        f'<span class="thumb"><img src="{text(row.thumbnail_url)}" alt="" width="72" height="40"'
        ' loading="lazy" decoding="async" referrerpolicy="no-referrer"></span>'
    )


def _title(row: Row, seen: Seen) -> str:
    title, name = text(headline(row)), text(row.external_id)
    return (
        f'<a class="row-title" href="{text(seen.address(row))}" data-opens-panel title="{title}">{title}</a>'
        f'<span class="id"><span title="{name}">{name}</span>'
        f'<button class="copy" type="button" data-copy="{name}" title="Copy" aria-label="Copy {name}">'
        f"{drawn('copy', 14)}{drawn('check', 14)}</button></span>"
    )


def _status(row: Row, _seen: Seen) -> str:
    outcome = row.lookup.outcome
    flagged = _flagged(row.flags) if row.flags else ""
    said = _second(f"lookup {spaced(outcome)}") if outcome and outcome != "ok" else ""
    return f"{status_badge(row.status, row.provider_status, drawn)}{flagged}{said}"


def _flagged(flags: Iterable[str]) -> SafeString:
    return html(
        ' <span class="flagged" title="{}">{}<span class="visually-hidden">flagged</span></span>',
        " ".join(flag_words(flag) for flag in flags),
        drawn("flag", 12),
    )


def _owner(row: Row, _seen: Seen) -> str:
    first = _line(row.owner, row.owner.username) if row.owner else _line(UNASSIGNED)
    return first + _second(row.team.name)


def _made(row: Row, _seen: Seen) -> str:
    words = _made_as(row.duration_milliseconds, row.resolution, row.mode)
    return _line(words) + _second(f"{provider_name(row.provider)} · {row.account.label}")


@lru_cache(maxsize=1000)
def _made_as(milliseconds: int | None, resolution: str | None, mode: str | None) -> SafeString:
    """What a job was to make, as far as it is known."""
    if milliseconds is None and not resolution and not mode:
        return unknown()
    return html("{} · {} · {}", _duration(milliseconds), or_unknown(resolution), or_unknown(mode))


@lru_cache(maxsize=1000)
def _credits(thousandths: int | None, basis: str | None) -> SafeString:
    """What they rest on is said on hover, and below where the provider's answers do not say it."""
    if thousandths is None:
        return unknown()
    figure = credits_of(thousandths)
    said = html('<span title="{} credits, {}">{}</span>', figure, basis, figure)
    return said + DOCUMENTED if basis == "documented" else said


def _tags(row: Row, _seen: Seen) -> str:
    """The names of a record's tags."""
    badges = ((name, name) for name in row.tags)
    return _line(
        format_html_join(" ", '<span class="badge badge-plain" title="{}">{}</span>', badges) or NONE
    )


CELLS: Mapping[str, Cell] = {
    "thumbnail": _thumbnail,
    "title": _title,
    "status": _status,
    "owner": _owner,
    "made": _made,
    "credits": lambda row, _seen: _credits(row.credits_thousandths, row.credits_basis),
    "created": lambda row, seen: seen.moment(row.created_at),
    "looked_up": lambda row, seen: seen.moment(row.lookup.looked_up_at) if row.lookup.looked_up_at else NEVER,
    "team": lambda row, _seen: _line(row.team.name, row.team.slug),
    "account": lambda row, _seen: _line(row.account.label, row.account.label),
    "project": lambda row, _seen: _line(row.project.name, row.project.name) if row.project else _line(NONE),
    "provider": lambda row, _seen: _line(provider_name(row.provider)),
    "mode": lambda row, _seen: _line(or_unknown(row.mode)),
    "resolution": lambda row, _seen: _line(or_unknown(row.resolution)),
    "duration": lambda row, _seen: _duration(row.duration_milliseconds),
    "prompt": lambda row, _seen: _cut(row.description, unknown()),
    "message": lambda row, _seen: _cut(row.message, NONE),
    "error": lambda row, _seen: _cut(row.error, NONE),
    "waiting": lambda row, _seen: _duration(between(row.created_at, row.processing_started_at)),
    "processing": lambda row, _seen: _duration(
        between(row.processing_started_at, row.processing_completed_at)
    ),
    "updated": lambda row, seen: seen.moment(row.updated_at),
    "started": lambda row, seen: seen.moment(row.processing_started_at),
    "completed": lambda row, seen: seen.moment(row.processing_completed_at),
    "registered": lambda row, seen: seen.moment(row.registered_at),
    "outcome": lambda row, _seen: outcome_badge(row.lookup.outcome, drawn),
    "synced": lambda row, seen: seen.moment(row.lookup.synced_at) if row.lookup.synced_at else NEVER,
    "tags": _tags,
}
