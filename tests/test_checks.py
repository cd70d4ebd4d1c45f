"""What `check --deploy` says of the zone that days of reports are cut by."""

import pytest
from pytest_django.fixtures import Settings

from auditing.checks import days_are_cut_by_the_report_zone


@pytest.mark.usefixtures("committed_db")
def test_another_report_zone_than_rollups_are_cut_by_is_an_error(settings: Settings) -> None:
    assert list(days_are_cut_by_the_report_zone()) == []
    settings.REPORT_TIME_ZONE = "Europe/Paris"
    (error,) = days_are_cut_by_the_report_zone()
    assert error.id == "auditing.E002"
    assert error.msg == "The days of reports are cut by UTC, and REPORT_TIME_ZONE is Europe/Paris."
    assert "verify_rollups --repair" in str(error.hint)
