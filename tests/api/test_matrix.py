"""Which token gets what where: every endpoint that there is with every method, for every kind of token and
every relation of its person to the record. That no token opens a page is in tests/views/test_matrix.py."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import product

import pytest
from django.utils import timezone

from auditing.api.urls import urlpatterns
from auditing.models import Membership, Scope, Team, User
from auditing.tokens import revoke
from tests.api.asking import a_token, asked
from tests.views.cast import Cast, completed
from tests.views.matrix import METHODS, SAFE

# Of whom the record is: Alice's, her teammate's, another team's, nobody's (there is none).
RELATIONS = ("own", "teammate", "stranger", "absent")
SEES_OWN = {"own": 200}
SEES_TEAM = {"own": 200, "teammate": 200}
NOBODY: dict[str, int] = {}


@dataclass(frozen=True)
class Holder:
    """One kind of token, and what its person sees by it. `status`: what is said where it opens nothing.

    `exports` and `registers` say whether it may take files out, and what becomes of an id that it registers.
    """

    make: Callable[[Cast], str | None]
    sees: dict[str, int]
    status: int = 200
    exports: bool = False
    registers: str = ""


def of(name: str, *scopes: Scope, team: str = "team") -> Callable[[Cast], str]:
    """A token of this person."""
    return lambda cast: a_token(getattr(cast, name), getattr(cast, team), *scopes)


def _then(end: Callable[[Cast, User, Team], object]) -> Callable[[Cast], str]:
    """A token of Max, after which something happened to it or to him."""

    def made(cast: Cast) -> str:
        text = a_token(cast.max, cast.team, *Scope)
        end(cast, cast.max, cast.team)
        return text

    return made


def _expire(_cast: Cast, person: User, _team: Team) -> None:
    ago = timezone.now() - timedelta(days=2)
    person.tokens.update(created_at=ago, expires_at=ago + timedelta(days=1))


def _revoke(_cast: Cast, person: User, _team: Team) -> None:
    revoke(person, person.tokens.get().pk, timezone.now())


def _leave(_cast: Cast, person: User, team: Team) -> None:
    Membership.objects.filter(user=person, team=team).delete()


def _switch_off(_cast: Cast, person: User, _team: Team) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)


HOLDERS = {
    "member": Holder(of("alice"), SEES_OWN),
    "auditor": Holder(of("audrey"), SEES_TEAM),
    "manager": Holder(of("max"), SEES_TEAM),
    "manager of the other team": Holder(of("otto", team="other_team"), {"stranger": 200}),
    "site auditor, for the team": Holder(of("sid"), SEES_TEAM),
    "superuser, for the team": Holder(of("rita"), SEES_TEAM),
    "superuser, for the other team": Holder(of("rita", team="other_team"), {"stranger": 200}),
    "every scope": Holder(of("max", *Scope), SEES_TEAM, exports=True, registers="new"),
    "an auditor's to register": Holder(of("audrey", Scope.INTAKE), NOBODY, 403, registers="rejected"),
    "to export": Holder(of("max", Scope.EXPORT), NOBODY, 403, exports=True),
    "to register": Holder(of("max", Scope.INTAKE), NOBODY, 403, registers="new"),
    "expired": Holder(_then(_expire), NOBODY, 401),
    "revoked": Holder(_then(_revoke), NOBODY, 401),
    "of one who left": Holder(_then(_leave), NOBODY, 401),
    "of one switched off": Holder(_then(_switch_off), NOBODY, 401),
    "unknown": Holder(lambda _: "clip_" + "0" * 49, NOBODY, 401),
    "none": Holder(lambda _: None, NOBODY, 401),
}

# An endpoint's address for a record, and what a stranger's and an absent one get there.
RECORDS = {
    "api_generation": (
        ("/api/v1/generations/nanobanana/vid-{}", 403),
        ("/api/v1/generations/reelbot/rb-{}", 404),
    ),
    "api_video_status": (("/api/v1/video-status.php?video_id=vid-{}", 403),),
    "api_project_status": (("/api/v1/video/status/rb-{}", 404),),
}
READ_ONLY = {method: 200 if method in SAFE else 405 for method in METHODS}
OPEN = {
    "api_openapi": ("/api/v1/openapi.json", READ_ONLY),
    "api_unknown": ("/api/v1/nothing", dict.fromkeys(METHODS, 404)),
}
LISTS = {"api_generations"}


@pytest.fixture
def records(people: Cast) -> Cast:
    """One record of each relation at each provider."""
    for account, mark in ((people.nano, "vid"), (people.reel, "rb")):
        completed(account, f"{mark}-own", people.alice)
        completed(account, f"{mark}-teammate", people.bob)
    for account, mark in ((people.other_nano, "vid"), (people.other_reel, "rb")):
        completed(account, f"{mark}-stranger", people.otto)
    return people


def ask(address: str, text: str | None, method: str = "GET") -> int:
    """The status, with the token in both headers."""
    keys = {} if text is None else {"X_API_Key": text}
    return asked(address, text, method, **keys).status


def record_for(holder: Holder, method: str, relation: str, refusal: int) -> int:
    """The status of this record for this token; a stranger's is refused so. Records are only read."""
    if method not in SAFE:
        return 405
    refused = 404 if relation == "absent" else refusal
    return holder.sees.get(relation, refused) if holder.status == 200 else holder.status


def test_every_endpoint_has_a_rule() -> None:
    """A new one without fails here."""
    assert {pattern.name for pattern in urlpatterns} == {*RECORDS, *OPEN, *LISTS}


@pytest.mark.parametrize("name", HOLDERS)
def test_each_token_gets_what_the_rules_say(records: Cast, name: str) -> None:
    """Every record at every endpoint: its own, or the provider's refusal, or none at all."""
    holder = HOLDERS[name]
    text = holder.make(records)
    wrong = []
    for address, refusal in (rule for rules in RECORDS.values() for rule in rules):
        for relation, method in product(RELATIONS, METHODS):
            got = ask(address.format(relation), text, method)
            expected = record_for(holder, method, relation, refusal)
            if got != expected:
                wrong.append(f"{method} {address} ({relation}): {got}, not {expected}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", HOLDERS)
def test_what_is_open_is_the_same_with_any_token(records: Cast, name: str) -> None:
    """And the list has two methods, both of which `test_each_tokens_lists_hold_what_it_sees` asks."""
    text = HOLDERS[name].make(records)
    for address, by_method in OPEN.values():
        assert {method: ask(address, text, method) for method in METHODS} == by_method, address
    other = [method for method in METHODS if method not in (*SAFE, "POST")]
    assert {ask("/api/v1/generations", text, method) for method in other} == {405}


@pytest.mark.parametrize("name", HOLDERS)
def test_each_tokens_lists_hold_what_it_sees(records: Cast, name: str) -> None:
    """A page, an export, and the right to register."""
    holder = HOLDERS[name]
    text = holder.make(records)
    page = asked("/api/v1/generations", text)
    assert page.status == ask("/api/v1/generations", text, "HEAD") == holder.status
    if page.status == 200:
        seen = {row["external_id"] for row in page.json["generations"]}
        assert seen == {f"{mark}-{relation}" for relation in holder.sees for mark in ("vid", "rb")}
    refused = 401 if holder.status == 401 else 403
    assert ask("/api/v1/generations?format=ndjson", text) == (200 if holder.exports else refused)
    body = '{"account": "north-nano", "external_id": "vid-new"}'
    registered = asked("/api/v1/generations", text, "POST", body)
    assert registered.status == (200 if holder.registers else refused)
    if holder.registers:
        assert [result["result"] for result in registered.json["results"]] == [holder.registers]
