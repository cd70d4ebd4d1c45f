"""The values that a column of the filter form offers. Formats only, in Python: they may be hundreds."""

from html import escape

from django import template
from django.utils.safestring import SafeString

from auditing.templatetags.markup import html, joined
from auditing.views.filter_form import Line, Pick

register = template.Library()

_LINE = (
    '<div class="pick-line"><label class="checkline"{count}>'
    '<input class="live" type="checkbox" name="{key}" value="{value}"{wanted} id="filter-{key}-{number}">'
    '<span>{words}</span></label><label class="pick-not" title="Leave these out">'
    '<input class="live" type="checkbox" name="{key}_not" value="{value}" id="filter-{key}-not-{number}"'
    ' aria-label="not {words}"{unwanted}><span aria-hidden="true">not</span></label></div>\n'
)


@register.simple_tag
def pick_lines(pick: Pick) -> SafeString:
    """A line for each value, with two boxes: wanted, and not wanted."""
    return joined(_line(pick.key, number, line) for number, line in enumerate(pick.lines, start=1))


def _line(key: str, number: int, line: Line) -> SafeString:
    option = line.option
    text = _LINE.format(
        key=key,
        number=number,
        value=escape(option.value),
        words=escape(option.words),
        count=html(' data-count="{}"', line.count) if line.count else "",
        wanted=" checked" if option.selected else "",
        unwanted=" checked" if option.excluded else "",
    )
    return SafeString(text)  # nosec B703  # what is no constant of ours is escaped
