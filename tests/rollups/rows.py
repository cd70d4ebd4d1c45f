"""What happens to generations in the course of time, by the program's own doors or straight in SQL."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from auditing.access import SYSTEM, acting_as
from auditing.models import Account, Lookup, Project, Run, Team, User
from auditing.providers import PROVIDERS
from auditing.records import Answer, Outcome, Record
from auditing.rollups import verify
from auditing.sync import ledger
from auditing.sync.fetch import Fetched
from auditing.sync.store import Chance, Looked, Part, store_batch
from tests.stage import a_person, a_team, an_account, registered


@dataclass(frozen=True)
class Scene:
    """A team with two people and a project, an account at each provider, and a run that may store."""

    team: Team
    people: tuple[User, ...]
    project: Project
    accounts: tuple[Account, ...]
    parts: dict[int, Part]


def a_scene(slug: str = "studio") -> Scene:
    """The scene, in the database."""
    team = a_team(slug)
    people = tuple(a_person(f"{slug}-{name}", team) for name in ("ada", "ben"))
    accounts = tuple(
        an_account(provider, f"{slug}-{provider}", team=team) for provider in ("nanobanana", "reelbot")
    )
    with acting_as(SYSTEM):
        project = Project.objects.create(team=team, name="Spring")
    now = datetime.now(UTC)
    opened = ledger.open_run([account.pk for account in accounts], Run.Trigger.COMMAND, None, now)
    assert opened is not None
    parts = {}
    for account, lease in zip(accounts, sorted(opened.leases, key=lambda one: one.account_id), strict=True):
        ledger.open_part(opened.run_id, account, 0, now)
        parts[account.pk] = Part(opened.run_id, lease, PROVIDERS[account.provider])
    return Scene(team, people, project, accounts, parts)


def register(scene: Scene, account: int, ids: Sequence[str], owner: int | None = None) -> None:
    """Register these ids, for a person of the scene or nobody."""
    username = None if owner is None else scene.people[owner].username
    registered(scene.accounts[account], list(ids), username)


def look_up(scene: Scene, account: int, records: dict[str, Record], at: datetime) -> None:
    """Store these answers in one batch, as a run does."""
    part = scene.parts[scene.accounts[account].pk]
    with acting_as(SYSTEM):
        found = Lookup.objects.filter(account_id=part.account_id, generation__external_id__in=list(records))
        ids = dict(found.values_list("generation__external_id", "generation_id"))
    answers = {
        external_id: Answer(
            outcome=Outcome.OK,
            http_status=200,
            record=record,
            payload={"id": external_id, "said": repr(record)},
        )
        for external_id, record in records.items()
    }
    batch = [
        Looked(ids[external_id], Fetched(answer, at, 10))
        for external_id, answer in answers.items()
        if external_id in ids
    ]
    if batch:
        store_batch(replace(part), batch, Chance())


def sql(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """Run a statement as the tables' owner."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall()) if cursor.description else []


def differences() -> list[str]:
    """What rollups say, against what their rows add up to."""
    found = verify()
    return [str(one) for one in found.differences]
