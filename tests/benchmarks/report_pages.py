"""How quick the pages of reports are over ten million generations, against few, and against the rows.

uv run python -m tests.benchmarks.report_pages [--rows 10000000] [--few 100000] [--rounds 3] [--samples 1]

Asks the crowd's database (see ten_million) for the last twelve whole months in every grouping by one and two
dimensions, as a member, a team's auditor and a site auditor; and, apart, for what follows once a page is
there: how fresh its total is, and the slowest and the stuck jobs. Times are of whole requests through
Django's test client, as the processor worked for them here and in the database. Then the rows are asked the
same GROUP BY as some pages, which have charts and totals beside it, and more.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks import crowd, stand
from tests.benchmarks.rollups import OF_ROWS, quantile

LIMIT = 100
PARTS = {"credits": ("freshness",), "timing": ("freshness", "jobs")}
PART = {"HX-Request": "true", "HX-Target": "freshness"}
SAMPLE = (
    "none",
    "owner",
    "team",
    "month",
    "owner&group=month",
    "provider&group=week",
    "mode&group=resolution",
)

type Figures = dict[str, float]
"""Milliseconds by kind, whose and grouping (or part), with a bar in between."""


def year() -> tuple[date, date]:
    """The last twelve whole months."""
    last = date.today().replace(day=1) - timedelta(days=1)  # noqa: DTZ011 - a day for a query string
    return (last + timedelta(days=1)).replace(
        year=last.year - (last.month < 12), month=last.month % 12 + 1
    ), last


def groupings(kind: str) -> Iterator[str]:
    """As the query string has them: none, each, and each two of which at most one is a stretch of time."""
    from auditing.reports import CREDITS, TIMING
    from auditing.reports.questions import TIMES

    groups = (CREDITS if kind == "credits" else TIMING).groups
    yield "none"
    yield from groups
    for one, other in combinations(groups, 2):
        # days are too many beside something else; a page takes months then
        if not {one, other} <= set(TIMES) and not {one, other} & {"day"}:
            yield f"{one}&group={other}"


def worked(client: Any, address: str, headers: dict[str, str]) -> float:
    """The milliseconds that the processor worked for an answer."""
    before, backend = time.process_time(), stand.database_time()
    response = client.get(address, headers=headers)
    assert response.status_code == 200, (address, response.status_code)
    return (time.process_time() - before + stand.database_time() - backend) * 1000


def measured(rounds: int) -> Figures:
    """Ask every page and every part, once to begin with and then so many times: the medians."""
    from django.test import Client

    first, last = year()
    cast, figures = crowd.cast(), dict[str, float]()
    people = (("member", cast.members), ("auditor", cast.auditors), ("site auditor", cast.site_auditors))
    for kind, (whose, persons) in ((kind, one) for kind in PARTS for one in people):
        asked: list[tuple[str, str, dict[str, str]]] = [
            (name, f"&group={name}", {}) for name in groupings(kind)
        ]
        asked += [(f"then {part}", f"&complete={part}", PART) for part in PARTS[kind]]
        for name, query, headers in asked:
            times = []
            for person in persons[:2]:
                client = Client(SERVER_NAME="localhost")
                client.force_login(person)
                address = f"/reports/{kind}/?period=dates&from={first}&to={last}{query}"
                worked(client, address, headers)
                times += [worked(client, address, headers) for _ in range(rounds)]
            figures[f"{kind}|{whose}|{name}"] = median(times)
        for line in told(figures, kind, whose):
            print(line, flush=True)
    return figures


def told(figures: Figures, kind: str, whose: str) -> Iterator[str]:
    """What the pages of a kind take one kind of person, and the parts that follow."""
    mine = {key.split("|")[2]: value for key, value in figures.items() if key.startswith(f"{kind}|{whose}|")}
    pages = {name: value for name, value in mine.items() if not name.startswith("then ")}
    late = quantile(list(pages.values()), 95)
    slow = sorted(pages.items(), key=lambda one: -one[1])[:4]
    yield (
        f"{kind:<8}{whose:<13}{len(pages)} groupings: p50 {median(pages.values()):6.1f} ms,"
        f" p95 {late:6.1f} ms{f' (above {LIMIT})' if late > LIMIT else ''}; slowest: "
        + ", ".join(f"{name.replace('&group=', ' x ')} {value:.0f}" for name, value in slow)
    )
    for name in sorted(mine.keys() - pages.keys()):
        yield f"{kind:<8}{whose:<13}{name}: {mine[name]:,.0f} ms more, in a request of its own"


def compared(few: Figures, many: Figures) -> Iterator[str]:
    """The many rows' times as multiples of the few's: pages, and parts that follow."""
    for kind in PARTS:
        for what in ("page", "then"):
            ratios = [
                many[key] / few[key]
                for key in many
                if key.startswith(kind) and ("|then " in key) is (what == "then")
            ]
            name = "the answer" if what == "page" else "what follows"
            yield f"{kind:<8}{name:<13}median x{median(ratios):.2f}, p95 x{quantile(ratios, 95):.2f}"


def against_rows(figures: Figures, samples: int) -> Iterator[str]:
    """What the rows take for the same groups, without any walls, against a site auditor's page. In one
    process, as pages are answered: what parallel workers worked would not be seen."""
    from django.db import connection

    from auditing.reports.questions import Dimension

    first, last = year()
    for kind, columns in OF_ROWS.items():
        for name in SAMPLE:
            if f"{kind}|site auditor|{name}" not in figures:
                continue
            words = [] if name == "none" else name.split("&group=")
            group_by = [re.sub(r"\bday\b", "created_at", Dimension(word).column) for word in words]
            groups = ", ".join([*group_by, "status"])
            times = []
            for _ in range(samples):
                before = stand.database_time()
                with connection.cursor() as cursor:
                    cursor.execute("SET max_parallel_workers_per_gather = 0")
                    cursor.execute(
                        f"SELECT {groups}, {columns} FROM auditing_generation"  # noqa: S608 - our own names
                        f" WHERE created_at >= %s AND created_at < %s GROUP BY {groups}",
                        [first, last + timedelta(days=1)],
                    )
                    cursor.fetchall()
                times.append((stand.database_time() - before) * 1000)
            page = figures[f"{kind}|site auditor|{name}"]
            yield (
                f"{kind:<8}{name.replace('&group=', ' x '):<20}rows {median(times):9,.0f} ms,"
                f" page {page:7.1f} ms: x{median(times) / page:,.0f}"
            )


def main() -> None:
    """Parse the options, measure the few rows in a process of their own and the many here, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--few", type=int, default=100_000, help="to compare with; 0 leaves that out")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--samples", type=int, default=1, help="how often the rows are asked; 0 for never")
    parser.add_argument("--figures", help="a file for the medians, as JSON")
    options = parser.parse_args()
    os.environ.setdefault("LOG_LEVEL", "WARNING")  # not a line for each request
    few: Figures = {}
    if options.few:
        with tempfile.NamedTemporaryFile("r") as file:
            own = [sys.executable, "-m", "tests.benchmarks.report_pages", "--few", "0", "--samples", "0"]
            own += ["--rows", str(options.few), "--rounds", str(options.rounds), "--figures", file.name]
            subprocess.run(own, check=True)
            few = json.load(file)
    stand.set_up(f"crowd-{options.rows}")
    if not crowd.seeded(options.rows):
        crowd.seed(options.rows)
    print(f"{options.rows:,} rows")
    many = measured(options.rounds)
    if options.figures:
        Path(options.figures).write_text(json.dumps(many))
    if few:
        print(f"\n{options.rows:,} rows against {options.few:,}:", *compared(few, many), sep="\n")
    for line in against_rows(many, options.samples) if options.samples else ():
        print(line, flush=True)


if __name__ == "__main__":
    main()
