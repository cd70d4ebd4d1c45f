"""The database's own wall around keys and links, with nothing of the program in front of it."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from auditing.access import SYSTEM, acting_as
from auditing.keys.sealing import store_key
from auditing.models import DownloadRequest, User
from tests.views.cast import Cast, assemble, completed

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    """The people; an account of each team with a key."""
    people = assemble()
    with acting_as(SYSTEM):
        for account in (people.nano, people.other_nano):
            store_key(account, "nb_0123456789abcdef")
    return people


def tried(person: User, statement: str) -> int | str:
    """How many rows it reached for this person, or `refused`."""
    try:
        with transaction.atomic(), acting_as(person), connection.cursor() as cursor:
            cursor.execute(statement)
            return int(cursor.rowcount)
    except DatabaseError:
        return "refused"


@pytest.mark.parametrize("column", ["sealed_key", "wrapped_data_key", "wrapped_for", "*"])
def test_nobody_reads_what_is_sealed_on_the_dashboard(cast: Cast, column: str) -> None:
    """Not even superusers."""
    for person in (cast.max, cast.rita):
        assert tried(person, f"SELECT {column} FROM auditing_credential") == "refused"  # noqa: S608


@pytest.mark.parametrize(
    ("person", "accounts"),
    [("max", 1), ("rita", 2), ("otto", 1), ("alice", 0), ("audrey", 0), ("sid", 0)],
)
def test_only_managers_write_keys_and_end_pauses(cast: Cast, person: str, accounts: int) -> None:
    who = getattr(cast, person)
    assert tried(who, "UPDATE auditing_credential SET sealed_key = 'x', tested_at = NULL") == accounts
    resumed = tried(who, "UPDATE auditing_account SET paused_at = NULL, notice = ''")
    assert resumed == accounts * 2  # each team's accounts: one of each provider


@pytest.mark.parametrize("column", ["base_url", "team_id", "provider", "label"])
def test_nobody_sends_a_stored_key_elsewhere(cast: Cast, column: str) -> None:
    """An account's address changes with its key only, by those who have the command line."""
    assert tried(cast.rita, f"UPDATE auditing_account SET {column} = {column}") == "refused"  # noqa: S608


def test_a_link_is_shown_to_its_asker_alone(cast: Cast) -> None:
    video = completed(cast.reel, "rb", cast.alice)
    request = {"account": cast.reel, "team": cast.team, "generation": video, "requested_at": timezone.now()}
    DownloadRequest.objects.create(asked_by=cast.alice, url="https://s3.example/v.mp4", **request)
    everybody = (cast.alice, cast.bob, cast.max, cast.sid, cast.rita)
    seen = [tried(person, "SELECT url FROM auditing_downloadrequest") for person in everybody]
    assert seen == [1, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("person", "reached"), [("alice", 1), ("max", "refused"), ("bob", "refused"), ("otto", "refused")]
)
def test_nobody_asks_in_anothers_name_or_for_what_they_do_not_see(
    cast: Cast, person: str, reached: int | str
) -> None:
    video = completed(cast.reel, "rb", cast.alice)
    asked = (
        "INSERT INTO auditing_downloadrequest (account_id, team_id, generation_id, asked_by_id, requested_at,"  # noqa: S608
        f" url, expires_at, reason) VALUES ({cast.reel.pk}, {cast.team.pk}, {video.pk}, {cast.alice.pk},"
        " now(), '', '', '')"
    )
    assert tried(getattr(cast, person), asked) == reached
