"""The day of a job, as reports cut it."""

from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import Case, Value, When
from django.db.models.functions import Greatest, Least, TruncDate


def day_of_creation(zone: ZoneInfo) -> Case:
    """The day in a zone on which a row was created, null where that is unknown.

    At the ends of the calendar it is the first or last day that there is, as in rollups: a zone may put such
    a moment on a day that Python has no name for.
    """
    day = TruncDate("created_at", tzinfo=zone)
    existing = Greatest(Value(date.min), Least(Value(date.max), day))
    return Case(When(created_at__isnull=False, then=existing))
