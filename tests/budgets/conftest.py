"""Two teams with budgets, and the zone that their months are cut by."""

from collections.abc import Callable

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from tests.views.cast import Cast, assemble

type CutBy = Callable[[str], None]


@pytest.fixture
def people(db: None) -> Cast:  # noqa: ARG001 - the fixture opens the database
    """The teams, people and accounts."""
    return assemble()


@pytest.fixture
def cut_by(db: None, settings: Settings) -> CutBy:  # noqa: ARG001 - the fixture opens the database
    """Cuts days and months by this zone, before there is any row."""

    def cut(zone: str) -> None:
        settings.REPORT_TIME_ZONE = zone
        with connection.cursor() as cursor:
            cursor.execute("UPDATE auditing_rollupzone SET zone = %s", [zone])

    return cut
