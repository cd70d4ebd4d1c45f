"""`POST /api/v1/generations`: every item is new, known, or rejected with its reason; repeating it is safe."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from auditing.access import SYSTEM, acting_as, visible_to
from auditing.models import Account, Generation, Membership, Scope
from tests.api.conftest import Token
from tests.views.cast import Cast, completed

PATH = "/api/v1/generations"
PAYLOADS = Path(__file__).parents[1] / "payloads"
SENT_AS_IS = (PAYLOADS / "nanobanana-generation.json").read_text()


def post(text: str, body: Any, query: str = "", content_type: str = "application/json") -> Any:
    """The answer to this body: text and bytes as they are, everything else as JSON."""
    data = body if isinstance(body, str | bytes) else json.dumps(body)
    return Client().post(
        f"{PATH}{query}", data, content_type=content_type, headers={"Authorization": f"Bearer {text}"}
    )


def results(answer: Any) -> list[str]:
    """Each item's result in a line: its position, its word, and its id or the reason."""
    assert answer.status_code == 200, answer.content
    body = answer.json()
    words = [item["result"] for item in body["results"]]
    assert {word: body[word] for word in ("new", "known", "rejected")} == {
        word: words.count(word) for word in ("new", "known", "rejected")
    }
    return [
        f"{item['position']} {item['result']} {item.get('external_id', item.get('reason'))}"
        for item in body["results"]
    ]


def error(answer: Any, status: int) -> str:
    """The sentence of a refusal; nothing was registered."""
    assert answer.status_code == status, answer.content
    assert not rows()
    assert set(answer.json()) == {"success", "code", "error"}
    return str(answer.json()["error"])


def rows() -> dict[str, Generation]:
    with acting_as(SYSTEM):
        found = visible_to(SYSTEM).select_related("owner", "project", "account", "team", "lookup")
        return {row.external_id: row for row in found}


@pytest.fixture
def managers(people: Cast, token: Token) -> str:
    """A token of Max's, who manages the team."""
    return token(people.max, people.team, Scope.INTAKE)


@pytest.fixture
def members(people: Cast, token: Token) -> str:
    """A token of Alice's, a member."""
    return token(people.alice, people.team, Scope.INTAKE)


def test_one_id_is_registered_and_due_at_once(managers: str, people: Cast) -> None:
    said = {
        "provider": "nanobanana",
        "account": "north-nano",
        "external_id": "vid_a",
        "owner": "bob",
        "project": "Beach",
    }
    answer = post(managers, said)
    assert answer.json() == {
        "success": True,
        "new": 1,
        "known": 0,
        "rejected": 0,
        "results": [{"position": 1, "result": "new", "provider": "nanobanana", "external_id": "vid_a"}],
    }
    assert answer.headers["Cache-Control"] == "no-store"
    row = rows()["vid_a"]
    assert (row.team, row.account, row.owner, row.status) == (people.team, people.nano, people.bob, None)
    assert row.project is not None
    assert row.project.name == "Beach"
    assert row.lookup.due_at is not None


def test_the_same_again_is_known_and_changes_nothing(managers: str) -> None:
    first, second = {"external_id": "vid_a", "owner": "bob"}, {"external_id": "vid_a", "owner": "alice"}
    assert results(post(managers, first, "?provider=nanobanana")) == ["1 new vid_a"]
    assert results(post(managers, second, "?provider=nanobanana")) == ["1 known vid_a"]
    assert str(rows()["vid_a"].owner) == "Bob"


@pytest.mark.parametrize(
    ("body", "query"),
    [
        (["vid_a", "vid_b", "vid_a"], "?account=north-nano"),
        ([{"external_id": name} for name in ("vid_a", "vid_b", "vid_a")], "?provider=nanobanana"),
        ({"account": "north-nano", "generations": ["vid_a", "vid_b", "vid_a"]}, ""),
        ({"account": "north-nano", "generations": ["vid_a", "vid_b", "vid_a"]}, "?account=north-reel"),
        ([{"provider": "nanobanana", "external_id": name} for name in ("vid_a", "vid_b", "vid_a")], ""),
    ],
)
def test_a_list_has_a_result_for_each_item_in_its_order(managers: str, body: Any, query: str) -> None:
    assert results(post(managers, body, query)) == ["1 new vid_a", "2 new vid_b", "3 known vid_a"]
    assert {row.account.label for row in rows().values()} == {"north-nano"}


def test_generation_responses_are_taken_as_the_providers_sent_them(managers: str) -> None:
    """A response tells its provider, at which the team has one account."""
    reel = {"success": True, "projectId": "abc123", "status": "queued"}
    video_id = json.loads(SENT_AS_IS)["video_id"]
    assert results(post(managers, SENT_AS_IS)) == [f"1 new {video_id}"]
    assert results(post(managers, [reel, json.loads(SENT_AS_IS)])) == ["1 new abc123", f"2 known {video_id}"]
    assert {row.external_id: row.account.label for row in rows().values()} == {
        video_id: "north-nano",
        "abc123": "north-reel",
    }


def test_ndjson_has_a_line_for_each_item_and_a_bad_line_costs_itself_only(managers: str) -> None:
    lines = (
        f'"vid_a"\n\n{{"external_id": 12345}}\n{{"external_id":\n\xff\n{json.dumps(json.loads(SENT_AS_IS))}'
    )
    answer = post(managers, lines.encode("latin-1"), "?account=north-nano", "application/x-ndjson")
    assert results(answer) == [
        "1 new vid_a",
        "3 new 12345",
        "4 rejected not JSON: Input data was truncated",
        "5 rejected not UTF-8 at byte 1 of the line",
        f"6 new {json.loads(SENT_AS_IS)['video_id']}",
    ]


def test_what_cannot_be_registered_is_rejected_alone_with_the_reason(managers: str) -> None:
    items = [
        "vid_a",
        "..",
        "tab\there",
        "x" * 256,
        True,
        {"external_id": "vid_x", "owner": 7},
        {"external_id": "vid_x", "owner": "otto"},
        {"external_id": "vid_x", "project": "a\x00b"},
        {"success": False, "error": "No credits"},
        None,
        {"external_id": "vid_b", "account": "south-nano"},
        {"external_id": "vid_b", "provider": "sora"},
        {"external_id": "vid_b", "account": ["north-nano"]},
        {"external_id": "vid_b", "account": "north-nano", "provider": "reelbot"},
    ]
    assert results(post(managers, items, "?account=north-nano")) == [
        "1 new vid_a",
        "2 rejected '..' would reach another address",
        "3 rejected id with control characters",
        "4 rejected id of 256 characters; at most 255 are possible",
        "5 rejected external_id: expected text, got bool",
        "6 rejected owner: expected text, got int",
        "7 rejected owner: nobody in team north is called 'otto'; add_member makes them known",
        "8 rejected project: at most 200 printable characters are possible",
        "9 rejected neither external_id nor a generation response of NanoBanana Video",
        "10 rejected external_id: expected text, got NoneType",
        (
            "11 rejected account: none is called 'south-nano' here; you may choose north-nano (nanobanana),"
            " north-reel (reelbot)"
        ),
        "12 rejected provider: there is no 'sora'; there are nanobanana, reelbot",
        "13 rejected account: expected text, got list",
        "14 rejected account: none is called 'north-nano' here; you may choose north-reel (reelbot)",
    ]
    assert set(rows()) == {"vid_a"}


def test_an_id_whose_account_is_not_said_is_rejected_with_the_labels(managers: str, people: Cast) -> None:
    Account.objects.create(
        provider="nanobanana", label="north-2", team=people.team, base_url="http://127.0.0.1:9"
    )
    assert results(post(managers, ["vid_a", json.loads(SENT_AS_IS)])) == [
        (
            "1 rejected account: say which account it is for; you may choose north-2 (nanobanana), north-nano"
            " (nanobanana), north-reel (reelbot)"
        ),
        (
            "2 rejected provider: say which account it is for; you may choose north-2 (nanobanana),"
            " north-nano (nanobanana)"
        ),
    ]


def test_an_only_account_need_not_be_said(managers: str, people: Cast) -> None:
    people.reel.delete()
    assert results(post(managers, '"vid_a"')) == ["1 new vid_a"]


@pytest.mark.parametrize(
    ("body", "query", "said"),
    [
        (" ", "", "not JSON: Input data was truncated"),
        ('["vid_a",\n\n nope]', "", "line 3: not JSON: JSON is malformed: invalid character"),
        (b'"\xff"', "", "not JSON: 'utf-8' codec can't decode byte 0xff"),
        ("[" * 100_000, "", "not JSON that can be read: nested too deep"),
        ({"generations": "vid_a"}, "", "generations: expected a list, got str"),
        ({"generations": ["vid_a"], "account": 7}, "", "account: expected text, got int"),
        (
            ["vid_a"],
            "?account=south-nano",
            "account: none is called 'south-nano' here; you may choose north-nano",
        ),
        (["vid_a"], "?account=%00", "account: none is called '\\x00' here"),
        (["vid_a"], "?provider=sora", "provider: there is no 'sora'; there are nanobanana, reelbot"),
        (["vid_a"], "?account=north-nano&owner=otto", "owner: nobody in team north is called 'otto'"),
    ],
)
def test_what_cannot_be_read_as_a_whole_registers_nothing_and_says_why(
    managers: str, body: Any, query: str, said: str
) -> None:
    sentence = error(post(managers, body, query), 400)
    assert sentence.startswith(said)
    assert sentence.endswith("Nothing was registered.")


@pytest.mark.parametrize("content_type", ["text/plain", "application/json; charset=utf-16", ""])
def test_other_media_types_are_refused(managers: str, content_type: str) -> None:
    answer = post(managers, '"vid_a"', "?account=north-nano", content_type)
    assert "application/x-ndjson" in error(answer, 415)
    assert answer.headers["Accept-Post"] == "application/json, application/x-ndjson"


def test_a_compressed_body_is_refused(managers: str) -> None:
    headers = {"Authorization": f"Bearer {managers}", "Content-Encoding": "gzip"}
    answer = Client().post(PATH, b"\x1f\x8b", content_type="application/json", headers=headers)
    assert "not compressed" in error(answer, 415)


def test_more_than_one_request_may_hold_is_refused_unread(managers: str) -> None:
    assert "10 MiB" in error(post(managers, b" " * (10 * 1024 * 1024 + 1)), 413)
    assert "100,000 items" in error(post(managers, ["a"] * 100_001, "?account=north-nano"), 413)
    lines = b'"a"\n' * 100_001
    assert "100,000 items" in error(post(managers, lines, "?account=north-nano", "application/x-ndjson"), 413)


def test_a_body_of_unknown_length_is_refused(managers: str) -> None:
    headers = {"Authorization": f"Bearer {managers}"}
    answer = Client().generic("POST", PATH, b"", headers={**headers, "Content-Type": "application/json"})
    assert "Content-Length" in error(answer, 411)


def test_what_a_member_registers_is_theirs_and_they_see_it(members: str, people: Cast) -> None:
    items = ["vid_a", {"external_id": "vid_b", "owner": "ALICE"}, {"external_id": "vid_c", "owner": "bob"}]
    refusal = "3 rejected owner: a member registers ids as their own only; a manager may for others"
    assert results(post(members, items, "?account=north-nano")) == ["1 new vid_a", "2 new vid_b", refusal]
    with acting_as(people.alice):
        assert {row.external_id for row in visible_to(people.alice)} == {"vid_a", "vid_b"}


def test_a_member_who_asks_for_others_by_default_registers_nothing(members: str) -> None:
    sentence = error(post(members, ["vid_a"], "?account=north-nano&owner=bob"), 400)
    assert sentence.startswith("owner: a member registers ids as their own only")


def test_a_member_may_not_add_to_another_persons_key(members: str, people: Cast) -> None:
    people.nano.owner = people.bob
    people.nano.save()
    assert "you may choose north-reel (reelbot)." in error(post(members, ["a"], "?account=north-nano"), 400)
    people.nano.owner = people.alice
    people.nano.save()
    assert results(post(members, ["a"], "?account=north-nano")) == ["1 new a"]


@pytest.mark.parametrize("name", ["audrey", "sid"])
def test_auditors_read(name: str, people: Cast, token: Token) -> None:
    text = token(getattr(people, name), people.team, Scope.INTAKE)
    assert "there is none that you may register ids for" in error(
        post(text, ["vid_a"], "?account=north-nano"), 400
    )
    answer = post(text, ["vid_a"])
    assert answer.json()["rejected"] == 1
    assert not rows()


def test_a_token_reaches_its_one_team_only(people: Cast, token: Token) -> None:
    """Even a superuser's, and a person's who manages two."""
    Membership.objects.create(user=people.max, team=people.other_team, role="manager")
    for person in (people.rita, people.max):
        text = token(person, people.team, Scope.INTAKE)
        assert "none is called 'south-nano' here" in error(post(text, ["a"], "?account=south-nano"), 400)


def test_another_teams_record_of_the_id_is_not_told_of(managers: str, people: Cast) -> None:
    completed(people.other_nano, "vid_a", people.otto)
    assert results(post(managers, ["vid_a"], "?account=north-nano")) == ["1 new vid_a"]


def test_the_scope_is_asked_for_before_the_body_is_looked_at(people: Cast, token: Token) -> None:
    answer = post(token(people.max, people.team, Scope.READ, Scope.EXPORT), "{")
    assert "'intake' is needed" in error(answer, 403)
    assert error(post("clip_nothing", "{"), 401)


def test_a_session_registers_nothing(people: Cast) -> None:
    client = Client()
    client.force_login(people.rita)
    answer = client.post(f"{PATH}?account=north-nano", ["vid_a"], content_type="application/json")
    assert error(answer, 401)
