"""A person's exports: each is noted when it is asked for, and at its end, what was in it.

Its end is noted in the transaction that read the rows, once the last line is written. Whatever else happens
to it (its reader leaves, its person loses the right, the process is killed) needs nobody to note it: a file
without an end is under way as long as its transaction holds its lock, and else was broken off.
"""

from collections.abc import Generator, Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import connection
from django.db.models import QuerySet

from auditing.exports.formats import FORMATS
from auditing.exports.manifests import Manifest, Written, measured
from auditing.exports.sources import TABLES, Wanted
from auditing.exports.texts import File
from auditing.exports.totals import Credits, Totals
from auditing.filters import zone_named
from auditing.models import Export, User
from auditing.queue import database_now

LOCKS = 0x436C6578  # the space of our locks among PostgreSQL's advisory ones: "Clex"
BEGINS_WITHIN = timedelta(minutes=1)
_HELD = """SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND classid = %s
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""


class State(StrEnum):
    """How a file stands."""

    UNDER_WAY = "under way"
    WHOLE = "whole"
    BROKEN_OFF = "broken off"


def begin(person: User, wanted: Wanted, now: datetime, token: str = "") -> Export:
    """Note that this person asks for this file; `token` is the public prefix of what they asked with."""
    ending = FORMATS[wanted.format].ending
    return Export.objects.create(
        person=person,
        table=wanted.table.name,
        format=wanted.format,
        name=f"{wanted.table.name}-{now:%Y-%m-%d-%H%M}.{ending}",
        query=wanted.query,
        words=wanted.words,
        columns=list(wanted.table.names),
        time_zone=wanted.zone.key,
        token=token,
        asked_at=now,
    )


def wanted_by(export: Export) -> Wanted:
    """What was asked for."""
    return Wanted(
        table=TABLES[export.table].only(export.columns),
        format=export.format,
        query=export.query,
        words=export.words,
        zone=zone_named(export.time_zone),
        at=export.asked_at,
    )


def recorded(export: Export, file: File) -> Generator[bytes]:
    """The file as it is, to be used up inside the transaction that it is read in; its end is noted there."""
    as_of = hold(export)
    written = yield from measured(file)
    note_end(export, as_of, written, database_now())


def hold(export: Export) -> datetime:
    """Show until this transaction ends that the file is under way; the moment that its rows are of."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s::int, %s::int)", [LOCKS, _key(export.pk)])
    return database_now()


def note_end(export: Export, as_of: datetime, written: Written, ended_at: datetime) -> None:
    """Note what was written."""
    totals = written.totals
    Export.objects.filter(pk=export.pk).update(
        as_of=as_of,
        ended_at=ended_at,
        rows=totals.rows,
        credits_thousandths=totals.credits.thousandths if totals.credits else None,
        credits_known=totals.credits.known if totals.credits else None,
        credits_documented=totals.credits.documented if totals.credits else None,
        sha256=written.sha256,
        size=written.size,
    )


def exports_of(person: User) -> QuerySet[Export]:
    """This person's own exports, newest first, with what became of their files."""
    return Export.objects.filter(person=person).select_related("file").order_by("-pk")


def states_of(exports: Iterable[Export], now: datetime) -> dict[int, State]:
    """How each of these stands, by its number."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [LOCKS])
        held = {key for (key,) in cursor.fetchall()}
    return {export.pk: _state(export, held, now) for export in exports}


def _state(export: Export, held: set[int], now: datetime) -> State:
    if export.ended_at is not None:
        return State.WHOLE
    if export.fault:
        return State.BROKEN_OFF
    is_begun = _key(export.pk) in held or export.asked_at > now - BEGINS_WITHIN
    return State.UNDER_WAY if is_begun else State.BROKEN_OFF


def totals_of(export: Export) -> Totals | None:
    """What its rows come to; None of one that did not end."""
    if export.rows is None:
        return None
    if export.credits_thousandths is None:
        return Totals(export.rows, None)
    known, documented = export.credits_known or 0, export.credits_documented or 0
    return Totals(export.rows, Credits(export.credits_thousandths, known, documented))


def manifest_of(export: Export, state: State) -> Manifest:
    """What is said beside its file; `export.person` is at hand."""
    totals = totals_of(export)
    return Manifest(
        wanted=wanted_by(export),
        file=export.name,
        person=export.person.username,
        token=export.token,
        asked_at=export.asked_at,
        as_of=export.as_of,
        ended_at=export.ended_at,
        state=state.value,
        written=Written(totals, export.sha256, export.size or 0) if totals else None,
    )


def _key(number: int) -> int:
    return number % 2**31
