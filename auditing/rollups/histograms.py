"""Histograms of times as the database keeps them: one number, twelve decimal digits a bucket.

So `+` adds two histograms and `sum()` any number of them. A bucket's ends are at most 4 % apart, and what
stands for it is within 2 % of whatever fell into it.
"""

import sys
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import accumulate
from struct import Struct

HEAD = Struct("!hhHH")
LONGEST = 10_000 * 366 * 86_400_000  # milliseconds: longer than from the first date to the last


def _bounds() -> list[int]:
    bounds = [0, 1]
    while bounds[-1] <= LONGEST:
        bounds.append(bounds[-1] * 104 // 100 + 1)
    return bounds


BOUNDS = _bounds()
"""The first millisecond of each bucket, as the database's auditing_bucket has them."""


@cache
def milliseconds_of(bucket: int) -> float:
    """What stands for a bucket: the harmonic mean of its ends, from which neither is further than 2 %."""
    first, last = BOUNDS[bucket], BOUNDS[bucket + 1] - 1
    return 2 * first * last / (first + last) if last else 0.0


@dataclass(frozen=True)
class Histogram:
    """How many jobs took how long: `counts` by bucket from the `first` one on, below which there are none
    (negative ones only where something is taken away)."""

    counts: Sequence[int]
    first: int = 0

    @property
    def by_bucket(self) -> Sequence[int]:
        """The counts from bucket 0 on."""
        return [0] * self.first + list(self.counts)

    @classmethod
    def of_numeric(cls, sent: bytes) -> "Histogram":
        """Read the number as PostgreSQL sends it (numeric_send): a head, then digits of base 10,000, the
        highest first, without zeros behind; three are a bucket."""
        length, weight, sign, _ = HEAD.unpack_from(sent)
        digits = array("H", sent[HEAD.size :])
        if sys.byteorder == "little":
            digits.byteswap()
        if not length:
            return EMPTY
        first, below = divmod(weight + 1 - length, 3)
        lowest_first = array("H", bytes(2 * below))
        digits.reverse()
        lowest_first += digits
        lowest_first.extend([0] * (-len(lowest_first) % 3))
        counts: Sequence[int] = lowest_first[::3]
        if any(lowest_first[1::3]) or any(lowest_first[2::3]):
            parts = zip(counts, lowest_first[1::3], lowest_first[2::3], strict=True)
            counts = [low + 10_000 * (middle + 10_000 * high) for low, middle, high in parts]
        return cls([-count for count in counts] if sign else counts, first)

    @property
    def jobs(self) -> int:
        """How many jobs' times are known."""
        return self._reached[-1] if self._reached else 0

    def percentile(self, percent: int) -> float | None:
        """The milliseconds within which so many per cent of the jobs were done: within 2 % of the time of
        that job whose rank it is (as percentile_disc has it). None where no time is known."""
        return self.percentiles((percent,))[0]

    def percentiles(self, percents: Sequence[int]) -> list[float | None]:
        """Several of them."""
        jobs, reached, first = self.jobs, self._reached, self.first
        if not jobs:
            return [None] * len(percents)
        ranks = [-(-jobs * percent // 100) or 1 for percent in percents]
        return [milliseconds_of(first + bisect_left(reached, rank)) for rank in ranks]

    @cached_property
    def _reached(self) -> list[int]:
        """How many jobs are in each of these buckets and those below."""
        return list(accumulate(self.counts))


EMPTY = Histogram(())
