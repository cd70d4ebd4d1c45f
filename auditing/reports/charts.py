"""Bars and curves over time as numbers of a picture: where each lies, and the table that says the same."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 960, 220
GAP = 0.25
OTHERS = "All others"
MOST_DOTS = 120  # of six pixels each


@dataclass(frozen=True, slots=True)
class Point:
    """A value of one series at one time; without a series it is one of all others together."""

    time: object
    series: str | None
    value: int


@dataclass(frozen=True, slots=True)
class Time:
    """One stretch of time: its key, its words in full and where there is little room, the list's query."""

    key: object
    words: str
    short: str
    query: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a bar: `kind` counts the series from 1; 0 are all others. Pixels of the picture."""

    kind: int
    x: float
    y: float
    width: float
    height: float
    words: str
    value: int


@dataclass(frozen=True, slots=True)
class Bar:
    """One time: its words, the list's query string for its rows, its parts from below; by series its values
    and the query strings for their rows (empty for all others together)."""

    words: str
    short: str
    query: str
    segments: tuple[Segment, ...]
    values: tuple[int, ...]
    queries: tuple[str, ...]
    total: int
    middle: float
    is_labelled: bool

    @property
    def cells(self) -> tuple[tuple[int, str], ...]:
        """Each value with the query string for its rows."""
        return tuple(zip(self.values, self.queries, strict=True))


@dataclass(frozen=True, slots=True)
class Series:
    """One colour of the chart."""

    kind: int
    words: str
    total: int


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the picture, with the value it stands for."""

    y: float
    value: int


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything that is drawn; without bars there is nothing to draw."""

    bars: tuple[Bar, ...]
    series: tuple[Series, ...]
    rules: tuple[Rule, ...]
    width: int = WIDTH
    height: int = HEIGHT


def stacked(points: Sequence[Point], times: Sequence[Time], query_of: Callable[[Time, str], str]) -> Chart:
    """The values of each series at each of these times, the largest series first and all others together
    last; nothing below zero is drawn. `query_of`: the list that shows a series' rows of a time."""
    sums: dict[str | None, int] = defaultdict(int)
    for point in points:
        sums[point.series] += point.value
    large = sorted((name for name in sums if name is not None), key=lambda name: (-sums[name], name))
    series = [Series(place + 1, name, sums[name]) for place, name in enumerate(large)]
    if None in sums:
        series.append(Series(0, OTHERS, sums[None]))
    place_of: dict[str | None, int] = {name: place for place, name in enumerate(large)}
    values: dict[object, list[int]] = {time.key: [0] * len(series) for time in times}
    for point in points:
        values[point.time][place_of.get(point.series, len(series) - 1)] += point.value
    top = _round_up(max((sum(row) for row in values.values()), default=0))
    bars = tuple(
        _bar(place, len(times), time, values[time.key], series, top, query_of)
        for place, time in enumerate(times)
    )
    return Chart(bars, tuple(series), _rules(top))


def _rules(top: int) -> tuple[Rule, ...]:
    return tuple(Rule(HEIGHT - HEIGHT * part / 4, top * part // 4) for part in (1, 2, 3, 4)) if top else ()


def _bar(
    place: int,
    bars: int,
    time: Time,
    values: list[int],
    series: list[Series],
    top: int,
    query_of: Callable[[Time, str], str],
) -> Bar:
    step = WIDTH / bars
    width = min(step * (1 - GAP), 48)
    left, y, segments = place * step + (step - width) / 2, float(HEIGHT), []
    for one, value in zip(series, values, strict=True):
        if value > 0:
            height = HEIGHT * value / top
            y -= height
            segments.append(
                Segment(
                    one.kind, round(left, 1), round(y, 1), round(width, 1), round(height, 1), one.words, value
                )
            )
    every = -(-bars // 8)
    return Bar(
        words=time.words,
        short=time.short,
        query=time.query,
        segments=tuple(segments),
        values=tuple(values),
        queries=tuple(query_of(time, one.words) if one.kind else "" for one in series),
        total=sum(values),
        middle=round(left + width / 2, 1),
        is_labelled=place % every == 0,
    )


def _round_up(value: int) -> int:
    """The next of 1, 2, 4, 6, 8 times a power of ten whole credits, so that quarters are round too."""
    size = 4000
    while size * 10 < value:
        size *= 10
    return (
        next((size * factor for factor in (1, 2, 3, 4, 5, 6, 8, 10) if size * factor >= value), 0)
        if value > 0
        else 0
    )


@dataclass(frozen=True, slots=True)
class Moment:
    """One time of curves: its words in full and where there is little room, the list's query for its rows."""

    words: str
    short: str
    query: str


@dataclass(frozen=True, slots=True)
class Dot:
    """One known value of a curve, and where it lies."""

    x: float
    y: float
    words: str
    value: int


@dataclass(frozen=True, slots=True)
class Curve:
    """One curve: `runs` are its stretches without a gap, as an SVG polyline has them; `dots` its values, or
    where they would overlap only those that are alone between gaps."""

    kind: int
    words: str
    runs: tuple[str, ...]
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table that says the same; `x` is where its label stands, if it has one."""

    moment: Moment
    values: tuple[int | None, ...]
    x: float
    is_labelled: bool


@dataclass(frozen=True, slots=True)
class Curves:
    """Everything that is drawn; `has_any` is False where no value is known."""

    curves: tuple[Curve, ...]
    rows: tuple[Row, ...]
    rules: tuple[Rule, ...]
    has_any: bool
    width: int = WIDTH
    height: int = HEIGHT


def curves(moments: Sequence[Moment], words: Sequence[str], values: Sequence[Sequence[int | None]]) -> Curves:
    """A curve for each word through its values (one for each moment; None is not known, and leaves a gap)."""
    top = _round_up(max((value for row in values for value in row if value is not None), default=0))
    step = WIDTH / max(len(moments), 1)
    places = [round((place + 0.5) * step, 1) for place in range(len(moments))]
    every = -(-len(moments) // 8) or 1
    return Curves(
        curves=tuple(
            _curve(kind, word, moments, places, [row[kind] for row in values], top)
            for kind, word in enumerate(words)
        ),
        rows=tuple(
            Row(moment, tuple(row), x, place % every == 0)
            for place, (moment, row, x) in enumerate(zip(moments, values, places, strict=True))
        ),
        rules=_rules(top),
        has_any=any(value is not None for row in values for value in row),
    )


def _curve(
    kind: int,
    word: str,
    moments: Sequence[Moment],
    places: Sequence[float],
    values: Sequence[int | None],
    top: int,
) -> Curve:
    known: dict[int, tuple[int, float]] = {}
    runs: list[list[int]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            runs.append([])
            continue
        known[place] = value, round(HEIGHT - HEIGHT * value / top, 1) if top else float(HEIGHT)
        runs[-1].append(place)
    lines = (" ".join([f"{places[at]},{known[at][1]}" for at in run]) for run in runs if len(run) > 1)
    is_marked = len(moments) <= MOST_DOTS
    marked = (at for run in runs if is_marked or len(run) == 1 for at in run)
    dots = (Dot(places[at], known[at][1], moments[at].words, known[at][0]) for at in marked)
    return Curve(kind + 1, word, tuple(lines), tuple(dots))
