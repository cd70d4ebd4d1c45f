"""The zone that rollups are cut by, which has to be the environment's."""

from django.conf import settings
from django.db import connection


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


def check_zone() -> None:
    """Raises OtherZone where the environment wants another one than is kept."""
    kept = kept_zone()
    if kept != settings.REPORT_TIME_ZONE:
        raise OtherZone(kept, settings.REPORT_TIME_ZONE)
