"""What row-level security costs: the pages' own queries over a million rows, with the wall and without.

uv run python -m tests.benchmarks.walls [--rows 1000000] [--rounds 15]

The statements are taken from the pages as a member, an auditor and a site auditor ask for them. Each is then
run by turns as the dashboard's role and as the tables' owner, whom no policy holds up; who acts is the same.
"""

import argparse
import time
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from tests.benchmarks import stand

TEAMS, PEOPLE_A_TEAM, DAYS = 10, 10, 365

_SEED = """
INSERT INTO auditing_generation (team_id, provider, external_id, account_id, owner_id, registered_at, flags,
    status, provider_status, title, description, mode, resolution, duration_milliseconds,
    credits_thousandths, credits_basis, created_at, updated_at)
SELECT teams[1 + n %% %(teams)s], 'nanobanana', 'vid_' || lpad(to_hex(n), 8, '0'),
    accounts[1 + n %% %(teams)s],
    CASE WHEN n %% 20 > 0 THEN owners[1 + (n %% %(teams)s) * %(people)s + n / 7 %% %(people)s] END,
    now(), '{}',
    words.status, words.status, 'Clip ' || n, 'A slow pan over beach ' || n %% 5000 || ' at dusk',
    CASE WHEN n %% 3 = 0 THEN 'image-to-video' ELSE 'text-to-video' END,
    (ARRAY['480p', '720p', '1080p', '4k'])[1 + n %% 4], 4000 + n %% 8 * 1000,
    CASE WHEN words.status = 'completed' THEN 1000 + n %% 40 * 250 END,
    CASE WHEN words.status = 'completed' THEN 'reported' END,
    now() - n %% %(days)s * interval '1 day' - n %% 86400 * interval '1 second',
    now() - n %% %(days)s * interval '1 day' - n %% 86400 * interval '1 second' + interval '2 min'
FROM generate_series(1, %(rows)s) AS n,
    LATERAL (
        SELECT CASE WHEN n %% 25 = 0 THEN 'failed' WHEN n %% 400 = 1 THEN 'processing' ELSE 'completed' END
        AS status
    ) AS words,
    (SELECT %(team_ids)s::bigint[] AS teams, %(account_ids)s::bigint[] AS accounts,
            %(owner_ids)s::bigint[] AS owners) AS cast_of
"""
_LOOKUPS = """
INSERT INTO auditing_lookup (generation_id, account_id, team_id, owner_id, outcome, http_status, looked_up_at,
    synced_at, due_at, reason, resting, attempts, denied_by)
SELECT id, account_id, team_id, owner_id, 'ok', 200, updated_at, updated_at,
    CASE WHEN status = 'processing' THEN now() END, '', '', 1, '{}'
FROM auditing_generation WHERE account_id = ANY(%(account_ids)s)
"""
# How many of a hundred requests ask for a page, and how many of a hundred people are of a kind: an assumption
# (a list is looked at more often than filtered, records are opened from it; most people are members), which
# tells the statements that are asked most often. What several pages ask counts for each of them.
ADDRESSES = {
    "/generations/": 30,
    "/generations/nanobanana/{id}/": 25,
    "/": 12,
    "/generations/?status=failed": 10,
    "/generations/?q=beach+4321": 8,
    "/generations/?created_from=2026-06-01&created_to=2026-06-30": 6,
    "/sync/": 6,
    "/generations/?status=completed&resolution=4k&sort=-credits_used": 3,
}
KINDS = {"member": 80, "auditor": 15, "site auditor": 5}
MOST_FREQUENT = 20


@dataclass
class Statement:
    """One statement of a page, how many of ten thousand requests ask it, and the milliseconds that it took
    with the wall and without: of the database's processor time, which other work on the machine leaves alone,
    and by the clock."""

    whose: str
    address: str
    sql: str
    person: int
    asked: int = 0
    with_wall: list[tuple[float, float]] = field(default_factory=list)
    without: list[tuple[float, float]] = field(default_factory=list)

    @property
    def medians(self) -> tuple[float, float]:
        """Processor time without the wall and with it."""
        return median(one for one, _ in self.without), median(one for one, _ in self.with_wall)

    @property
    def ratio(self) -> float:
        """How much more processor time it takes with the wall."""
        without, with_wall = self.medians
        return with_wall / without

    def line(self) -> str:
        """As it is printed."""
        without, with_wall = self.medians
        return (
            f"{self.asked:>5} {self.whose:<13}{self.address[:32]:<33}{without:9.2f} ms{with_wall:9.2f} ms"
            f"   x{self.ratio:5.2f}   {self.sql[:7]}…{self.sql[60:100]!r}"
        )


def seed(rows: int) -> dict[str, Any]:
    """Teams, people and so many rows; one person of each kind, and an id that all of them may see."""
    from django.contrib.auth.models import Permission
    from django.db import connection

    from auditing.models import Account, Generation, Membership, Role, Team, User

    name = f"w{time.time_ns()}"
    teams = [Team.objects.create(slug=f"{name}-{number}") for number in range(TEAMS)]
    accounts = [
        Account.objects.create(
            provider="nanobanana", label=team.slug, team=team, base_url="http://127.0.0.1:9"
        )
        for team in teams
    ]
    owners = []
    for team in teams:
        for number in range(PEOPLE_A_TEAM):
            owners.append(User.objects.create(username=f"{team.slug}-{number}"))
            Membership.objects.create(team=team, user=owners[-1], role=Role.MEMBER)
    auditor, site_auditor = (User.objects.create(username=f"{name}-{kind}") for kind in ("auditor", "site"))
    Membership.objects.create(team=teams[0], user=auditor, role=Role.AUDITOR)
    site_auditor.user_permissions.add(Permission.objects.get(codename="view_everything"))
    with connection.cursor() as cursor:
        places: dict[str, Any] = {
            "teams": TEAMS, "people": PEOPLE_A_TEAM, "days": DAYS, "rows": rows,
            "team_ids": [team.pk for team in teams],
            "account_ids": [account.pk for account in accounts],
            "owner_ids": [owner.pk for owner in owners],
        }  # fmt: skip
        cursor.execute(_SEED, places)
        cursor.execute(_LOOKUPS, places)
        cursor.execute("RESET ROLE")
        cursor.execute("VACUUM ANALYZE")  # as autovacuum does in time
        cursor.execute("SET ROLE clipledger_owner")
    own = Generation.objects.filter(owner=owners[0]).values_list("external_id", flat=True)[0]
    return {"id": own, "people": {"member": owners[0], "auditor": auditor, "site auditor": site_auditor}}


def statements(people: dict[str, Any], external_id: str) -> list[Statement]:
    """What the pages ask of the tables behind the wall, each statement once for each kind of person."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    found: dict[tuple[str, str], Statement] = {}
    for whose, person in people.items():
        client = Client(SERVER_NAME="localhost")
        client.force_login(person)
        for address, share in ADDRESSES.items():
            with CaptureQueriesContext(connection) as captured:
                response = client.get(address.format(id=external_id))
            assert response.status_code == 200, (whose, address, response.status_code)
            for query in captured:
                sql = query["sql"]
                if sql.startswith("SELECT") and ("auditing_generation" in sql or "auditing_search" in sql):
                    statement = found.setdefault((whose, sql), Statement(whose, address, sql, person.pk))
                    statement.asked += share * KINDS[whose]
    return list(found.values())


def measure(statement: Statement, turn: int) -> None:
    """Run it once with the wall and once without, each first in every other turn: the second finds the rows
    in memory."""
    ways = [("clipledger_web", statement.with_wall), ("clipledger_owner", statement.without)]
    for role, times in ways if turn % 2 else ways[::-1]:
        times.append(run(statement, role))


def run(statement: Statement, role: str) -> tuple[float, float]:
    """The milliseconds that a statement takes as this role, its rows read: of the processor, by the clock."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('role', %s, true), auditing_act(%s, '')", [role, str(statement.person)]
        )
        started, before = time.perf_counter(), stand.database_time()
        cursor.execute(statement.sql)
        cursor.fetchall()
        clock = (time.perf_counter() - started) * 1000
        return (stand.database_time() - before) * 1000, clock


def report(asked: list[Statement]) -> None:
    """Print every statement, the worst first; then those asked most often, and what all come to."""
    for statement in sorted(asked, key=lambda one: -one.ratio):
        print(statement.line())
    frequent = sorted(asked, key=lambda one: -one.asked)[:MOST_FREQUENT]
    print(
        f"\nThe {len(frequent)} statements asked most often (first column: by how many of 10,000 requests):"
    )
    for statement in frequent:
        print(statement.line())
    for name, those in (("most frequent", frequent), ("all", asked)):
        totals = [sum(column) for column in zip(*(one.medians for one in those), strict=True)]
        within = sum(one.ratio <= 1.15 for one in those)
        weighed = sum(one.asked * one.medians[1] for one in those) / sum(
            one.asked * one.medians[0] for one in those
        )
        print(
            f"{name}: {len(those)} statements, median ratio {median(one.ratio for one in those):.2f},"
            f" {within} within 1.15, all together {totals[1] / totals[0]:.2f},"
            f" by how often they are asked {weighed:.2f}"
        )


def main() -> None:
    """Parse the options, bring up the stand, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    stand.set_up()
    world = seed(options.rows)
    asked = statements(world["people"], world["id"])
    for turn in range(options.rounds):
        for statement in asked:
            measure(statement, turn)
    report(asked)


if __name__ == "__main__":
    main()
