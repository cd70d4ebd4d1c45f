"""The values that a column of the filter form offers. Formats only, in Python: they may be hundreds."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from auditing.views.filter_form import Line, Pick

register = template.Library()


@register.simple_tag
def pick_lines(pick: Pick) -> SafeString:
    """A line for each value, with two boxes: wanted, and not wanted."""
    lines = enumerate(pick.lines, start=1)
    return format_html_join("\n", "{}", ((_line(pick.key, number, line),) for number, line in lines))


def _line(key: str, number: int, line: Line) -> SafeString:
    option = line.option
    return format_html(
        '<div class="pick-line"><label class="checkline"{count}>'
        '<input class="live" type="checkbox" name="{key}" value="{value}"{wanted}'
        ' id="filter-{key}-{number}">'
        '<span>{words}</span></label><label class="pick-not" title="Leave these out">'
        '<input class="live" type="checkbox" name="{key}_not" value="{value}" id="filter-{key}-not-{number}"'
        ' aria-label="not {words}"{unwanted}><span aria-hidden="true">not</span></label></div>',
        key=key,
        number=number,
        value=option.value,
        words=option.words,
        count=format_html(' data-count="{}"', line.count) if line.count else "",
        wanted=" checked" if option.selected else "",
        unwanted=" checked" if option.excluded else "",
    )
