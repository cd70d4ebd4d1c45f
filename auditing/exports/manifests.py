"""What is said beside a file: which rows it has, of which moment, and how to tell that it is whole."""

import hashlib
import json
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from auditing.exports.formats import FORMATS
from auditing.exports.sources import Wanted
from auditing.exports.texts import File
from auditing.exports.totals import Credits, Totals
from auditing.records import decimal_of_thousandths, iso_utc

VERSION = 1


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written to its end: what its rows come to, its checksum and its size in bytes."""

    totals: Totals
    sha256: str
    size: int


def measured(file: File) -> Generator[bytes, None, Written]:
    """The file as it is; at its end, what was written."""
    digest, size = hashlib.sha256(), 0
    with closing(file):
        while True:
            try:
                chunk = next(file)
            except StopIteration as end:
                return Written(end.value, digest.hexdigest(), size)
            digest.update(chunk)
            size += len(chunk)
            yield chunk


def drained(chunks: Generator[bytes, None, Written], into: IO[bytes]) -> Written:
    """Write all of it there."""
    with closing(chunks):
        while True:
            try:
                into.write(next(chunks))
            except StopIteration as end:
                written: Written = end.value
                return written


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """All that is said beside a file. `state` is `whole`, `under way` or `broken off`; without `written`
    nothing is known of what is in the file. Nobody (None) as `person`: a command on the server."""

    wanted: Wanted
    file: str
    person: str | None
    token: str
    asked_at: datetime
    as_of: datetime | None
    ended_at: datetime | None
    state: str
    written: Written | None

    def as_json(self) -> bytes:
        """As a JSON object, indented for people."""
        totals = self.written.totals if self.written else None
        said = {
            "manifest": VERSION,
            "file": self.file,
            "format": self.wanted.format,
            "media_type": FORMATS[self.wanted.format].media_type,
            "state": self.state,
            "of": self.wanted.table.name,
            "filter": self.wanted.words,
            "query": self.wanted.query,
            "columns": list(self.wanted.table.names),
            "time_zone": self.wanted.zone.key,
            "exported_by": self.person,
            "token": self.token or None,
            "asked_at": iso_utc(self.asked_at),
            "as_of": iso_utc(self.as_of),
            "ended_at": iso_utc(self.ended_at),
            "rows": totals.rows if totals else None,
            "credits": _credits(totals) if totals and totals.credits else None,
            "size": self.written.size if self.written else None,
            "sha256": self.written.sha256 if self.written else None,
        }
        return json.dumps(said, indent=2, ensure_ascii=False).encode() + b"\n"


def _credits(totals: Totals) -> dict[str, Any]:
    """The sum as decimal text, since readers take JSON's numbers for inexact ones; refunds are not taken
    off."""
    known = totals.credits or Credits()
    return {
        "gross": f"{decimal_of_thousandths(known.thousandths):f}",
        "rows_known": known.known,
        "rows_documented": known.documented,
        "rows_unknown": totals.unknown,
    }
