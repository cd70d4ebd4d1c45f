"""The people and rows that the pages' tests are about."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Permission
from django.utils import timezone

from auditing.models import (
    Account,
    Generation,
    Lookup,
    Membership,
    Observation,
    Role,
    Run,
    RunPart,
    Statement,
    StatementLine,
    Team,
    User,
)


@dataclass(frozen=True)
class Cast:
    """Alice and Bob are members of one team, Audrey audits it, Max manages it; Otto is of another team.

    Sid is site auditor, Rita superuser.
    """

    team: Team
    other_team: Team
    alice: User
    bob: User
    audrey: User
    max: User
    otto: User
    sid: User
    rita: User
    nano: Account
    reel: Account
    other_nano: Account
    other_reel: Account


def assemble(password: str | None = None) -> Cast:
    """The teams, people and accounts, in the database. Without a password people sign in by fixture only."""
    team, other = (
        Team.objects.create(slug="north", name="North"),
        Team.objects.create(slug="south", name="South"),
    )
    hashed = make_password(password) if password else "nothing has this hash"
    people = {name: _person(name, hashed) for name in ("alice", "bob", "audrey", "max", "otto", "sid")}
    for name, role in (("alice", "member"), ("bob", "member"), ("audrey", "auditor"), ("max", "manager")):
        Membership.objects.create(team=team, user=people[name], role=Role(role))
    Membership.objects.create(team=other, user=people["otto"], role=Role.MANAGER)
    people["sid"].user_permissions.add(Permission.objects.get(codename="view_everything"))
    return Cast(
        team=team,
        other_team=other,
        rita=_person("rita", hashed, is_staff=True, is_superuser=True),
        nano=_account("nanobanana", "north-nano", team),
        reel=_account("reelbot", "north-reel", team),
        other_nano=_account("nanobanana", "south-nano", other),
        other_reel=_account("reelbot", "south-reel", other),
        **people,
    )


def _person(name: str, hashed: str, **rights: bool) -> User:
    return User.objects.create(username=name, first_name=name.capitalize(), password=hashed, **rights)


def _account(provider: str, label: str, team: Team) -> Account:
    return Account.objects.create(
        provider=provider, label=label, team=team, base_url="http://127.0.0.1:9", last_ok_at=timezone.now()
    )


def registered(account: Account, external_id: str, owner: User | None, **columns: Any) -> Generation:
    """A generation of this account, with its lookup; a word for `outcome` is its lookup's."""
    outcome = columns.pop("outcome", "ok")
    generation = Generation.objects.create(
        team=account.team,
        account=account,
        provider=account.provider,
        external_id=external_id,
        owner=owner,
        **columns,
    )
    looked_up_at = timezone.now() if outcome else None
    Lookup.objects.create(
        generation=generation,
        account=account,
        team=account.team,
        owner=owner,
        outcome=outcome,
        looked_up_at=looked_up_at,
        synced_at=looked_up_at if outcome == "ok" else None,
        http_status=200 if outcome == "ok" else None,
    )
    return generation


def completed(account: Account, external_id: str, owner: User | None, **columns: Any) -> Generation:
    """A completed job of an hour ago, as its provider reports one."""
    created = (timezone.now() - timedelta(hours=1)).replace(microsecond=0)
    said: dict[str, Any] = {
        "status": "completed",
        "provider_status": "completed",
        "created_at": created,
        "updated_at": created + timedelta(seconds=90),
    }
    if account.provider == "nanobanana":
        said |= {
            "title": f"Title of {external_id}",
            "description": "A slow pan over a beach at dusk",
            "mode": "text-to-video",
            "resolution": "1080p",
            "duration_milliseconds": 8000,
            "credits_thousandths": 7500,
            "credits_basis": "reported",
            "output_url": "http://127.0.0.1:9/video.mp4",
            "processing_started_at": created + timedelta(seconds=30),
            "processing_completed_at": created + timedelta(seconds=90),
        }
    else:
        said |= {
            "output_key": "users/1/video.mp4",
            "credits_thousandths": 1000,
            "credits_basis": "documented",
        }
    return registered(account, external_id, owner, **(said | columns))


def observed(
    generation: Generation, sequence: int, payload: dict[str, Any] | None, minute: int = 0
) -> Observation:
    """One observation of this generation; its hashes are of no matter to the pages."""
    return Observation.objects.create(
        account=generation.account,
        sequence=sequence,
        generation=generation,
        team=generation.team,
        owner=generation.owner,
        observed_at=datetime(2026, 5, 4, 12, minute, tzinfo=UTC),
        http_status=200,
        payload=payload,
        payload_salt=bytes(16),
        payload_digest=bytes(32),
        previous_hash=bytes(32),
        hash=bytes(32),
    )


def ran(account: Account, **counts: Any) -> Run:
    """A finished run with a part for this account."""
    now = timezone.now()
    run = Run.objects.create(
        trigger="command", state="finished", started_at=now, finished_at=now, host="h", process_id=1
    )
    RunPart.objects.create(
        run=run, account=account, team=account.team, started_at=now, finished_at=now, **counts
    )
    return run


def stated(account: Account, number: int = 1) -> Statement:
    """A statement of this number, of October 2026, whose lines don't add up to its own total."""
    statement = Statement.objects.create(
        pk=number,
        team=account.team,
        account=account,
        first=date(2026, 10, 1),
        last=date(2026, 10, 31),
        reference="INV-2026-10",
        total_thousandths=20_000,
        lines=60,
        lines_thousandths=413_000,
        lines_unknown=1,
        file="invoice.csv",
        digest="a" * 64,
    )
    StatementLine.objects.bulk_create(
        StatementLine(
            statement=statement,
            team=account.team,
            number=line,
            external_id=f"vid_{line:03}",
            credits_thousandths=7000 if line > 1 else None,
        )
        for line in range(1, 61)
    )
    return statement
