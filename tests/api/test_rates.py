"""A token's pace is kept in the database: across threads and processes, without a race."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import RequestFactory
from django.urls import resolve

from auditing.api.rates import LIMIT, WINDOW, Standing, count_request
from auditing.models import PersonalToken, RateWindow, User
from tests.api.asking import a_token
from tests.views.cast import Cast, assemble

NOW = datetime(2026, 6, 3, 15, 0, 0, 250_700, tzinfo=UTC)
SHOWN = datetime(2026, 6, 3, 15, 0, 0, 250_000, tzinfo=UTC)


def a_token_id(person: User, cast: Cast) -> int:
    a_token(person, cast.team)
    return int(person.tokens.latest("pk").pk)


def test_a_minute_begins_with_its_first_request_and_has_sixty(people: Cast) -> None:
    """The refused ones neither count on nor move the reset; whoever waits until then is let through."""
    token = a_token_id(people.alice, people)
    standings = [count_request(token, NOW + timedelta(seconds=n / 2)) for n in range(LIMIT + 3)]
    assert [standing.left for standing in standings] == [*range(LIMIT - 1, -1, -1), 0, 0, 0]
    assert [standing.allowed for standing in standings] == [True] * LIMIT + [False] * 3
    assert {standing.resets_at for standing in standings} == {SHOWN + WINDOW}
    late = standings[-1]
    assert (late.retry_after, late.reset_text) == (29, "2026-06-03T15:01:00.250Z")
    anew = count_request(token, SHOWN + WINDOW)
    assert anew == Standing(True, LIMIT - 1, SHOWN + 2 * WINDOW, SHOWN + WINDOW)


def test_each_token_has_a_pace_of_its_own(people: Cast) -> None:
    """One row each, rewritten in place and gone with its token."""
    first, second = a_token_id(people.alice, people), a_token_id(people.alice, people)
    for number in range(100):
        count_request(first, NOW + number * WINDOW)
    assert count_request(first, NOW + 99 * WINDOW).left == LIMIT - 2
    assert count_request(second, NOW + 99 * WINDOW).left == LIMIT - 1
    assert RateWindow.objects.count() == 2
    PersonalToken.objects.get(pk=first).delete()
    assert [window.token_id for window in RateWindow.objects.all()] == [second]


def test_a_clock_that_lags_behind_opens_no_window_anew(people: Cast) -> None:
    token = a_token_id(people.alice, people)
    count_request(token, NOW)
    standing = count_request(token, NOW - timedelta(hours=1))
    assert (standing.left, standing.resets_at) == (LIMIT - 2, SHOWN + WINDOW)


@pytest.mark.usefixtures("committed_db")
def test_requests_at_the_same_time_are_let_through_sixty_times() -> None:
    """From many connections at once, the first of a new window included."""
    cast = assemble()
    token = a_token_id(cast.alice, cast)
    count_request(token, NOW - timedelta(hours=1))
    allowed: list[bool] = []
    ready = threading.Barrier(8)

    def ask() -> None:
        ready.wait()
        try:
            allowed.extend(count_request(token, NOW).allowed for _ in range(20))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(allowed), sum(allowed)) == (160, LIMIT)


@pytest.mark.usefixtures("committed_db")
def test_a_request_under_way_keeps_no_other_from_being_counted() -> None:
    """What counts it is committed before the answer is looked for."""
    cast = assemble()
    text = a_token(cast.alice, cast.team)
    seen: list[int] = []

    def count_beside() -> None:
        try:
            seen.append(count_request(cast.alice.tokens.get().pk).left)
        finally:
            connection.close()

    def watching(execute: Any, sql: str, *rest: Any) -> Any:
        if 'FROM "auditing_generation"' in sql and not seen:
            other = threading.Thread(target=count_beside)
            other.start()
            other.join(60)
        return execute(sql, *rest)

    request = RequestFactory().get("/api/v1/video/status/rb-x", headers={"X-API-Key": text})
    with connection.execute_wrapper(watching):
        response = resolve(request.path).func(request, project_id="rb-x")
    assert (response.status_code, seen) == (404, [LIMIT - 2])
