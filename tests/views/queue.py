"""The queue as workers would leave it, for the pages' tests: procrastinate's tables are theirs to write."""

from django.db import connection


def a_worker(seconds_silent: int = 0) -> None:
    """A worker that was last heard of so long ago."""
    _run(
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s * interval '1 second')",
        seconds_silent,
    )


def take_all() -> None:
    """Every task that waits is under way."""
    _run("UPDATE procrastinate_jobs SET status = 'doing' WHERE status = %s", "todo")


def end_all() -> None:
    """Every task is over."""
    _run("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE status IN ('todo', %s)", "doing")


def _run(statement: str, value: int | str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [value])
