"""The days that a filter asks for, in a zone, as conditions on the moments that the database has."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.db.models.lookups import GreaterThanOrEqual, LessThan

from auditing.models.generations import sort_key


def created_on(first: date | None, last: date | None, zone: ZoneInfo) -> Iterator[Q]:
    """The conditions for rows created on the wanted days: on the sort's expression, which has the index."""
    if first is not None:
        yield Q(GreaterThanOrEqual(sort_key("created_at"), _midnight(first, zone)))
    if last is not None:
        yield Q(LessThan(sort_key("created_at"), _midnight(last + timedelta(days=1), zone)))
        yield Q(created_at__isnull=False)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """The moment at which a day begins in a zone."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)
