"""The zone that rollups are cut by, which has to be the environment's."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from django.db import connection

_is_checked: ContextVar[bool] = ContextVar("is_checked", default=False)


class OtherZone(Exception):
    """Rollups are cut by another zone than REPORT_TIME_ZONE says: no report can be told from them."""

    def __init__(self, kept: str, wanted: str) -> None:
        super().__init__(
            f"the days of reports are cut by {kept}, and REPORT_TIME_ZONE is {wanted}:"
            " set it back, or cut them anew with verify_rollups --repair"
        )
        self.kept = kept
        self.wanted = wanted


def kept_zone() -> str:
    """The zone that days are cut by in the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT zone FROM auditing_rollupzone")
        (zone,) = cursor.fetchone()
        return str(zone)


@contextmanager
def zone_checked() -> Iterator[None]:
    """Let the zone be checked once for all that is asked within, of one moment. Raises OtherZone where the
    environment wants another one than is kept."""
    check_zone()
    token = _is_checked.set(True)
    try:
        yield
    finally:
        _is_checked.reset(token)


def check_zone() -> None:
    """Raises OtherZone where the environment wants another one than is kept; inside `zone_checked` that has
    been asked."""
    if _is_checked.get():
        return
    kept = kept_zone()
    if kept != settings.REPORT_TIME_ZONE:
        raise OtherZone(kept, settings.REPORT_TIME_ZONE)
