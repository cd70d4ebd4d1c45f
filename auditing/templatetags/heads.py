"""The heads of the list's table, and what it can be sorted by. Formats only, in Python: there are dozens."""

from collections.abc import Iterable

from django import template
from django.utils.safestring import SafeString

from auditing.filters import SortOption
from auditing.templatetags.markup import html, joined
from auditing.templatetags.showing import icon
from auditing.views.table import Head, Table

register = template.Library()

ARROWS = {"ascending": "arrow-up", "descending": "arrow-down", None: "arrow-up-down"}
_SORTS = 'href="?{0}" data-hx-get="?{0}" data-hx-target="#results" data-hx-swap="outerHTML"'


@register.simple_tag
def widths(table: Table) -> SafeString:
    """What css/tables.css knows the columns' widths by."""
    return joined(html('<col class="col-{}{}">', head.column.key, _gives_way(head)) for head in table.heads)


@register.simple_tag
def heads(table: Table) -> SafeString:
    """Each column's words, which sort by it where the list can."""
    return joined(map(_head, table.heads))


def _head(head: Head) -> SafeString:
    column, direction = head.column, head.sort.direction if head.sort else None
    return html(
        '<th scope="col" class="head-{}{}{}"{}>{}</th>',
        column.key,
        " number" if column.is_number else "",
        _gives_way(head),
        html(' aria-sort="{}"', direction) if direction else "",
        _sorting(head.sort, head) if head.sort else _words(head),
    )


def _gives_way(head: Head) -> str:
    return " gives-way" if head.gives_way else ""


def _words(head: Head) -> SafeString:
    """A preview needs no word above it for who sees it."""
    form = '<span class="visually-hidden">{}</span>' if head.column.key == "thumbnail" else "{}"
    return html(form, head.column.label)


def _sorting(sort: SortOption, head: Head) -> SafeString:
    return html(
        f'<a class="sort" id="sort-{{1}}" {_SORTS} title="Sort by {{2}}">{{3}}{{4}}</a>',
        sort.url_query,
        head.column.key,
        sort.label.lower(),
        head.column.label,
        icon(ARROWS[sort.direction], 12),
    )


@register.simple_tag
def sort_links(sorts: Iterable[SortOption]) -> SafeString:
    """What the list can be sorted by, whichever columns are shown."""
    return joined(map(_sort_link, sorts))


def _sort_link(sort: SortOption) -> SafeString:
    said = html(
        '{}<span class="visually-hidden"> ({})</span>', icon(ARROWS[sort.direction], 14), sort.direction
    )
    return html(
        f'<a class="pick-link" {_SORTS}{{1}}>{{2}}{{3}}</a>',
        sort.url_query,
        SafeString(' aria-current="true"') if sort.direction else "",
        sort.label,
        said if sort.direction else "",
    )
