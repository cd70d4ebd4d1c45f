"""The rows of reports' tables, charts and maps, each figure with the list that shows its rows. Formats only.

In Python and not in templates: a page has thousands of them (see `cells`).
"""

from collections.abc import Sequence

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString

from auditing.reports import CreditReport, Line, Times, TimingReport
from auditing.reports.charts import Bar, Chart, Curve, Curves, Row
from auditing.reports.hours import HeatMap
from auditing.templatetags.amounts import about_seconds, counted, credits_of, money, percent
from auditing.templatetags.markup import Html, html, joined
from auditing.templatetags.showing import unknown

register = template.Library()

LINK = '<a href="{}?{}">{}</a>'
NUMBER = '<td class="number">{}</td>'
PART = '<td class="number part">{}</td>'
LINKED = f'<td class="number">{LINK}</td>'
NONE = html(NUMBER, "none")
SHARE = (
    '<svg class="bar" viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true">'
    '<rect class="series-1" x="0" y="0" width="{}" height="8"></rect></svg>'
)


@register.simple_tag
def credit_lines(report: CreditReport) -> SafeString:
    """The rows of the credit report's table."""
    address = reverse("generation_list")
    return joined(_row(line, address, _credit_cells(line, report, address)) for line in report.lines)


def _row(line: Line | Times, address: str, cells: SafeString) -> SafeString:
    return html(
        '<tr><th scope="row">{}</th>{}{}</tr>',
        html(LINK, address, line.query, line.names[0]),
        joined(html("<td>{}</td>", name) for name in line.names[1:]),
        cells,
    )


@register.simple_tag
def credit_cells(report: CreditReport, line: Line) -> SafeString:
    """The figures of one of its lines, as cells."""
    return _credit_cells(line, report, reverse("generation_list"))


def _credit_cells(line: Line, report: CreditReport, address: str) -> SafeString:
    every, completed, failed = line.credits, line.completed, line.failed
    of_completed, of_failed = credits_of(completed.net), credits_of(failed.net)
    query = html("{}", line.query)
    net = html(LINK, address, query, credits_of(every.net))
    cells = [
        html(LINKED, address, query, counted(line.jobs)),
        html(LINKED, address, query, credits_of(every.gross)),
        html(LINKED, address, line.refunded_query, credits_of(every.refunded))
        if every.refunded
        else html(NUMBER, credits_of(every.refunded)),
        html('<td class="number"><strong>{}</strong></td>', net),
        *_money_cells(line, report),
        html('<td class="share">{}</td>', html(SHARE, line.share) if line.share else ""),
        html(LINKED, address, line.unknown_query, counted(every.unknown)) if every.unknown else NONE,
        html(LINKED, address, line.completed_query, of_completed)
        if line.completed_jobs
        else html(NUMBER, of_completed),
        html(LINKED, address, line.failed_query, of_failed) if line.failed_jobs else html(NUMBER, of_failed),
        html(NUMBER, credits_of(line.per_video)),
        html(NUMBER, credits_of(line.per_second)),
    ]
    return joined(cells)


def _money_cells(line: Line, report: CreditReport) -> list[SafeString]:
    """What the line cost in each currency, and how many of its jobs have no price; none without any price."""
    if not report.has_prices:
        return []
    nothing = unknown("nothing was paid in this currency")
    cells = [html(NUMBER, money(one.net, one.currency) if one else nothing) for one in line.money]
    return [*cells, html(NUMBER, counted(line.unpriced_jobs)) if line.unpriced_jobs else NONE]


@register.simple_tag
def timing_lines(report: TimingReport) -> SafeString:
    """The rows of the timing report's table."""
    address = reverse("generation_list")
    return joined(_row(line, address, _timing_cells(line, address)) for line in report.lines)


@register.simple_tag
def timing_cells(line: Times) -> SafeString:
    """The figures of one of its lines, as cells."""
    return _timing_cells(line, reverse("generation_list"))


def _timing_cells(line: Times, address: str) -> SafeString:
    times, share = line.timings, line.failed_share
    return joined(
        (
            html(NUMBER, counted(times.jobs)),
            html(NUMBER, unknown("no job is finished") if share is None else percent(share)),
            *_percentile_cells(line.waiting, times.waiting_unknown),
            *_percentile_cells(line.running, times.running_unknown),
            html(
                PART,
                html(LINK, address, line.impossible_query, counted(times.impossible))
                if times.impossible
                else "none",
            ),
        )
    )


def _percentile_cells(values: Sequence[int | None], not_known: int) -> list[SafeString]:
    first, *others = values
    cells = [html(PART, about_seconds(first)), *(html(NUMBER, about_seconds(value)) for value in others)]
    return [*cells, html(NUMBER, counted(not_known)) if not_known else NONE]


@register.simple_tag
def stacked_bars(chart: Chart) -> SafeString:
    """The bars of a chart of credits, as SVG."""
    return joined(html("<g>{}{}</g>", joined(_segments(bar)), _label(bar, chart)) for bar in chart.bars)


def _segments(bar: Bar) -> list[SafeString]:
    form = (
        '<rect class="series-{}" x="{}" y="{}" width="{}" height="{}">'
        "<title>{}, {}: {} credits</title></rect>"
    )
    return [
        html(form, one.kind, one.x, one.y, one.width, one.height, bar.words, one.words, credits_of(one.value))
        for one in bar.segments
    ]


def _label(bar: Bar, chart: Chart) -> Html:
    form = '<text class="scale" x="{}" y="{}" text-anchor="middle">{}</text>'
    return html(form, bar.middle, chart.height + 20, bar.short) if bar.is_labelled else ""


@register.simple_tag
def bar_rows(chart: Chart) -> SafeString:
    """The same numbers as rows of a table: of each series and, of several, of all."""
    address, has_sum = reverse("generation_list"), len(chart.series) > 1
    return joined(
        html(
            '<tr><th scope="row">{}</th>{}{}</tr>',
            html(LINK, address, bar.query, bar.words),
            joined(
                html(LINKED, address, query, credits_of(value))
                if query and value
                else html(NUMBER, credits_of(value))
                for value, query in bar.cells
            ),
            html(NUMBER, credits_of(bar.total)) if has_sum else "",
        )
        for bar in chart.bars
    )


@register.simple_tag
def curve_dots(curve: Curve) -> SafeString:
    """The known values of a curve, as SVG."""
    form = '<circle cx="{}" cy="{}" r="3"><title>{}, {}: {}</title></circle>'
    return joined(
        html(form, dot.x, dot.y, dot.words, curve.words, about_seconds(dot.value)) for dot in curve.dots
    )


@register.simple_tag
def curve_rows(curves: Curves) -> SafeString:
    """The same numbers as rows of a table."""
    address = reverse("generation_list")
    return joined(_curve_row(row, address) for row in curves.rows)


def _curve_row(row: Row, address: str) -> SafeString:
    return html(
        '<tr><th scope="row">{}</th>{}</tr>',
        html(LINK, address, row.moment.query, row.moment.words),
        joined(html(NUMBER, about_seconds(value)) for value in row.values),
    )


@register.simple_tag
def heat_rows(heat: HeatMap) -> SafeString:
    """The week's days as rows of a table, each hour shaded by its step."""
    return joined(
        html(
            '<tr><th scope="row"><abbr title="{}">{}</abbr></th>{}<td class="sum">{}</td></tr>',
            day.name,
            day.name[:3],
            joined(html('<td class="heat-{}">{}</td>', one.step, counted(one.jobs)) for one in day.hours),
            counted(day.jobs),
        )
        for day in heat.weekdays
    )
