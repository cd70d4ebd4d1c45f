"""Stacked bars over time as numbers of a picture: where each bar lies, and the table that says the same."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 960, 220
GAP = 0.25
OTHERS = "All others"


@dataclass(frozen=True, slots=True)
class Point:
    """A value of one series at one time."""

    time: object
    series: str
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
    """One time: its words, the list's query string for its rows, its parts from below, values by series."""

    words: str
    short: str
    query: str
    segments: tuple[Segment, ...]
    values: tuple[int, ...]
    total: int
    middle: float
    is_labelled: bool


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


def stacked(points: Sequence[Point], times: Sequence[Time], most_series: int) -> Chart:
    """The values of each series at each of these times, the largest series apart and all
    others together; nothing below zero is drawn."""
    sums: dict[str, int] = defaultdict(int)
    for point in points:
        sums[point.series] += point.value
    ranked = sorted(sums, key=lambda name: (-sums[name], name))
    large = ranked if len(ranked) <= most_series + 1 else ranked[:most_series]
    series = [Series(place + 1, name, sums[name]) for place, name in enumerate(large)]
    if len(large) < len(ranked):
        series.append(Series(0, OTHERS, sum(sums[name] for name in ranked[len(large) :])))
    place_of = {name: place for place, name in enumerate(large)}
    values: dict[object, list[int]] = {time.key: [0] * len(series) for time in times}
    for point in points:
        values[point.time][place_of.get(point.series, len(series) - 1)] += point.value
    top = _round_up(max((sum(row) for row in values.values()), default=0))
    bars = tuple(
        _bar(place, len(times), time, values[time.key], series, top) for place, time in enumerate(times)
    )
    rules = tuple(Rule(HEIGHT - HEIGHT * part / 4, top * part // 4) for part in (1, 2, 3, 4)) if top else ()
    return Chart(bars, tuple(series), rules)


def _bar(place: int, bars: int, time: Time, values: list[int], series: list[Series], top: int) -> Bar:
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
