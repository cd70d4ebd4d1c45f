"""A share of the database's time: what would take longer is broken off and stays unanswered."""

import time
from collections.abc import Callable
from types import TracebackType

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

SETTING = "statement_timeout"


class Budget:
    """So many seconds for all questions together, so many at most for each; a context in a transaction."""

    def __init__(self, seconds: float, each: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._each = each
        self._clock = clock
        self._ends = clock() + seconds
        self._before = "0"

    def __enter__(self) -> "Budget":
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting(%s)", [SETTING])
            (self._before,) = cursor.fetchone()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if fault is None:
            _set(self._before)

    @property
    def is_spent(self) -> bool:
        """Whether no time is left: no further question would be asked."""
        return self._left() < 1

    def _left(self, each: float | None = None) -> int:
        """The milliseconds that one more question may take."""
        return int(min(self._each if each is None else each, self._ends - self._clock()) * 1000)

    def ask[Answer](self, question: Callable[[], Answer], each: float | None = None) -> Answer | None:
        """The answer of these queries; None where it did not come in time (`each`: within so many seconds, in
        place of the usual). Whoever goes on in the transaction finds it as it was: a question has a savepoint
        of its own."""
        milliseconds = self._left(each)
        if milliseconds < 1:
            return None
        try:
            with transaction.atomic():
                _set(f"{milliseconds}ms")
                return question()
        except OperationalError as fault:
            if isinstance(fault.__cause__, QueryCanceled):
                return None
            raise


def _set(value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [SETTING, value])
