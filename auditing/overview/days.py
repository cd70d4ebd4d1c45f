"""The figures that add up by day: jobs, failures against the usual, and credits; out of one question."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt

from auditing.access import Person
from auditing.overview.numbers import Links, Number
from auditing.records import Status
from auditing.reports import Cell, Credits, Dimension, Part, Period, Question, Sums, totals

LONGEST = 90
USUAL = 28
ONE_DAY = timedelta(days=1)
UNDER_WAY = (Status.PENDING, Status.PROCESSING)


@dataclass(frozen=True, slots=True)
class Day:
    """How many generations were created on one day of reports, by how they stand now."""

    day: date
    completed: int
    failed: int
    under_way: int
    unknown: int
    query: str

    @property
    def total(self) -> int:
        """All of the day's generations."""
        return self.completed + self.failed + self.under_way + self.unknown


@dataclass(frozen=True, slots=True)
class Spent:
    """What the jobs of the days `first` to `last` cost, as far as is known; `query` shows the jobs."""

    first: date
    last: date
    jobs: int
    credits: Credits
    query: str

    @property
    def net(self) -> int | None:
        """Credits in thousandths as charged now: 0 where there was no job, None where none has a figure."""
        return self.credits.net if self.jobs else 0


@dataclass(frozen=True, slots=True)
class Month:
    """A month up to a day: all of it, and each of its days."""

    spent: Spent
    days: tuple[Spent, ...]

    @property
    def running(self) -> tuple[int, ...]:
        """What was spent up to each day, of the jobs with a figure, in thousandths."""
        sums, so_far = [], 0
        for day in self.days:
            so_far += day.net or 0
            sums.append(so_far)
        return tuple(sums)


@dataclass(frozen=True, slots=True)
class Failures:
    """Failed jobs of those created today, and of those of the 28 days before; `finished` are completed or
    failed."""

    today: Number
    finished_today: int
    before: Number
    finished_before: int

    @property
    def usual_tenths(self) -> int | None:
        """Of a hundred finished jobs, how many usually fail, in tenths; None where none had finished."""
        return round(self.before.value * 1000 / self.finished_before) if self.finished_before else None

    @property
    def expected_tenths(self) -> int | None:
        """How many of today's finished jobs would have failed as usual, in tenths; None as above."""
        if not self.finished_before:
            return None
        return round(self.finished_today * self.before.value * 10 / self.finished_before)

    @property
    def verdict(self) -> str:
        """`more`, `fewer` or `usual`: whether today is out of what chance gives (two standard deviations, and
        two jobs); empty where nothing finished today, or nothing before."""
        if self.expected_tenths is None or not self.finished_today:
            return ""
        apart = self.today.value - self.expected_tenths / 10
        if abs(apart) < max(2.0, 2 * sqrt(self.expected_tenths / 10)):
            return "usual"
        return "more" if apart > 0 else "fewer"


@dataclass(frozen=True, slots=True)
class Days:
    """The rollups' cells of the last days, as of one moment."""

    cells: Mapping[date, Cell]
    links: Links

    def cell(self, first: date, last: date) -> Cell:
        """What these days add up to."""
        parts: dict[Part, Sums] = {}
        for day, cell in self.cells.items():
            if first <= day <= last:
                for part, sums in cell.parts.items():
                    parts[part] = parts.get(part, Sums()).plus(sums)
        return Cell((), parts)

    def spent(self, first: date, last: date, *statuses: Status) -> Spent:
        """The credits of these days' jobs, of these statuses or all."""
        cell = self.cell(first, last)
        jobs = cell.jobs_of(*statuses) if statuses else cell.jobs
        wanted = self.links.among(first, last, status=statuses, sort="-credits_used")
        return Spent(first, last, jobs, cell.credits(*statuses), wanted.canonical())

    def month(self, first: date, last: date) -> Month:
        """The days of a month up to one of them."""
        return Month(self.spent(first, last), tuple(self.spent(day, day) for day in _each(first, last)))

    def months(self) -> tuple[Month, Month]:
        """This month up to today, and the one before up to the same day (at most to its end)."""
        today = self.links.today
        first = today.replace(day=1)
        end_before = first - ONE_DAY
        last_before = end_before.replace(day=min(today.day, end_before.day))
        return self.month(first, today), self.month(end_before.replace(day=1), last_before)

    def failures(self) -> Failures:
        """Today against the days before."""
        today = self.links.today
        before = (today - USUAL * ONE_DAY, today - ONE_DAY)
        now, usual = self.cell(today, today), self.cell(*before)
        return Failures(
            today=Number(now.jobs_of(Status.FAILED), self._failed(today, today)),
            finished_today=now.jobs_of(Status.COMPLETED, Status.FAILED),
            before=Number(usual.jobs_of(Status.FAILED), self._failed(*before)),
            finished_before=usual.jobs_of(Status.COMPLETED, Status.FAILED),
        )

    def _failed(self, first: date, last: date) -> str:
        return self.links.among(first, last, status=(Status.FAILED,)).canonical()

    def latest(self, number: int) -> tuple[Day, ...]:
        """So many days up to today, those without generations too."""
        today = self.links.today
        return tuple(self._day(day) for day in _each(today - (number - 1) * ONE_DAY, today))

    def _day(self, day: date) -> Day:
        cell = self.cell(day, day)
        return Day(
            day=day,
            completed=cell.jobs_of(Status.COMPLETED),
            failed=cell.jobs_of(Status.FAILED),
            under_way=cell.jobs_of(*UNDER_WAY),
            unknown=cell.jobs_of(Status.UNKNOWN, None),
            query=self.links.among(day, day).canonical(),
        )


def days_of(person: Person, links: Links) -> Days:
    """The last 90 days of what this person may see, in one statement."""
    period = Period(links.today - (LONGEST - 1) * ONE_DAY, links.today)
    found = totals(person, Question(period, (Dimension.DAY,)))
    return Days({day: cell for cell in found if isinstance(day := cell.key[0], date)}, links)


def _each(first: date, last: date) -> list[date]:
    return [first + ahead * ONE_DAY for ahead in range((last - first).days + 1)]
