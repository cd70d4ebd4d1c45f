"""The rows of reports' tables, charts and maps, each figure with the list that shows its rows. Formats only.

In Python and not in templates: a page has thousands of them (see `cells`). A cell is HTML as a plain string:
figures are words of our own, and whatever else there is has gone through `text`, or is a safe string.
"""

from collections.abc import Iterable, Iterator, Sequence

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString

from auditing.reports import CreditReport, Line, Times, TimingReport
from auditing.reports.charts import Bar, Chart, Curve, Curves, Row
from auditing.reports.hours import HeatMap
from auditing.templatetags.amounts import about_seconds, counted, credits_of, money, percent
from auditing.templatetags.markup import text
from auditing.templatetags.showing import unknown

register = template.Library()

NONE = '<td class="number">none</td>'
SHARE = (
    '<svg class="bar" viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true">'
    '<rect class="series-1" x="0" y="0" width="{}" height="8"></rect></svg>'
)


def _number(figure: str) -> str:
    return f'<td class="number">{figure}</td>'


def _link(address: str, query: str) -> str:
    """How a link to the list of this query string begins: several figures of a line may lead there."""
    return f'<a href="{address}?{text(query)}">'


def _linked(address: str, query: str, figure: str) -> str:
    """A figure that leads to the list of this query string."""
    return _number(f"{_link(address, query)}{figure}</a>")


def _written(parts: Iterable[str]) -> SafeString:
    return SafeString("".join(parts))  # nosec B703  # each of them is HTML


@register.simple_tag
def credit_lines(report: CreditReport) -> SafeString:
    """The rows of the credit report's table."""
    address = reverse("generation_list")
    return _written(_credit_row(line, report, address) for line in report.lines)


def _credit_row(line: Line, report: CreditReport, address: str) -> str:
    link = _link(address, line.query)
    return _row(line.names, link, _credit_cells(line, report, address, link))


def _row(names: Sequence[str], link: str, cells: Iterable[str]) -> str:
    first, *others = map(text, names)
    named = "".join([f"<td>{name}</td>" for name in others])
    return f'<tr><th scope="row">{link}{first}</a></th>{named}{"".join(cells)}</tr>'


@register.simple_tag
def credit_cells(report: CreditReport, line: Line) -> SafeString:
    """The figures of one of its lines, as cells."""
    address = reverse("generation_list")
    return _written(_credit_cells(line, report, address, _link(address, line.query)))


def _credit_cells(line: Line, report: CreditReport, address: str, link: str) -> Iterator[str]:
    """`link`: how one begins to the list of all the line's jobs."""
    every = line.credits
    refunded = credits_of(every.refunded)
    yield _number(f"{link}{counted(line.jobs)}</a>")
    yield _number(f"{link}{credits_of(every.gross)}</a>")
    yield _linked(address, line.refunded_query, refunded) if every.refunded else _number(refunded)
    yield _number(f"<strong>{link}{credits_of(every.net)}</a></strong>")
    yield from _money_cells(line, report)
    yield f'<td class="share">{SHARE.format(line.share) if line.share else ""}</td>'
    yield _linked(address, line.unknown_query, counted(every.unknown)) if every.unknown else NONE
    yield from _outcome_cells(line, address)
    yield _number(credits_of(line.per_video))
    yield _number(credits_of(line.per_second))


def _outcome_cells(line: Line, address: str) -> Iterator[str]:
    """What completed jobs cost, and failed ones."""
    completed, failed = credits_of(line.completed.net), credits_of(line.failed.net)
    yield _linked(address, line.completed_query, completed) if line.completed_jobs else _number(completed)
    yield _linked(address, line.failed_query, failed) if line.failed_jobs else _number(failed)


def _money_cells(line: Line, report: CreditReport) -> Iterator[str]:
    """What the line cost in each currency, and how many of its jobs have no price; none without any price."""
    if not report.has_prices:
        return
    nothing = unknown("nothing was paid in this currency")
    yield from (_number(text(money(one.net, one.currency)) if one else nothing) for one in line.money)
    yield _number(counted(line.unpriced_jobs)) if line.unpriced_jobs else NONE


@register.simple_tag
def timing_lines(report: TimingReport) -> SafeString:
    """The rows of the timing report's table."""
    address = reverse("generation_list")
    return _written(
        _row(line.names, _link(address, line.query), _timing_cells(line, address)) for line in report.lines
    )


@register.simple_tag
def timing_cells(line: Times) -> SafeString:
    """The figures of one of its lines, as cells."""
    return _written(_timing_cells(line, reverse("generation_list")))


def _timing_cells(line: Times, address: str) -> Iterator[str]:
    times, share = line.timings, line.failed_share
    yield _number(counted(times.jobs))
    yield _number(unknown("no job is finished") if share is None else percent(share))
    yield from _percentile_cells(line.waiting, times.waiting_unknown)
    yield from _percentile_cells(line.running, times.running_unknown)
    impossible = "none"
    if times.impossible:
        impossible = f"{_link(address, line.impossible_query)}{counted(times.impossible)}</a>"
    yield _part(impossible)


def _part(figure: str) -> str:
    """A figure with which another part of the line begins."""
    return f'<td class="number part">{figure}</td>'


def _percentile_cells(values: Sequence[int | None], not_known: int) -> Iterator[str]:
    first, *others = map(about_seconds, values)
    yield _part(first)
    yield from map(_number, others)
    yield _number(counted(not_known)) if not_known else NONE


@register.simple_tag
def stacked_bars(chart: Chart) -> SafeString:
    """The bars of a chart of credits, as SVG."""
    return _written(f"<g>{''.join(_segments(bar))}{_label(bar, chart)}</g>" for bar in chart.bars)


def _segments(bar: Bar) -> Iterator[str]:
    when = text(bar.words)
    for one in bar.segments:
        place = f'x="{one.x}" y="{one.y}" width="{one.width}" height="{one.height}"'
        title = f"<title>{when}, {text(one.words)}: {credits_of(one.value)} credits</title>"
        yield f'<rect class="series-{one.kind}" {place}>{title}</rect>'


def _label(bar: Bar, chart: Chart) -> str:
    if not bar.is_labelled:
        return ""
    place = f'x="{bar.middle}" y="{chart.height + 20}" text-anchor="middle"'
    return f'<text class="scale" {place}>{text(bar.short)}</text>'


@register.simple_tag
def bar_rows(chart: Chart) -> SafeString:
    """The same numbers as rows of a table: of each series and, of several, of all."""
    address, has_sum = reverse("generation_list"), len(chart.series) > 1
    return _written(_bar_row(bar, address, has_sum=has_sum) for bar in chart.bars)


def _bar_row(bar: Bar, address: str, *, has_sum: bool) -> str:
    head = f'<th scope="row"><a href="{address}?{text(bar.query)}">{text(bar.words)}</a></th>'
    cells = "".join(
        _linked(address, query, credits_of(value)) if query and value else _number(credits_of(value))
        for value, query in bar.cells
    )
    return f"<tr>{head}{cells}{_number(credits_of(bar.total)) if has_sum else ''}</tr>"


@register.simple_tag
def curve_dots(curve: Curve) -> SafeString:
    """The known values of a curve that are marked, as SVG."""
    name = text(curve.words)
    return _written(
        f'<circle cx="{dot.x}" cy="{dot.y}" r="3">'
        f"<title>{text(dot.words)}, {name}: {about_seconds(dot.value)}</title></circle>"
        for dot in curve.dots
    )


@register.simple_tag
def curve_labels(curves: Curves) -> SafeString:
    """The times that are said below the curves, as SVG."""
    return _written(
        f'<text class="scale" x="{row.x}" y="{curves.height + 20}" text-anchor="middle">'
        f"{text(row.moment.short)}</text>"
        for row in curves.rows
        if row.is_labelled
    )


@register.simple_tag
def curve_rows(curves: Curves) -> SafeString:
    """The same numbers as rows of a table."""
    address = reverse("generation_list")
    return _written(_curve_row(row, address) for row in curves.rows)


def _curve_row(row: Row, address: str) -> str:
    moment = row.moment
    head = f'<th scope="row"><a href="{address}?{text(moment.query)}">{text(moment.words)}</a></th>'
    return f"<tr>{head}{''.join(_number(about_seconds(value)) for value in row.values)}</tr>"


@register.simple_tag
def heat_rows(heat: HeatMap) -> SafeString:
    """The week's days as rows of a table, each hour shaded by its step."""
    return _written(
        f'<tr><th scope="row"><abbr title="{day.name}">{day.name[:3]}</abbr></th>'
        f"{''.join([f'<td class="heat-{one.step}">{counted(one.jobs)}</td>' for one in day.hours])}"
        f'<td class="sum">{counted(day.jobs)}</td></tr>'
        for day in heat.weekdays
    )
