"""How quick the pages are over ten million generations, and against a hundred thousand.

uv run python -m tests.benchmarks.ten_million [--rows 10000000] [--few 100000] [--rounds 10] [--plans]

The crowd is seeded once, into a database of its own below var/ (about twenty gigabytes), and kept for the
next run. Times with the memory that README advises for millions are taken after setting it in that database
(`ALTER SYSTEM SET shared_buffers = '4GB'` and the like; then restart it): its own settings suit a hundred
thousand rows. Every page is asked for through Django's test client, by several people of each kind, whose
teams are large and small, with other values each time. Times are of whole requests: middleware, session, the
database behind its walls, template. Beside the clock's stands what the processor worked for them, in this
process and in the database: with other work on the machine the clock tells how long they waited for a turn.
"""

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from django.urls import clear_url_caches

from tests.benchmarks import crowd, stand
from tests.benchmarks.questions import Question, questions


@dataclass
class Asked:
    """The milliseconds of every request for a question: by the clock, of the processor, and the database's
    part of these."""

    question: Question
    clock: list[float] = field(default_factory=list)
    worked: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)

    def line(self) -> str:
        """As it is printed."""
        late = [
            f"{name} above {self.question.limit} ms"
            for name, times in (("clock", self.clock), ("processor", self.worked))
            if p95(times) > self.question.limit
        ]
        return (
            f"{self.question.name:<30}{self.question.whose:<13}clock{median(self.clock):7.1f}"
            f"{p95(self.clock):8.1f} p95   processor{median(self.worked):7.1f}{p95(self.worked):8.1f} p95"
            f"   of it database{median(self.database):7.1f}{p95(self.database):8.1f} p95   {', '.join(late)}"
        )


def p95(times: list[float]) -> float:
    """What nineteen of twenty stay below."""
    return quantiles(times, n=20, method="inclusive")[-1]


class Watch:
    """Keeps statements, and how long they took, for their plans."""

    def __init__(self) -> None:
        self.statements: list[tuple[float, str, Any]] = []

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """What Django calls around each statement."""
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.statements.append(((time.perf_counter() - started) * 1000, sql, params))


def ask(question: Question, rounds: int, plans: bool) -> Asked:
    """Ask every person of the question's kind so many times, each time for something else."""
    from django.db import connection
    from django.http import QueryDict
    from django.test import Client

    from auditing.filters import GenerationFilter

    asked = Asked(question)
    worst: tuple[float, Watch, Any] | None = None
    for person in question.people:
        client = Client(SERVER_NAME="localhost", headers=dict(question.headers))
        client.force_login(person)
        client.get("/healthz")
        for turn in range(rounds):
            address = question.address(person, turn)
            watch = Watch()
            with connection.execute_wrapper(watch):
                started, before, backend = time.perf_counter(), time.process_time(), stand.database_time()
                response = client.get(address)
                clock = (time.perf_counter() - started) * 1000
                database = (stand.database_time() - backend) * 1000
            assert response.status_code == 200, (address, response.status_code)
            wanted = GenerationFilter.from_query(QueryDict(address.partition("?")[2]))
            assert (wanted.errors, set(wanted.ignored) - {"counts"}) == ({}, set()), address
            asked.clock.append(clock)
            asked.database.append(database)
            asked.worked.append((time.process_time() - before) * 1000 + database)
            if worst is None or clock > worst[0]:
                worst = clock, watch, (person, address)
    if plans and worst:
        explain(*worst)
    return asked


def explain(took: float, watch: Watch, asked: Any) -> None:
    """Print the plans of the slowest request's slowest statements, as the person who asked."""
    from django.db import connection

    from auditing.access import acting_as

    person, address = asked
    print(f"--- {person} {address}: {took:.1f} ms")
    slow = [one for one in watch.statements if one[0] > 5 and one[1].startswith("SELECT")]
    with acting_as(person), connection.cursor() as cursor:
        for milliseconds, sql, params in sorted(slow, key=lambda one: -one[0])[:3]:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {sql}", params)
            print(
                f"{milliseconds:.1f} ms: {sql[:2000]}", *(line for (line,) in cursor.fetchall()), sep="\n    "
            )


def changelist(superuser: Any, rounds: int) -> list[float]:
    """What the processor worked for Django admin's own list of the table: its paginator and its order."""
    from django.contrib import admin
    from django.test import Client

    from auditing.models import Generation

    client = Client(SERVER_NAME="localhost")
    client.force_login(superuser)
    if not admin.site.is_registered(Generation):
        admin.site.register(Generation, admin.ModelAdmin)
        clear_url_caches()
        importlib.reload(importlib.import_module("config.urls"))
    times = []
    for turn in range(rounds):
        before, backend = time.process_time(), stand.database_time()
        response = client.get(f"/admin/auditing/generation/?p={turn * 10 + 1}")
        assert response.status_code == 200, response.status_code
        times.append((time.process_time() - before + stand.database_time() - backend) * 1000)
    return times


def measured(rows: int, rounds: int, plans: bool, only: str) -> dict[str, float]:
    """Seed if need be, ask everything and print it; what the processor worked for each, in the median."""
    importlib.import_module("config.wsgi")  # as a server does
    if crowd.seeded(rows):
        print(f"{rows:,} rows of an earlier run")
    else:
        crowd.seed(rows)
    figures = {}
    for question in questions(crowd.cast()):
        if only in f"{question.name}, {question.whose}":
            ask(question, 1, plans=False)
            asked = ask(question, rounds, plans)
            print(asked.line(), flush=True)
            figures[f"{question.name}, {question.whose}"] = median(asked.worked)
    times = changelist(crowd.cast().superuser, max(3, rounds // 4))
    print(f"Django admin's changelist: {median(times):,.0f} ms of the processor")
    if ours := figures.get("first page, site auditor"):
        print(f"{median(times) / ours:.0f} times a site auditor's first page")
    return figures


def compared(few: dict[str, float], many: dict[str, float]) -> Iterator[str]:
    """Each question's median over many rows, as a multiple of that over few."""
    for name, milliseconds in many.items():
        yield f"{name:<52}{few[name]:8.1f} ms{milliseconds:8.1f} ms   x{milliseconds / few[name]:.2f}"
    yield f"median of these: x{median(many[name] / few[name] for name in many):.2f}"


def main() -> None:
    """Parse the options, measure the few rows in a process of their own and the many here, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--few", type=int, default=100_000, help="to compare with; 0 leaves that out")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--plans", action="store_true", help="of each question's slowest request")
    parser.add_argument("--only", default="", help="questions with this text, such as 'failed, auditor'")
    parser.add_argument("--figures", help="a file for the medians, as JSON")
    options = parser.parse_args()
    os.environ.setdefault("LOG_LEVEL", "WARNING")  # not a line for each request
    few: dict[str, float] = {}
    if options.few:
        with tempfile.NamedTemporaryFile("r") as file:
            own = [sys.executable, "-m", "tests.benchmarks.ten_million", "--few", "0", "--figures", file.name]
            own += ["--rows", str(options.few), "--rounds", str(options.rounds), "--only", options.only]
            subprocess.run(own, check=True)
            few = json.load(file)
    stand.set_up(f"crowd-{options.rows}")
    many = measured(options.rows, options.rounds, options.plans, options.only)
    if options.figures:
        Path(options.figures).write_text(json.dumps(many))
    if few:
        print(f"\nMedians, {options.few:,} rows and {options.rows:,}:", *compared(few, many), sep="\n")


if __name__ == "__main__":
    main()
