"""Where in the trail a page begins: a moment and an entry, as an address has them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from auditing.filters.reading import Unacceptable, shown
from auditing.models import TrailEntry

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MOST_MICROSECONDS = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
_BIGINT = 2**63


@dataclass(frozen=True, slots=True)
class Place:
    """Between two entries of the trail: just before or after this one."""

    microseconds: int
    id: int

    def __str__(self) -> str:
        return f"{self.microseconds}-{self.id}"

    @property
    def moment(self) -> datetime:
        """When the entry is dated."""
        return _EPOCH + self.microseconds * _MICROSECOND


def place_of(entry: TrailEntry) -> Place:
    """Where this entry stands."""
    return Place((entry.acted_at - _EPOCH) // _MICROSECOND, entry.pk)


def parse_place(text: str) -> Place:
    """The reverse of `str`; raises Unacceptable for everything else."""
    moment, _, number = text.partition("-")
    if not (moment.isascii() and moment.isdecimal() and number.isascii() and number.isdecimal()):
        raise Unacceptable(f"{shown(text)} is no place in the trail; it starts at its newest entry")
    if len(text) > 40 or int(moment) > _MOST_MICROSECONDS or int(number) >= _BIGINT:
        raise Unacceptable(f"{shown(text)} is no place in the trail; it starts at its newest entry")
    return Place(int(moment), int(number))
