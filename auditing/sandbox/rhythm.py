"""When people ask for videos: in office hours, more on some days than on others, hardly on weekends."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from random import Random

DAYS = 120
SETTLED = timedelta(hours=1)  # ordinary jobs are all older than this: they have ended
INCIDENT_DAYS_AGO = 38

_WEEKDAYS = (1.0, 1.15, 1.2, 1.1, 0.8, 0.12, 0.06)  # Monday to Sunday
_HOURS = (0.2, 0.1, 0, 0, 0, 0, 0.2, 1, 4, 9, 12, 11, 5, 8, 12, 12, 10, 7, 4, 2, 1.5, 1.5, 1, 0.5)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A team's own calendar: local days with the weight of each."""

    now: datetime
    zone: timezone
    days: tuple[datetime, ...]
    weights: tuple[float, ...]

    def moments(self, chance: Random, count: int) -> list[datetime]:
        """So many moments of work, in order, none in the last hour before `now`."""
        found: list[datetime] = []
        earliest, latest = self.now - timedelta(days=DAYS), self.now - SETTLED
        while len(found) < count:
            day = chance.choices(self.days, self.weights)[0]
            hour = chance.choices(range(24), _HOURS)[0]
            milliseconds = chance.randrange(3_600_000)
            moment = (day + timedelta(hours=hour, milliseconds=milliseconds)).astimezone(UTC)
            if earliest <= moment <= latest:
                found.append(moment)
        return sorted(found)


def rhythm(chance: Random, now: datetime, utc_offset_hours: int) -> Rhythm:
    """A calendar of the days before `now`: weekly rhythm, slow growth, and busy and idle spells."""
    zone = timezone(timedelta(hours=utc_offset_hours))
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    days = tuple(today - timedelta(days=ago) for ago in range(DAYS, -1, -1))
    weights = tuple(
        _WEEKDAYS[day.weekday()] * (0.7 + 0.5 * index / DAYS) * chance.lognormvariate(0, 0.35)
        for index, day in enumerate(days)
    )
    return Rhythm(now, zone, days, weights)


def in_incident(moment: datetime, now: datetime) -> bool:
    """Whether that was during the providers' bad day: a weekday on which much failed and queues were long."""
    day = (now - timedelta(days=INCIDENT_DAYS_AGO)).date()
    while day.weekday() >= 5:
        day -= timedelta(days=1)
    return moment.date() == day
