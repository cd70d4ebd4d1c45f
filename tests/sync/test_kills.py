"""A run that is killed at any instant loses nothing that was committed, and the next goes on from there.

`--kills N` says how often a run is killed (25 by default), `--database-kills N` how often PostgreSQL is (5).
"""

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

from auditing.access import SYSTEM, acting_as, visible_to
from auditing.models import Lookup, Observation, Run, RunPart
from auditing.records import Outcome
from config.postgres.cluster import Cluster
from tests.config.processes import bare_environment, folder
from tests.stage import KEYS, an_account, registered
from tests.sync.scripted import Reply, ScriptedProvider, scripted, video
from tests.sync.test_command import command, ended, waited_for
from tests.sync.test_lease import lapse

IDS = [f"vid_{index:03}" for index in range(120)]


class Growing:
    """A provider whose every answer for an id is a newer one: its title counts up."""

    def __init__(self) -> None:
        self.given: Counter[str] = Counter()

    def __call__(self, external_id: str) -> Reply:
        self.given[external_id] += 1
        return video(external_id, title=f"{self.given[external_id]}")


def assert_nothing_was_lost_or_stored_twice(growing: Growing) -> None:
    with acting_as(SYSTEM):
        rows = {row.external_id: row for row in visible_to(SYSTEM)}
        assert set(rows) == set(IDS)
        for external_id, row in rows.items():
            found = row.observations.order_by("sequence").values_list("payload__video__title", flat=True)
            seen = [int(title) for title in found]
            assert seen == sorted(set(seen)), f"{external_id}: twice, or an older answer after a newer one"
            assert row.title == (f"{seen[-1]}" if seen else None)
            assert not seen or seen[-1] <= growing.given[external_id]
    sequences = list(Observation.objects.order_by("sequence").values_list("sequence", flat=True))
    assert sequences == list(range(1, len(sequences) + 1))
    for part in RunPart.objects.all():
        assert part.requested == sum(getattr(part, outcome) for outcome in Outcome) + part.not_reached


def test_a_run_killed_at_any_step_is_completed_by_the_next(
    committed_db: str, pytestconfig: pytest.Config
) -> None:
    chance = random.Random(20261121)  # noqa: S311 - a test's own dice
    growing = Growing()
    kills = pytestconfig.getoption("kills")
    with scripted(growing) as provider:
        registered(an_account(base_url=provider.url, per_minute=60_000), IDS)
        for _ in range(kills):
            killed_after(provider, chance.randrange(len(IDS) + 20), committed_db)
            assert_nothing_was_lost_or_stored_twice(growing)
        code, out, err = ended(command(committed_db, "sync", "--json", "--force"))
    summary = json.loads(out)
    assert (code, err, summary["ok"], summary["not_reached"]) == (0, "", len(IDS), 0)
    assert_nothing_was_lost_or_stored_twice(growing)
    assert not Lookup.objects.exclude(outcome=Outcome.OK).exists()
    states = Counter(Run.objects.values_list("state", flat=True))
    assert states["running"] == 0
    assert states["interrupted"] >= kills // 2


def killed_after(provider: ScriptedProvider, requests: int, database: str) -> None:
    """A run, killed when it has sent so many requests (or has just ended by itself)."""
    process = command(database, "sync", "--force", "--json")
    waited_for(provider, len(provider.asked) + requests, process)
    process.kill()
    process.communicate()


def test_a_run_that_was_stopped_past_its_lease_cannot_write_when_it_wakes(committed_db: str) -> None:
    with scripted(video) as provider:
        registered(an_account(base_url=provider.url, per_minute=3000), IDS)
        sleeper = command(committed_db, "sync", "--json")
        waited_for(provider, 5, sleeper)
        sleeper.send_signal(signal.SIGSTOP)
        # Half a minute goes by, and another run takes over.
        lapse()
        code, out, _ = ended(command(committed_db, "sync", "--json"))
        others = json.loads(out)
        before = Observation.objects.count()
        sleeper.send_signal(signal.SIGCONT)
        _, late, _ = ended(sleeper)
    assert (code, others["not_reached"]) == (0, 0)
    assert before == len(IDS)
    assert Observation.objects.count() == before
    assert "Another run took over" in json.loads(late)["accounts"][0]["ended"]


def test_a_killed_postgresql_costs_a_run_and_no_data(pytestconfig: pytest.Config) -> None:
    growing = Growing()
    with folder() as var, scripted(growing) as provider:
        environment = bare_environment(CLIPLEDGER_VAR=str(var), KEY=KEYS["nanobanana"])
        manage(environment, "migrate", "-v0")
        manage(environment, "add_team", "studio")
        account = ("add_account", "nanobanana", "main", "--team", "studio", "--key-env", "KEY")
        manage(environment, *account, "--base-url", provider.url, "--limit", "3000")
        manage(environment, "import_ids", "-", "--account", "main", given="\n".join(IDS))
        for _ in range(pytestconfig.getoption("database_kills")):
            process = started(environment, "sync", "--force", "--json")
            waited_for(provider, len(provider.asked) + 40, process)
            os.kill(postmaster(var), signal.SIGKILL)
            process.communicate(timeout=60)
            assert process.returncode == 1
        summary = json.loads(manage(environment, "sync", "--force", "--json"))
        exported = manage(environment, "export").splitlines()
    assert (summary["ok"], summary["not_reached"]) == (len(IDS), 0)
    titles = {row["external_id"]: int(row["title"]) for row in map(json.loads, exported)}
    assert titles == {external_id: growing.given[external_id] for external_id in IDS}


def postmaster(var: Path) -> int:
    """The number of the embedded server's first process."""
    return int((Cluster(var / "postgres").data / "postmaster.pid").read_text().splitlines()[0])


def started(environment: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    """A command, with what it says kept apart."""
    return subprocess.Popen(
        [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def manage(environment: dict[str, str], *arguments: str, given: str = "") -> str:
    """What a command prints; it must succeed."""
    process = started(environment, *arguments)
    out, err = process.communicate(given, timeout=120)
    assert process.returncode == 0, err
    return out
