"""The formats of exports, by the names that addresses and commands have for them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from auditing.exports.texts import File, export_csv, export_ndjson
from auditing.exports.workbook import export_xlsx


@dataclass(frozen=True, slots=True)
class Format:
    """One format of exports: how it is written (rows, table), what people call it, its media type and its
    file name's ending, and how many rows of it are sent at once; more are for a worker."""

    write: Callable[..., File]
    label: str
    media_type: str
    ending: str
    most_at_once: int


FORMATS: Mapping[str, Format] = {
    "ndjson": Format(export_ndjson, "NDJSON", "application/x-ndjson", "ndjson", 100_000),
    "csv": Format(export_csv, "CSV", "text/csv; charset=utf-8; header=present", "csv", 100_000),
    # All of a workbook is made before its first byte can be sent.
    "xlsx": Format(
        export_xlsx,
        "XLSX",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "xlsx",
        10_000,
    ),
}
