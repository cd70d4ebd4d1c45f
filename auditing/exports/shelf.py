"""Where files of background exports lie until they are fetched: in PostgreSQL, in pieces of a megabyte.

In the database, because it is the one thing that the dashboard and workers on other machines share, that is
walled, backed up or left out of backups by table, and that needs no further service. A file goes when it
expires, when who made it sees less than they saw then, and, the oldest first, where too much is kept.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import IO

from django.conf import settings
from django.db.models import Sum

from auditing.access import SYSTEM, Sight, Watch, acting_as, sight_of
from auditing.models import ExportFile, ExportPiece

KEPT_FOR = timedelta(hours=24)
MOST_OF_ONE = 10
PIECE = 1024 * 1024


class TooLarge(Exception):
    """A file that is larger than all files together may be."""


def put(file: ExportFile, archive: IO[bytes], sight: Sight, now: datetime) -> None:
    """Keep this archive as the file, until it expires, and make room for it. Raises TooLarge."""
    size = archive.seek(0, 2)
    archive.seek(0)
    ExportPiece.objects.filter(file=file).delete()
    _make_room(file, size, now)
    for number, piece in enumerate(iter(lambda: archive.read(PIECE), b"")):
        ExportPiece.objects.create(file=file, number=number, content=piece)
    ExportFile.objects.filter(pk=file.pk).update(
        size=size,
        expires_at=now + KEPT_FOR,
        everything=sight.everything,
        whole_teams=list(sight.whole_teams),
        own_teams=list(sight.own_in_teams),
    )


def is_there(file: ExportFile, sight: Sight, now: datetime) -> bool:
    """Whether who had it made can fetch it, seeing what they see now: it has not expired, and they see all
    that they saw when it was made. (The database's wall around the pieces asks the same.)"""
    if file.size is None or file.expires_at is None or file.expires_at <= now:
        return False
    return _covers(sight, file)


def pieces_of(file: ExportFile) -> Iterator[bytes]:
    """Its content; broken off (SightLost) when its person loses the right to it meanwhile."""
    watch = Watch.begin()
    numbers = ExportPiece.objects.filter(file=file).order_by("number").values_list("number", flat=True)
    for number in list(numbers):
        watch.look()
        yield bytes(ExportPiece.objects.values_list("content", flat=True).get(file=file, number=number))


def forget_files(now: datetime) -> None:
    """Drop what has expired, and what its maker no longer sees all of."""
    with acting_as(SYSTEM):
        for file in ExportFile.objects.filter(size__isnull=False).select_related("person").order_by("pk"):
            if not (file.person.is_active and is_there(file, sight_of(file.person), now)):
                _drop(file, now)


def _make_room(file: ExportFile, size: int, now: datetime) -> None:
    most = settings.EXPORT_FILES_MB * 1024 * 1024
    if size > most:
        raise TooLarge
    kept = ExportFile.objects.filter(size__isnull=False).exclude(pk=file.pk).order_by("expires_at", "pk")
    own = list(kept.filter(person_id=file.person_id))
    for old in own[: max(0, len(own) - MOST_OF_ONE + 1)]:
        _drop(old, now)
    together = kept.aggregate(all=Sum("size"))["all"] or 0
    for old in kept:
        if together + size <= most:
            return
        together -= old.size or 0
        _drop(old, now)


def _drop(file: ExportFile, now: datetime) -> None:
    ExportPiece.objects.filter(file=file).delete()
    ExportFile.objects.filter(pk=file.pk).update(size=None, expires_at=now)


def _covers(now: Sight, file: ExportFile) -> bool:
    if now.everything or file.everything:
        return now.everything
    return set(file.whole_teams) <= set(now.whole_teams) and set(file.own_teams) <= set(now.teams)
