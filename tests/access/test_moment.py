"""Reading as of one moment: what is told together fits together, whatever a sync stores meanwhile."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from auditing.access import acting_as, visible_to
from auditing.models import Account
from tests.stage import registered
from tests.views.cast import Cast, assemble

ONE_MOMENT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"


@pytest.fixture
def people(committed_db: str) -> Cast:  # noqa: ARG001
    return assemble()


def registered_elsewhere(account: Account, external_id: str) -> None:
    """Another connection registers and commits it."""

    def register() -> None:
        try:
            registered(account, [external_id])
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(register).result()


@pytest.mark.parametrize(("at_one_moment", "found"), [(True, [0, 0]), (False, [0, 1])])
def test_what_is_stored_meanwhile_is_seen_by_the_next_one(
    people: Cast, at_one_moment: bool, found: list[int]
) -> None:
    with acting_as(people.audrey, at_one_moment=at_one_moment):
        counts = [visible_to(people.audrey).count()]
        registered_elsewhere(people.nano, "vid_meanwhile")
        counts.append(visible_to(people.audrey).count())
    assert counts == found
    with acting_as(people.audrey, at_one_moment=at_one_moment):
        assert visible_to(people.audrey).count() == 1


@pytest.mark.parametrize(
    ("address", "is_one_moment"),
    [
        ("/", True),
        ("/reports/credits/", True),
        ("/reports/credits/?format=csv", True),
        ("/reports/timing/", True),
        ("/reports/closed/", True),
        ("/budgets/", True),
        ("/generations/", False),
    ],
)
def test_pages_of_totals_read_as_of_one_moment(people: Cast, address: str, is_one_moment: bool) -> None:
    client = Client()
    client.force_login(people.audrey)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    assert (ONE_MOMENT in [query["sql"] for query in captured]) is is_one_moment
