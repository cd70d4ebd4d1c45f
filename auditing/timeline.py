"""The picture of a record's life: where its stretches and moments lie, in hundredths of its width.

What is not known is not in it, and times that contradict each other have none. Positions are texts that SVG
takes as lengths; the page says the same numbers in a table.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from auditing.models import Generation
from auditing.records import Status
from auditing.timing import Timing

TO_SCALE = 78.0
"""How much of the width is to scale where later moments lie far beyond the job's own time."""
FAR = 1.5
LEAST = 0.5

FIRST_ROW, ROW = 44, 18


@dataclass(frozen=True, slots=True)
class Stretch:
    """One stretch: `waiting`, `running`, or `undivided` where nobody tells which. `is_open`: it went on when
    the record was last looked up."""

    kind: str
    milliseconds: int
    is_open: bool
    x: str
    width: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One moment, `after` milliseconds from the first. Its words begin, or end (`anchor`), at `x`, in a row
    of their own at `text_y`. `is_beyond` the scale."""

    label: str
    after: int
    x: str
    anchor: str
    text_y: int
    is_beyond: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """All of it; `height` in pixels. The scale ends at `scale_ends`; what lies beyond has a sign of the break
    at `broken_at`, None where all is to scale."""

    stretches: tuple[Stretch, ...]
    marks: tuple[Mark, ...]
    scale_ends: str
    broken_at: str | None
    height: int


def picture_of(generation: Generation, timing: Timing) -> Picture | None:
    """The picture, where at least two moments of the job are known and none contradicts another."""
    stretches = _stretches(generation, timing)
    if timing.backwards or not stretches:
        return None
    begin, end = stretches[0][1], stretches[-1][2]
    own = [(label, at) for label, at in _own(generation, timing) if at is not None]
    later = [(label, at) for label, at in _later(generation, timing) if at is not None and at > end]
    last = max([end, *(at for _, at in later)])
    far = last - begin > FAR * (end - begin)
    scale = _Scale(begin, end if far else last, TO_SCALE if later and far else 100.0)
    marks = [scale.mark(label, at, row) for row, (label, at) in enumerate(own)]
    for number, (label, at) in enumerate(later):
        beyond = TO_SCALE + (100 - TO_SCALE) * (number + 1) / len(later) if far else None
        marks.append(scale.mark(label, at, len(own) + number, beyond))
    return Picture(
        stretches=tuple(scale.stretch(*stretch) for stretch in stretches),
        marks=tuple(marks),
        scale_ends=_percent(scale.width),
        broken_at=_percent(TO_SCALE + 5) if later and far else None,
        height=FIRST_ROW + ROW * len(marks) - 6,
    )


type _Spanned = tuple[str, datetime, datetime, bool]


def _stretches(generation: Generation, timing: Timing) -> list[_Spanned]:
    """What the job did, one after the other: waiting and running where both are told apart."""
    created, started = generation.created_at, generation.processing_started_at
    is_open = _is_open(timing)
    end = generation.lookup.synced_at if is_open else timing.end
    spans: list[tuple[str, datetime | None, datetime | None, bool]]
    if started is None or (not is_open and generation.processing_completed_at is None):
        waits = is_open and generation.status == Status.PENDING
        spans = [("waiting" if waits else "undivided", created or started, end, is_open)]
    else:
        spans = [("waiting", created, started, False), ("running", started, end, is_open)]
    return [
        (kind, first, last, still) for kind, first, last, still in spans if first and last and last > first
    ]


def _is_open(timing: Timing) -> bool:
    return not timing.is_over and timing.end is None


def _own(generation: Generation, timing: Timing) -> list[tuple[str, datetime | None]]:
    """The moments between which the stretches lie."""
    ended = ("completed", timing.end)
    if _is_open(timing):
        ended = ("looked up, not over yet", generation.lookup.synced_at)
    elif generation.processing_completed_at is None:
        ended = ("last changed, the best known end", timing.end)
    return [("created", generation.created_at), ("started", generation.processing_started_at), ended]


def _later(generation: Generation, timing: Timing) -> list[tuple[str, datetime | None]]:
    """What came after the job's own time."""
    if _is_open(timing):
        return []
    return [("last changed", generation.updated_at), ("looked up", generation.lookup.synced_at)]


@dataclass(frozen=True, slots=True)
class _Scale:
    begin: datetime
    end: datetime
    width: float

    def _at(self, moment: datetime) -> float:
        return self.width * ((moment - self.begin) / (self.end - self.begin))

    def stretch(self, kind: str, first: datetime, last: datetime, is_open: bool) -> Stretch:
        x, edge = self._at(first), self._at(last)
        width = max(edge - x, LEAST)
        return Stretch(kind, _milliseconds(last - first), is_open, _percent(x), _percent(width))

    def mark(self, label: str, at: datetime, row: int, beyond: float | None = None) -> Mark:
        x = self._at(at) if beyond is None else beyond
        anchor = "start" if x < 50 else "end"
        return Mark(
            label=label,
            after=_milliseconds(at - self.begin),
            x=_percent(x),
            anchor=anchor,
            text_y=FIRST_ROW + ROW * row,
            is_beyond=beyond is not None,
        )


def _percent(value: float) -> str:
    return f"{value:.2f}%"


def _milliseconds(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)
