"""A person's exports: noted when asked for, and at their end what was in them; never wrong about a broken
one."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import StreamingHttpResponse
from django.test import Client
from django.utils import timezone

from auditing.access import SYSTEM, acting_as
from auditing.exports.recording import State, begin, exports_of, recorded, states_of
from auditing.exports.sources import Wanted
from auditing.filters import GenerationFilter
from auditing.models import Export, Membership, TrailEntry, User
from tests.exports.test_losing_access import elsewhere, team
from tests.views.cast import Cast, completed
from tests.views.conftest import people, signed_in, text

__all__ = ["elsewhere", "people", "signed_in", "team"]

type SignedIn = Callable[[User | None], Client]


def manifest(client: Client, export: Export) -> dict[str, Any]:
    """The manifest as its person gets it."""
    response = client.get(f"/exports/{export.pk}/manifest/")
    assert response.headers["Content-Disposition"] == f'attachment; filename="{export.name}.manifest.json"'
    said: dict[str, Any] = json.loads(response.content)
    return said


@pytest.mark.parametrize("written", ["csv", "ndjson", "xlsx"])
def test_a_manifest_says_what_is_in_the_file(people: Cast, signed_in: SignedIn, written: str) -> None:
    """Words, zone, moment, rows, credits with what is unknown, and the file's own checksum."""
    completed(people.nano, "vid_a", people.alice)
    completed(people.reel, "rb-b", people.alice)
    completed(people.nano, "vid_c", people.alice, credits_thousandths=None, credits_basis=None)
    completed(people.nano, "vid_d", people.bob)
    User.objects.filter(pk=people.alice.pk).update(time_zone="Europe/Berlin")
    client = signed_in(people.alice)
    before = timezone.now()
    response = client.get(f"/generations/?status=completed&per_page=25&format={written}&columns=title,owner")
    content = response.getvalue()
    export = Export.objects.get()
    said = manifest(client, export)
    moments = [datetime.fromisoformat(said.pop(name)) for name in ("asked_at", "as_of", "ended_at")]
    assert [before.replace(microsecond=0), *moments] == sorted([before.replace(microsecond=0), *moments])
    assert said.pop("media_type").split(";")[0] == response.headers["Content-Type"].split(";")[0]
    assert said == {
        "manifest": 1,
        "file": f"generations-{export.asked_at:%Y-%m-%d-%H%M}.{written}",
        "format": written,
        "state": "whole",
        "of": "generations",
        "filter": "completed; newest first",
        "query": "status=completed",
        "columns": ["title", "owner"],
        "time_zone": "Europe/Berlin",
        "exported_by": "alice",
        "token": None,
        "rows": 3,
        "credits": {"gross": "8.5", "rows_known": 2, "rows_documented": 1, "rows_unknown": 1},
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    assert response.headers["Content-Disposition"] == f'attachment; filename="{export.name}"'


def test_exports_are_in_their_persons_list_and_in_nobody_elses(people: Cast, signed_in: SignedIn) -> None:
    """Not even in a superuser's; another's is as absent as one that is nowhere."""
    completed(people.nano, "vid_a", people.alice)
    client = signed_in(people.alice)
    client.get("/generations/?format=csv&q=sunset").getvalue()
    page = text(client, "/exports/")
    assert "containing “sunset”; newest first" in page
    assert "Whole" in page
    export = Export.objects.get()
    for other in (people.bob, people.max, people.sid, people.rita):
        browser = signed_in(other)
        assert "sunset" not in text(browser, "/exports/")
        for below in ("", "manifest/", "file/"):
            assert browser.get(f"/exports/{export.pk}/{below}").status_code == 404
        with acting_as(other):
            assert not Export.objects.exists()


def test_the_list_is_paged(people: Cast, signed_in: SignedIn) -> None:
    """Newest first, thirty at a time."""
    wanted = Wanted.generations(GenerationFilter(), "csv")
    numbers = [begin(people.alice, wanted, timezone.now()).pk for _ in range(31)]
    client = signed_in(people.alice)
    first = client.get("/exports/").content.decode()
    assert f'id="export-{numbers[1]}"' in first
    assert f'id="export-{numbers[0]}"' not in first
    assert f'href="/exports/?before={numbers[1]}"' in first
    second = client.get(f"/exports/?before={numbers[1]}").content.decode()
    assert f'id="export-{numbers[0]}"' in second
    assert "Nothing older" in text(client, "/exports/?before=0")


def test_a_head_request_makes_nothing(people: Cast, signed_in: SignedIn) -> None:
    """It asks what there would be."""
    response = signed_in(people.alice).head("/generations/?format=csv")
    assert response.headers["Content-Type"].startswith("text/csv")
    assert not Export.objects.exists()
    assert not TrailEntry.objects.exists()


def test_a_programs_export_is_in_its_persons_list(team: Any) -> None:
    """With the token that it came by."""
    from auditing.models import Scope
    from auditing.tokens import make_token

    max_ = User.objects.get(username="max")
    with acting_as(max_):
        made = make_token(max_, team, "t", [Scope.EXPORT], timedelta(days=7), timezone.now())
    answer = Client().get(
        "/api/v1/generations?format=ndjson", headers={"Authorization": f"Bearer {made.text}"}
    )
    content = answer.getvalue()
    with acting_as(max_):
        export = Export.objects.get()
    assert (export.token, export.person_id) == (made.token.prefix_shown, max_.pk)
    assert (export.sha256, export.rows) == (hashlib.sha256(content).hexdigest(), content.count(b"\n"))


def state_of(person: User, later: timedelta) -> State:
    """How the person's only export stands, some time later."""
    with acting_as(person):
        export = exports_of(person).get()
        return states_of([export], timezone.now() + later)[export.pk]


HOUR = timedelta(hours=1)


def begun(person: User) -> tuple[StreamingHttpResponse, Any]:
    """A download of which the first part has come."""
    browser = Client()
    browser.force_login(person)
    response = browser.get("/generations/?format=csv")
    assert isinstance(response, StreamingHttpResponse)
    chunks = iter(response)
    next(chunks)
    return response, chunks


@pytest.mark.usefixtures("team")
def test_a_file_that_its_reader_leaves_is_broken_off() -> None:
    """While it is read it is under way, however long that takes; then it never was whole."""
    max_ = User.objects.get(username="max")
    response, _ = begun(max_)
    held = states_as_seen_elsewhere(max_)
    response.close()
    assert held is State.UNDER_WAY
    assert state_of(max_, timedelta(0)) is State.UNDER_WAY  # it may be about to begin
    assert state_of(max_, HOUR) is State.BROKEN_OFF
    with acting_as(max_):
        export = Export.objects.get()
    assert (export.ended_at, export.rows, export.sha256) == (None, None, "")


def states_as_seen_elsewhere(person: User) -> State:
    """By another connection, an hour later."""
    from threading import Thread

    from django.db import connections

    found: list[State] = []

    def look() -> None:
        found.append(state_of(person, HOUR))
        connections.close_all()

    thread = Thread(target=look)
    thread.start()
    thread.join()
    return found[0]


def test_a_file_whose_person_loses_the_right_is_broken_off(
    team: Any, elsewhere: Callable[[str], None]
) -> None:
    max_ = User.objects.get(username="max")
    response, chunks = begun(max_)
    elsewhere("DELETE FROM auditing_membership")
    with pytest.raises(Exception, match="does not see all of it"):
        list(chunks)
    response.close()
    assert state_of(max_, HOUR) is State.BROKEN_OFF
    assert team.pk


def test_a_file_is_whole_once_its_last_line_was_written(team: Any) -> None:
    max_ = User.objects.get(username="max")
    response, chunks = begun(max_)
    list(chunks)
    response.close()
    assert state_of(max_, HOUR) is State.WHOLE
    assert Membership.objects.filter(team=team).exists()


def test_what_is_recorded_is_what_was_written(people: Cast) -> None:
    """To the byte: nothing is added to the file."""
    from auditing.exports import FORMATS

    completed(people.nano, "vid_a", people.alice)
    wanted = Wanted.generations(GenerationFilter(), "ndjson")
    with acting_as(people.alice):
        export = begin(people.alice, wanted, timezone.now())
        content = b"".join(recorded(export, FORMATS["ndjson"].write(wanted.rows(people.alice), wanted.table)))
    with acting_as(SYSTEM):
        assert Export.objects.get().sha256 == hashlib.sha256(content).hexdigest()
