"""What it costs an export that its statement asks, all the while, whether its person may still have it.

uv run python -m tests.benchmarks.exporting [--rows 300000] [--rounds 7]

By turns the export as it is, and the same COPY without the question.
"""

import argparse
import time
from collections.abc import Iterator
from statistics import median
from typing import Any

from tests.benchmarks import stand
from tests.benchmarks.walls import seed


def unwatched(rows: Any) -> Iterator[bytes]:
    """NDJSON in the same chunks, from a COPY that asks nothing."""
    from django.db import connection

    from auditing import exports

    query, values = rows.values_list(*exports.COLUMNS.values()).query.sql_with_params()
    names = exports._listed(exports.COLUMNS)
    copy = (
        f"COPY (SELECT row_to_json(r) FROM ({query}) AS r ({names})) TO STDOUT"  # noqa: S608 - our own SQL
        r" (FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02')"
    )
    with connection.cursor() as cursor, cursor.copy(copy, values) as written:
        yield from exports._in_chunks(written)


def seconds(person: Any, query: str, write: Any) -> tuple[float, int]:
    """How long an export takes, and how many bytes it has."""
    from django.http import QueryDict

    from auditing.access import acting_as, visible_to
    from auditing.filters import GenerationFilter

    with acting_as(person):
        rows = GenerationFilter.from_query(QueryDict(query)).ordered(visible_to(person))
        started = time.perf_counter()
        size = sum(map(len, write(rows)))
        return time.perf_counter() - started, size


def main() -> None:
    """Parse the options, bring up the stand, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    stand.set_up()
    from auditing.exports import export_ndjson

    people = seed(options.rows)["people"]
    for whose, query in (("site auditor", ""), ("site auditor", "status=failed"), ("auditor", "")):
        times: dict[str, list[float]] = {"without": [], "with": []}
        for _ in range(options.rounds):
            for name, write in (("without", unwatched), ("with", export_ndjson)):
                taken, size = seconds(people[whose], query, write)
                times[name].append(taken)
        old, new = median(times["without"]), median(times["with"])
        print(
            f"{whose:<13}{query or 'everything':<15}{size / 1e6:8.1f} MB{old:8.2f} s without{new:8.2f} s with"
            f"   speed x{old / new:5.2f} (best x{min(times['without']) / min(times['with']):.2f})"
        )


if __name__ == "__main__":
    main()
