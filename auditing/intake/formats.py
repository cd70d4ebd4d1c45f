"""Reads ids out of text, CSV, NDJSON, logged generation responses and free text, a line at a time."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import Any, BinaryIO

import msgspec

from auditing.providers.declaration import Provider
from auditing.records import InvalidId, checked_id

MAX_LINE_BYTES = 1_048_576
ID_COLUMN, OWNER_COLUMN, PROJECT_COLUMN = "external_id", "owner", "project"
MAX_PROJECT_LENGTH = 200


class Format(StrEnum):
    """What a file of ids can look like; `auto` decides by the first line that isn't blank."""

    AUTO = "auto"
    TEXT = "text"
    CSV = "csv"
    NDJSON = "ndjson"
    LOG = "log"


@dataclass(frozen=True, slots=True)
class Entry:
    """One id as it came in; `owner` is a username. Lines count from 1."""

    line: int
    external_id: str
    owner: str | None = None
    project: str | None = None


@dataclass(frozen=True, slots=True)
class Rejection:
    """A line that gave no id, and why. The line itself is not repeated: it may hold anything."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the input without its end."""

    number: int
    text: str


def read_entries(
    stream: BinaryIO, provider: Provider, form: Format = Format.AUTO
) -> Iterator[Entry | Rejection]:
    """Every id in the stream, or why a line has none, in the order of the lines; one line in memory.

    Blank lines are passed over. Raises csv.Error only for a CSV file whose header has no `external_id`.
    """
    lines = _lines(stream)
    for first in lines:
        if isinstance(first, Rejection):
            yield first
            continue
        reader = _READERS[_detected(first.text) if form is Format.AUTO else form]
        yield from reader(chain([first], lines), provider)


def _lines(stream: BinaryIO) -> Iterator[Line | Rejection]:
    number = 0
    while raw := stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        if number == 1:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        if len(raw) > MAX_LINE_BYTES:
            while raw and not raw.endswith(b"\n"):
                raw = stream.readline(MAX_LINE_BYTES)
            yield Rejection(number, f"line longer than {MAX_LINE_BYTES:,} bytes")
            continue
        try:
            text = raw.decode().strip()
        except UnicodeDecodeError as error:
            yield Rejection(number, f"not UTF-8 at byte {error.start + 1} of the line")
            continue
        if text:
            yield Line(number, text)


def _detected(first: str) -> Format:
    if first.startswith("{"):
        return Format.NDJSON
    return Format.CSV if ID_COLUMN in _header(first) else Format.TEXT


def _entry(
    line: int, external_id: str, owner: str | None = None, project: str | None = None
) -> Entry | Rejection:
    try:
        checked_id(external_id)
    except InvalidId as error:
        return Rejection(line, str(error))
    project = project.strip() if project else None
    if project and (len(project) > MAX_PROJECT_LENGTH or not project.isprintable()):
        return Rejection(line, f"project: at most {MAX_PROJECT_LENGTH} printable characters are possible")
    return Entry(line, external_id, owner.strip() if owner else None, project or None)


def _text(lines: Iterable[Line | Rejection], provider: Provider) -> Iterator[Entry | Rejection]:  # noqa: ARG001
    """One trimmed line is one id, never split."""
    for line in lines:
        yield line if isinstance(line, Rejection) else _entry(line.number, line.text)


def _header(text: str) -> list[str]:
    try:
        return [name.strip().lower() for name in next(csv.reader([text], strict=True), [])]
    except csv.Error:
        return []


def _csv(lines: Iterable[Line | Rejection], provider: Provider) -> Iterator[Entry | Rejection]:  # noqa: ARG001
    """A header with `external_id` and optionally `owner` and `project`; each line is one row.

    Every line is read on its own, so that an unclosed quote costs its own line only.
    """
    names: Sequence[str] = ()
    for line in lines:
        if isinstance(line, Rejection):
            yield line
        elif not names:
            names = _header(line.text)
            if ID_COLUMN not in names:
                raise csv.Error(f"line {line.number}: a CSV header with the column {ID_COLUMN} was expected")
        else:
            yield _row(line, names)


def _row(line: Line, names: Sequence[str]) -> Entry | Rejection:
    try:
        values = next(csv.reader([line.text], strict=True))
    except csv.Error as error:
        return Rejection(line.number, f"not CSV: {error}")
    if len(values) != len(names):
        return Rejection(line.number, f"{len(values)} fields where the header has {len(names)}")
    row = dict(zip(names, values, strict=True))
    return _entry(line.number, row[ID_COLUMN].strip(), row.get(OWNER_COLUMN), row.get(PROJECT_COLUMN))


def _ndjson(lines: Iterable[Line | Rejection], provider: Provider) -> Iterator[Entry | Rejection]:
    """Objects with the CSV's keys, or generation responses as the provider sent them."""
    for line in lines:
        if isinstance(line, Rejection):
            yield line
            continue
        try:
            found = msgspec.json.decode(line.text)
        except msgspec.DecodeError as error:
            yield Rejection(line.number, f"not JSON: {error}")
            continue
        yield _object(line.number, found, provider)


def _object(number: int, found: Any, provider: Provider) -> Entry | Rejection:
    if not isinstance(found, Mapping):
        return Rejection(number, "not a JSON object")
    external_id = found.get(ID_COLUMN)
    if external_id is None:
        external_id = provider.intake_id(found)
    if external_id is None:
        return Rejection(number, f"neither {ID_COLUMN} nor a generation response of {provider.name}")
    if isinstance(external_id, int) and not isinstance(external_id, bool):
        external_id = str(external_id)
    owner, project = found.get(OWNER_COLUMN), found.get(PROJECT_COLUMN)
    if not isinstance(external_id, str):
        return Rejection(number, f"{ID_COLUMN}: expected text, got {type(external_id).__name__}")
    for name, value in ((OWNER_COLUMN, owner), (PROJECT_COLUMN, project)):
        if value is not None and not isinstance(value, str):
            return Rejection(number, f"{name}: expected text, got {type(value).__name__}")
    return _entry(number, external_id, owner, project)


def _log(lines: Iterable[Line | Rejection], provider: Provider) -> Iterator[Entry | Rejection]:
    """Ids found in free text by the provider's usual form; a line without any is nothing to report."""
    for line in lines:
        if isinstance(line, Rejection):
            yield line
            continue
        for found in provider.id_in_text.finditer(line.text):
            text = next((group for group in found.groups() if group), found.group())
            yield _entry(line.number, text)


_Reader = Callable[[Iterable[Line | Rejection], Provider], Iterator[Entry | Rejection]]
_READERS: dict[Format, _Reader] = {
    Format.TEXT: _text,
    Format.CSV: _csv,
    Format.NDJSON: _ndjson,
    Format.LOG: _log,
}
