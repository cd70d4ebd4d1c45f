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
    """One id as it came in; `owner` is a username. Lines count from 1, and so do a list's items."""

    line: int
    external_id: str
    owner: str | None = None
    project: str | None = None


@dataclass(frozen=True, slots=True)
class Rejection:
    """A line that gave no id, and why. The line itself is not repeated: it may hold anything."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


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
    lines = lines_of(stream)
    for first in lines:
        if isinstance(first, Rejection):
            yield first
            continue
        reader = _READERS[_detected(first.text) if form is Format.AUTO else form]
        yield from reader(chain([first], lines), provider)


def lines_of(stream: BinaryIO) -> Iterator[Line | Rejection]:
    """Every line that isn't blank, or why it can't be read."""
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
    return Format.CSV if ID_COLUMN in header_of(first) else Format.TEXT


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


def header_of(text: str) -> list[str]:
    """The columns' names in a CSV header, in lower case; none where the line is no CSV."""
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
            names = header_of(line.text)
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
    """Objects with the CSV's keys, generation responses as the provider sent them, or bare ids."""
    for number, found in json_lines(lines):
        yield found if isinstance(found, Rejection) else entry_of(number, found, provider)


def json_lines(lines: Iterable[Line | Rejection]) -> Iterator[tuple[int, Any]]:
    """The number of each line and its JSON value, or the Rejection of a line that has none."""
    for line in lines:
        if isinstance(line, Rejection):
            yield line.line, line
            continue
        try:
            yield line.number, json_value(line.text)
        except NotJson as error:
            yield line.number, Rejection(line.number, str(error))


class NotJson(ValueError):
    """Text that is no JSON value; the message says why."""


def json_value(text: str | bytes) -> Any:
    """The JSON value. Raises NotJson."""
    try:
        return msgspec.json.decode(text)
    except RecursionError:
        raise NotJson("not JSON that can be read: nested too deep") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotJson(f"not JSON: {error}") from None


def entry_of(number: int, found: Any, provider: Provider) -> Entry | Rejection:
    """The id in a JSON value: an object with the CSV's keys, a generation response, or the id itself."""
    if not isinstance(found, Mapping):
        return _json_entry(number, found, None, None)
    external_id = found.get(ID_COLUMN)
    if external_id is None:
        external_id = provider.intake_id(found)
    if external_id is None:
        return Rejection(number, f"neither {ID_COLUMN} nor a generation response of {provider.name}")
    return _json_entry(number, external_id, found.get(OWNER_COLUMN), found.get(PROJECT_COLUMN))


def _json_entry(number: int, external_id: Any, owner: Any, project: Any) -> Entry | Rejection:
    if isinstance(external_id, int) and not isinstance(external_id, bool):
        external_id = str(external_id)
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
