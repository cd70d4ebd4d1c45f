"""Large exports: asked for by a person, made by a worker who acts as them, kept for a day.

The worker reads the rows in one transaction as that person, behind the same walls, asked all the while
whether they still may, into a temporary file; then it keeps the archive and notes the end, both or neither.
A worker that dies leaves nothing behind but the task, which another takes over from its beginning.
"""

import tempfile
import zipfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from time import monotonic
from typing import IO

from django.db import connections
from django.db.models import QuerySet

from auditing import errands
from auditing.access import SYSTEM, Sight, SightLost, acting_as, sight_of, tell_of_broken_off
from auditing.exports.formats import FORMATS
from auditing.exports.manifests import Manifest, Written, drained, measured
from auditing.exports.recording import State, begin, hold, manifest_of, note_end, wanted_by
from auditing.exports.shelf import TooLarge, put
from auditing.exports.sources import Wanted
from auditing.models import Export, ExportFile, User
from auditing.queue import Stage, database_now

MAKE_FILE = "auditing.tasks.make_export"
QUEUE = "exports"
MOST_OPEN = 3
SECONDS_BETWEEN_NOTES = 1.0
MANIFEST = "manifest.json"
FAST = 3  # of zlib's levels: text shrinks to a sixth by it, and the database stays what is waited for
LOST = "You lost the right to some of these rows while the file was made."
DIED = "The workers that made it died over it, several times."


class TooMany(Exception):
    """Somebody has as many files being made as one may have."""


@dataclass(frozen=True, slots=True)
class _Made:
    as_of: datetime
    written: Written
    ended_at: datetime
    sight: Sight


def ask_for_file(person: User, wanted: Wanted, now: datetime) -> tuple[Export, bool]:
    """Have a worker make this file; and whether it is a new one: the same that is under way is not made
    twice. Raises TooMany."""
    under_way = [export for export in open_files(person) if stage_of(export).is_open]
    for export in under_way:
        if wanted_by(export) == wanted:
            return export, False
    if len(under_way) >= MOST_OPEN:
        raise TooMany
    export = begin(person, wanted, now)
    ExportFile.objects.create(export=export, person=person)
    errands.send(MAKE_FILE, queue=QUEUE, export_id=export.pk)
    return export, True


def open_files(person: User) -> QuerySet[Export]:
    """The person's files that a worker was to make, and that have no end yet."""
    return Export.objects.filter(person=person, file__isnull=False, ended_at=None, fault="").order_by("-pk")


def stage_of(export: Export) -> Stage:
    """How far the making of its file is."""
    if export.ended_at is not None:
        return Stage.DONE
    return (
        Stage.DROPPED if export.fault else errands.stage_of(MAKE_FILE, export_id=export.pk) or Stage.DROPPED
    )


def make_file(export_id: int, now: datetime) -> None:
    """Make the file, if that was not done yet, and keep it."""
    with acting_as(SYSTEM):
        export = (
            Export.objects.select_related("person", "file")
            .filter(pk=export_id, ended_at=None, fault="", file__isnull=False)
            .first()
        )
    if export is None:
        return
    try:
        with tempfile.TemporaryFile(prefix="clipledger-export-") as archive:
            made = _make(export, archive)
            with acting_as(SYSTEM):
                put(export.file, archive, made.sight, now)
                note_end(export, made.as_of, made.written, made.ended_at)
    except SightLost as lost:
        tell_of_broken_off(export.person, lost)
        give_up(export_id, LOST)
    except TooLarge:
        give_up(export_id, "It is larger than what is kept of all exports together: narrow the filter.")


def give_up(export_id: int, fault: str) -> None:
    """Note that nothing will come of it, and why."""
    with acting_as(SYSTEM):
        Export.objects.filter(pk=export_id, ended_at=None).update(fault=fault)


def _make(export: Export, archive: IO[bytes]) -> _Made:
    """The data and its manifest, as a zip archive, read as the person who asked."""
    if not export.person.is_active:
        raise SightLost(())
    wanted = wanted_by(export)
    with _noting(export.pk) as progress, acting_as(export.person):
        sight, rows = sight_of(export.person), wanted.rows(export.person)
        progress.about(rows.order_by().count())
        as_of = hold(export)
        file = FORMATS[wanted.format].write(rows, wanted.table, seen=progress)
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=FAST) as together:
            with together.open(export.name, "w", force_zip64=True) as data:
                written = drained(measured(file), data)
            made = _Made(as_of, written, database_now(), sight)
            together.writestr(MANIFEST, _manifest(export, made).as_json())
    return made


def _manifest(export: Export, made: _Made) -> Manifest:
    said = manifest_of(export, State.WHOLE)
    return replace(said, as_of=made.as_of, ended_at=made.ended_at, written=made.written)


class _Progress:
    """Notes how many rows are done, once a second at most, by a thread and so by a connection of its own:
    the one that reads the rows is busy, and what it wrote would be seen by nobody before its end."""

    def __init__(self, export_id: int, desk: ThreadPoolExecutor) -> None:
        self._export_id, self._desk = export_id, desk
        self._last: Future[None] | None = None
        self._noted_at = monotonic()

    def about(self, rows: int) -> None:
        """There are about so many rows in all."""
        self._note(rows_about=rows, rows_done=0)

    def __call__(self, rows: int) -> None:
        """So many are done."""
        if monotonic() - self._noted_at >= SECONDS_BETWEEN_NOTES:
            self._note(rows_done=rows)

    def _note(self, **values: int) -> None:
        if self._last is not None:
            self._last.result()
        self._last = self._desk.submit(_noted, self._export_id, values)
        self._noted_at = monotonic()


def _noted(export_id: int, values: dict[str, int]) -> None:
    with acting_as(SYSTEM):
        ExportFile.objects.filter(pk=export_id).update(**values)


@contextmanager
def _noting(export_id: int) -> Iterator[_Progress]:
    with ThreadPoolExecutor(max_workers=1) as desk:
        try:
            yield _Progress(export_id, desk)
        finally:
            desk.submit(connections.close_all).result()
