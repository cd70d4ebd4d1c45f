"""Who loses access while a file is under way gets no more of it, and a file that can't be taken for whole."""

import csv
import io
import json
import logging
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from django.http import StreamingHttpResponse
from django.test import Client
from django.utils import timezone

from auditing.access import SYSTEM, Bearer, Person, SightLost, Watch, acting_as, visible_to
from auditing.exports import BROKEN_OFF, GENERATIONS, export_csv, export_ndjson, export_xlsx
from auditing.models import Generation, Membership, Role, Scope, Team, TrailEntry, User
from auditing.tokens import bearer_of, make_token
from tests.conftest import environment_of
from tests.serving import served

ROOT = Path(__file__).resolve().parent.parent.parent
ROWS = 2500
LONG = "http://127.0.0.1:9/" + "x" * 3000  # what is on its way already is a small part of all


@pytest.fixture
def team(committed_db: str) -> Team:  # noqa: ARG001 - the fixture opens the database
    """A team with a manager, max, and more rows than sockets and buffers hold."""
    with acting_as(SYSTEM):
        team = Team.objects.create(slug="north", name="North")
        account = team.accounts.create(provider="reelbot", label="r", base_url="http://127.0.0.1:9")
        Membership.objects.create(team=team, user=User.objects.create(username="max"), role=Role.MANAGER)
        Generation.objects.bulk_create(
            Generation(
                team=team, account=account, provider="reelbot", external_id=f"rb-{n}", thumbnail_url=LONG
            )
            for n in range(ROWS)
        )
    return team


@pytest.fixture
def elsewhere(committed_db: str) -> Iterator[Callable[[str], None]]:
    """Commits a statement from another connection."""
    address = committed_db.replace("clipledger_web@", "clipledger@")
    with psycopg.connect(address, autocommit=True) as session:
        session.execute("SET ROLE clipledger_owner")

        def commit(statement: str) -> None:
            session.execute(statement)

        yield commit


def read(
    person: Person, write: Callable[..., Iterator[bytes]], meanwhile: Callable[[], None]
) -> tuple[list[bytes], SightLost | None]:
    """What arrives of a file, when something happens after its first chunk; and what broke it off."""
    chunks: list[bytes] = []
    try:
        with acting_as(person):
            for chunk in write(visible_to(person)):
                chunks.append(chunk)
                if len(chunks) == 1:
                    meanwhile()
    except SightLost as lost:
        return chunks, lost
    return chunks, None


LOSSES = {
    "taken out of the team": "DELETE FROM auditing_membership",
    "made a member of it": "UPDATE auditing_membership SET role = 'member'",
    "switched off": "UPDATE auditing_user SET is_active = false",
}


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("write", [export_csv, export_ndjson])
def test_a_running_export_ends_when_its_person_loses_the_right(
    team: Team, elsewhere: Callable[[str], None], write: Callable[..., Iterator[bytes]], loss: str
) -> None:
    """What had been written by then still arrives, and the words that it was broken off; then an error."""
    max_ = User.objects.get(username="max")
    received, lost = read(max_, write, lambda: elsewhere(LOSSES[loss]))
    assert lost is not None
    assert lost.teams == (team.pk,)
    assert BROKEN_OFF.encode() in received[-1]
    assert 0 < b"".join(received).count(b"rb-") < ROWS / 2


def test_who_sees_more_by_now_gets_all_of_it(team: Team, elsewhere: Callable[[str], None]) -> None:
    """A member who is made a manager, and one who comes into a second team, lose nothing."""
    max_ = User.objects.get(username="max")
    elsewhere("UPDATE auditing_membership SET role = 'member'")
    elsewhere("UPDATE auditing_generation SET owner_id = (SELECT id FROM auditing_user)")

    def rise() -> None:
        elsewhere("UPDATE auditing_membership SET role = 'manager'")
        elsewhere("INSERT INTO auditing_team (slug, name) VALUES ('south', 'South')")
        elsewhere(
            "INSERT INTO auditing_membership (team_id, user_id, role) SELECT team.id, person.id, 'member'"
            " FROM auditing_team AS team, auditing_user AS person WHERE team.slug = 'south'"
        )

    received, lost = read(max_, export_ndjson, rise)
    assert lost is None
    assert b"".join(received).count(b"\n") == ROWS
    assert team.pk


def test_who_manages_the_team_no_more_gets_no_more(team: Team, elsewhere: Callable[[str], None]) -> None:
    """Though an auditor sees the same records: a manager's file may be of the team's trail."""
    with acting_as(User.objects.get(username="max")):
        watch = Watch.begin()
        elsewhere("UPDATE auditing_membership SET role = 'auditor'")
        with pytest.raises(SightLost):
            watch.look()
    assert team.pk


def test_rows_that_change_meanwhile_are_as_they_were(team: Team, elsewhere: Callable[[str], None]) -> None:
    """A file is of one moment: nothing twice, nothing missing, nothing newer."""
    received, _ = read(
        SYSTEM, export_ndjson, lambda: elsewhere("UPDATE auditing_generation SET title = 'newer'")
    )
    rows = [json.loads(line) for line in b"".join(received).splitlines()]
    assert {row["external_id"] for row in rows} == {f"rb-{n}" for n in range(ROWS)}
    assert {row["title"] for row in rows} == {None}
    assert team.pk


def test_no_reader_takes_a_broken_file_for_a_whole_one(team: Team, elsewhere: Callable[[str], None]) -> None:
    """NDJSON ends in what is no JSON, CSV in a line with more cells than the header."""
    max_ = User.objects.get(username="max")
    for write in (export_csv, export_ndjson):
        elsewhere("UPDATE auditing_membership SET role = 'manager'")
        chunks, _ = read(max_, write, lambda: elsewhere(LOSSES["made a member of it"]))
        last = b"".join(chunks).decode().splitlines()[-1]
        if write is export_csv:
            assert len(next(csv.reader(io.StringIO(last)))) == len(GENERATIONS.columns) + 1
        else:
            with pytest.raises(json.JSONDecodeError):
                json.loads(last)
    assert team.pk


def test_a_workbook_that_is_ready_is_not_sent_any_further(
    team: Team, elsewhere: Callable[[str], None]
) -> None:
    """Its index is at its end: what arrived can't be opened."""
    max_ = User.objects.get(username="max")
    chunks, lost = read(max_, export_xlsx, lambda: elsewhere(LOSSES["taken out of the team"]))
    assert lost is not None
    assert len(chunks) == 1
    assert team.pk


@pytest.mark.parametrize(
    "end",
    [
        "UPDATE auditing_personaltoken SET revoked_at = now()",
        """UPDATE auditing_personaltoken
            SET created_at = now() - interval '2 days', expires_at = now() - interval '1 day'""",
        "DELETE FROM auditing_membership",
    ],
    ids=["revoked", "expired", "left"],
)
def test_a_tokens_export_ends_with_the_token(team: Team, elsewhere: Callable[[str], None], end: str) -> None:
    """Its person's own right to the rows need not end."""
    max_ = User.objects.get(username="max")
    with acting_as(max_):
        made = make_token(max_, team, "t", [Scope.EXPORT], timedelta(days=7), timezone.now())
    bearer = bearer_of(made.text, Scope.EXPORT, timezone.now())
    assert isinstance(bearer, Bearer)
    received, lost = read(bearer, export_ndjson, lambda: elsewhere(end))
    assert lost is not None
    assert 0 < b"".join(received).count(b"rb-") < ROWS / 2


def test_the_download_breaks_off_and_the_team_is_told(
    team: Team, elsewhere: Callable[[str], None], caplog: pytest.LogCaptureFixture
) -> None:
    """The page's own download: the trail of the team that was left has it, and so has the log."""
    max_ = User.objects.get(username="max")
    browser = Client()
    browser.force_login(max_)
    response = browser.get("/generations/?format=csv")
    assert isinstance(response, StreamingHttpResponse)
    chunks = iter(response)
    next(chunks)
    elsewhere(LOSSES["taken out of the team"])
    with caplog.at_level(logging.WARNING), pytest.raises(SightLost):
        list(chunks)
    response.close()
    with acting_as(SYSTEM):
        entry = TrailEntry.objects.filter(result__startswith="broken off").get()
    assert (entry.act, entry.team_id, entry.owner_id) == ("exported", team.pk, max_.pk)
    assert "a file was broken off: max no longer sees all of it" in caplog.text
    connection.close()


def test_a_program_that_reads_slowly_is_told(team: Team, elsewhere: Callable[[str], None]) -> None:
    """Over HTTP, by a token that is revoked while it streams."""
    max_ = User.objects.get(username="max")
    with acting_as(max_):
        made = make_token(max_, team, "t", [Scope.EXPORT], timedelta(days=7), timezone.now())
    with served() as site, socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # nothing is read ahead
        line.connect(("127.0.0.1", int(site.rsplit(":", 1)[1])))
        line.sendall(
            f"GET /api/v1/generations?format=ndjson HTTP/1.1\r\nHost: localhost\r\n"
            f"Authorization: Bearer {made.text}\r\nConnection: close\r\n\r\n".encode()
        )
        received = line.recv(1000)
        elsewhere("UPDATE auditing_personaltoken SET revoked_at = now()")
        while more := line.recv(65536):
            received += more
    assert received.startswith(b"HTTP/1.1 200")
    assert received.splitlines()[-1] == BROKEN_OFF.encode()
    assert 0 < received.count(b"rb-") < ROWS
    with acting_as(SYSTEM):
        entry = TrailEntry.objects.filter(result__startswith="broken off").get()
    assert (entry.team_id, entry.token) == (team.pk, made.token.prefix_shown)


def test_the_command_fails(committed_db: str, team: Team, elsewhere: Callable[[str], None]) -> None:
    """Its own process: exit 1 and a sentence, behind what tells any reader that this is not all."""
    command = subprocess.Popen(
        [sys.executable, "manage.py", "export", "--as", "max"],
        cwd=ROOT,
        env=environment_of(committed_db),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert command.stdout is not None
    first = command.stdout.readline()
    assert json.loads(first)["team"] == team.slug
    elsewhere(LOSSES["taken out of the team"])
    printed, said = command.communicate(timeout=60)
    assert command.returncode == 1
    assert printed.decode().splitlines()[-1] == BROKEN_OFF
    assert printed.count(b"rb-") < ROWS / 2
    assert "max lost the right to some of these rows meanwhile" in said.decode()
