"""Amounts between two ends, both included: credits, and seconds of duration, waiting and processing."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual

from auditing.filters.criterion import Part, Standpoint, Values
from auditing.filters.reading import Reader, at_least, parse_thousandths
from auditing.models.generations import sort_key
from auditing.records import decimal_of_thousandths


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """The criterion of one amount, in whole thousandths of its unit; what is unknown lies in no range.

    `between` is the condition for rows between two ends, the second of which may be open. `before` and
    `unit` stand around an amount in words.
    """

    name: str
    between: Callable[[int, int | None], Q]
    before: str
    unit: str

    @property
    def keys(self) -> tuple[str, str]:
        """Those of the least and the greatest amount."""
        return f"{self.name}_min", f"{self.name}_max"

    def read(self, reader: Reader) -> dict[str, Any]:
        """Thousandths, None for an open end."""
        lowest, highest = self.keys
        least = reader.single(lowest, parse_thousandths, None)
        return {lowest: least, highest: reader.single(highest, at_least(least, parse_thousandths), None)}

    def conditions(self, values: Values, _at: Standpoint) -> Iterator[Q]:
        """Between the ends. A negative amount is no amount: it lies in no range either."""
        least, greatest = (values[key] for key in self.keys)
        if (least, greatest) != (None, None):
            yield self.between(least or 0, greatest)

    def parts(self, values: Values, _at: Standpoint) -> Iterator[Part]:
        """One for each end."""
        lowest, highest = self.keys
        if values[lowest] is not None:
            yield Part(lowest, _written(values[lowest]), self._words(values[lowest], None))
        if values[highest] is not None:
            yield Part(highest, _written(values[highest]), self._words(None, values[highest]))

    def phrase(self, values: Values, _at: Standpoint) -> str:
        """`10 credits or more`, `duration up to 8 s`, `waited 1 to 2.5 s`."""
        return self._words(*(values[key] for key in self.keys))

    def _words(self, least: int | None, greatest: int | None) -> str:
        if least is not None and greatest is not None:
            first = "" if least == greatest else f"{_written(least)} to "
            return f"{self.before}{first}{self._amount(greatest)}"
        if least is not None:
            return f"{self.before}{self._amount(least)} or more"
        return f"{self.before}up to {self._amount(greatest)}" if greatest is not None else ""

    def _amount(self, thousandths: int) -> str:
        unit = self.unit.removesuffix("s") if thousandths == 1000 and len(self.unit) > 1 else self.unit
        return f"{_written(thousandths)} {unit}"


def _written(thousandths: int) -> str:
    return str(decimal_of_thousandths(thousandths))


def _of(column: str) -> Callable[[int, int | None], Q]:
    """On the sort's expression, which has the index and counts the unknown as less than nothing."""
    key = sort_key(column)

    def between(least: int, greatest: int | None) -> Q:
        condition = Q(GreaterThanOrEqual(key, least))
        return condition if greatest is None else condition & Q(LessThanOrEqual(key, greatest))

    return between


_RANGES = (
    Range(name="credits", between=_of("credits_thousandths"), before="", unit="credits"),
    Range(name="duration", between=_of("duration_milliseconds"), before="duration ", unit="s"),
    Range(name="waiting", between=_of("waiting_milliseconds"), before="waited ", unit="s"),
    Range(name="processing", between=_of("processing_milliseconds"), before="processed for ", unit="s"),
)

RANGES: Mapping[str, Range] = {amount.name: amount for amount in _RANGES}
