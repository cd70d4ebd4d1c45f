"""A large installation: teams of very different size, and as many generations as wanted, in minutes."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.benchmarks.prompts import pool

TEAMS = 60
DAYS = 730
TABLES = ("auditing_generation", "auditing_lookup", "auditing_searchtext", "auditing_searchedid")
CHUNK = 500_000
PROMPTS = 300_000  # that many different ones: a prompt is tried more than once

# Chance is drawn once a row. Rows come in the order of their creation, as they do in life; n is the row's
# number, `size` how many there are. Small powers of r make few things frequent and many rare.
_DRAWN = """
SELECT n, random() AS a, random() AS b, random() AS c, random() AS d, random() AS e, random() AS f,
    random() AS g, random() AS h, 1 + floor(%(prompts)s * random())::int AS prompt
FROM generate_series(%(first)s::bigint, %(last)s) AS n OFFSET 0
"""
_GENERATIONS = f"""
INSERT INTO auditing_generation (team_id, provider, external_id, account_id, owner_id, project_id,
    registered_at, status, provider_status, title, description, mode, resolution, duration_milliseconds,
    output_url, output_key, thumbnail_url, credits_thousandths, credits_basis, error, created_at, updated_at,
    processing_started_at, processing_completed_at, flags, payload)
SELECT team.id, kind.provider, kind.external_id, account.id, owner.id, project.id,
    made.at + interval '5 s', said.status, said.status, said.title, said.prompt, said.mode, said.resolution,
    said.seconds * 1000,
    CASE WHEN done THEN 'https://media.example.com/videos/' || kind.external_id || '.mp4' END,
    CASE WHEN done THEN 'videos/' || kind.external_id || '.mp4' END,
    CASE WHEN done THEN 'https://media.example.com/thumbs/' || kind.external_id || '.jpg' END,
    CASE WHEN done OR said.status = 'failed' AND r.h < 0.2 THEN said.seconds * price.a_second * 250 END,
    CASE WHEN done OR said.status = 'failed' AND r.h < 0.2
        THEN CASE WHEN kind.provider = 'nanobanana' THEN 'reported' ELSE 'documented' END END,
    CASE WHEN said.status = 'failed'
        THEN (ARRAY['Content policy', 'Internal error', 'Timed out', 'Bad image'])[1 + floor(4 * r.g)]
    END,
    CASE WHEN said.status IS NOT NULL THEN made.at END,
    CASE WHEN said.status IS NOT NULL THEN made.at + (waited + ran) * interval '1 s' END,
    CASE WHEN said.status IN ('completed', 'failed', 'processing') THEN made.at + waited * interval '1 s' END,
    CASE WHEN said.status IN ('completed', 'failed') THEN made.at + (waited + ran) * interval '1 s' END,
    CASE WHEN r.d * r.e < 0.0002 THEN '{{credits_changed}}'::varchar[]
        WHEN r.d * r.e > 0.995 THEN '{{changed_after_completion}}'::varchar[] ELSE '{{}}'::varchar[] END,
    CASE WHEN said.status IS NOT NULL THEN jsonb_build_object('id', kind.external_id, 'status', said.status,
        'prompt', said.prompt, 'duration', said.seconds) END
FROM ({_DRAWN}) AS r JOIN crowd_prompts AS text ON text.n = r.prompt,
    LATERAL (
        SELECT CASE WHEN r.a < 0.2 THEN 1 WHEN r.a < 0.3 THEN 2
            ELSE 3 + floor({TEAMS - 2} * power((r.a - 0.3) / 0.7, 3))::int END AS team
    ) AS whose,
    LATERAL (SELECT (%(teams)s::bigint[])[whose.team] AS id) AS team,
    LATERAL (
        SELECT CASE WHEN r.b < 0.65 THEN 'nanobanana' ELSE 'reelbot' END AS provider,
            CASE WHEN r.b < 0.65 THEN 'vid_' ELSE 'proj_' END || substr(md5(r.n::text), 1, 16) AS external_id
    ) AS kind,
    LATERAL (SELECT (%(accounts)s::bigint[])[whose.team * 4 - (r.g < 0.9)::int
        - 2 * (kind.provider = 'nanobanana')::int] AS id) AS account,
    LATERAL (SELECT CASE WHEN r.c > 0.04 THEN (%(owners)s::bigint[])
        [whose.team * %(people)s - floor(%(people)s * power((r.c - 0.04) / 0.96, 2))::int] END AS id
    ) AS owner,
    LATERAL (SELECT CASE WHEN r.d < 0.6 THEN (%(projects)s::bigint[])
        [whose.team * %(a_team)s - floor(%(a_team)s * power(r.d / 0.6, 2))::int] END AS id) AS project,
    LATERAL (SELECT now() - (1 - r.n / %(size)s::float8) * {DAYS} * interval '1 day' AS at) AS made,
    LATERAL (
        SELECT CASE WHEN r.n > %(size)s * 0.9995 THEN CASE WHEN r.e < 0.6 THEN 'processing' ELSE 'pending' END
                WHEN r.e < 0.9 THEN 'completed' WHEN r.e < 0.97 THEN 'failed' WHEN r.e < 0.971 THEN 'unknown'
                WHEN r.e < 0.972 THEN 'processing' END AS status,
            CASE WHEN r.f < 0.7 THEN 'text-to-video' WHEN r.f < 0.97 THEN 'image-to-video' ELSE 'extend' END
                AS mode,
            CASE WHEN r.g < 0.1 THEN '480p' WHEN r.g < 0.5 THEN '720p' WHEN r.g < 0.88 THEN '1080p'
                WHEN r.g < 0.98 THEN '4k' END AS resolution,
            4 + floor(9 * r.h * r.h)::int AS seconds,
            text.title || ' ' || r.n %% 997 AS title, text.prompt
    ) AS said,
    LATERAL (SELECT said.status = 'completed' AS done) AS known,
    LATERAL (SELECT CASE said.resolution WHEN '480p' THEN 1 WHEN '720p' THEN 2 WHEN '1080p' THEN 4
        WHEN '4k' THEN 9 ELSE 3 END AS a_second) AS price,
    LATERAL (SELECT 2 + 600 * power(r.f, 6) AS waited, 20 + 900 * power(r.h, 4) AS ran) AS took
"""  # noqa: S608 - numbers of this module's own
_LOOKUPS = """
INSERT INTO auditing_lookup (generation_id, account_id, team_id, owner_id, outcome, http_status, reason,
    looked_up_at, synced_at, due_at, resting, attempts, denied_by, created_at)
SELECT id, account_id, team_id, owner_id, said.outcome,
    CASE WHEN said.outcome = 'ok' THEN 200 ELSE 404 END, '', updated_at,
    CASE WHEN said.outcome = 'ok' THEN updated_at END,
    CASE WHEN status IN ('pending', 'processing') THEN now() + id % 600 * interval '1 s' END, '', 1, '{}',
    CASE WHEN status IN ('pending', 'processing') OR said.outcome = 'malformed' THEN created_at END
FROM auditing_generation, LATERAL (SELECT CASE WHEN status IS NULL THEN NULL
    WHEN id % 211 = 0 THEN 'missing' WHEN id % 397 = 0 THEN 'denied' WHEN id % 997 = 0 THEN 'malformed'
    ELSE 'ok' END AS outcome) AS said
"""
_TEXTS = """
INSERT INTO auditing_searchtext (generation_id, team_id, owner_id, text)
SELECT id, team_id, owner_id, auditing_searched(title, description, error) FROM auditing_generation
"""
_IDS = """
INSERT INTO auditing_searchedid (generation_id, team_id, owner_id, text)
SELECT id, team_id, owner_id, upper(external_id) FROM auditing_generation
"""
PEOPLE_A_TEAM, PROJECTS_A_TEAM = 30, 12


@dataclass(frozen=True)
class Cast:
    """The people the measurements ask as, by what they are: each kind several times, from different teams."""

    members: list[Any]
    auditors: list[Any]
    site_auditors: list[Any]
    superuser: Any


@contextmanager
def told(what: str) -> Iterator[None]:
    """Print what is done, and how long it took."""
    print(f"{what} …", end=" ", flush=True)
    started = time.perf_counter()
    yield
    print(f"{time.perf_counter() - started:.0f} s", flush=True)


def seeded(rows: int) -> bool:
    """Whether the database holds such a crowd of so many rows already."""
    from auditing.models import Generation, Team

    return Team.objects.filter(slug=_marker(rows)).exists() and Generation.objects.exists()


def seed(rows: int) -> None:
    """Fill the empty database, without its triggers and secondary indexes, and build these afterwards."""
    from django.db import connection

    from auditing.models import Generation, Team
    from auditing.rollups import mend

    assert not Generation.objects.exists(), "there are rows of another number: remove var/crowd first"
    places = _people() | {"size": rows, "prompts": PROMPTS}
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")  # an administrator, who may leave triggers and foreign keys out
        cursor.execute("SET session_replication_role = replica; SET maintenance_work_mem = '1GB'")
        cursor.execute("SET synchronous_commit = off; SELECT setseed(0.5)")
        cursor.execute("CREATE TEMP TABLE crowd_prompts (n int PRIMARY KEY, title text, prompt text)")
        with cursor.copy("COPY crowd_prompts FROM STDIN") as copy:
            for number, (title, prompt) in enumerate(pool(PROMPTS), start=1):
                copy.write_row((number, title, prompt))
        cursor.execute("ANALYZE crowd_prompts")
        with _without_indexes(cursor):
            with told(f"{rows:,} generations"):
                for first in range(1, rows + 1, CHUNK):
                    cursor.execute(
                        _GENERATIONS, places | {"first": first, "last": min(rows, first + CHUNK - 1)}
                    )
            for what, statement in (
                ("their lookups", _LOOKUPS),
                ("their texts", _TEXTS),
                ("their ids", _IDS),
            ):
                with told(what):
                    cursor.execute(statement)
        cursor.execute("RESET session_replication_role; RESET synchronous_commit")
    with told("their totals"):
        mend()
    Team.objects.create(slug=_marker(rows), name="As many rows as this benchmark was told")
    tidy()


def tidy() -> None:
    """Vacuum and analyze, as autovacuum does in time."""
    from django.db import connection

    with connection.cursor() as cursor, told("vacuum and analyze"):
        cursor.execute("RESET ROLE")
        for table in TABLES:
            cursor.execute(f"VACUUM ANALYZE {table}")
        cursor.execute("ANALYZE")
        cursor.execute("SET ROLE clipledger_owner")


@contextmanager
def _without_indexes(cursor: Any) -> Iterator[None]:
    """Drop what the tables' primary keys don't need, and build it again."""
    constraint = "generation_once_a_team"
    cursor.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [constraint])
    (definition,) = cursor.fetchone()
    cursor.execute(f"ALTER TABLE auditing_generation DROP CONSTRAINT {constraint}")
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY (%s) AND indexname NOT IN"
        " (SELECT conname FROM pg_constraint)",
        [list(TABLES)],
    )
    indexes = cursor.fetchall()
    for name, _ in indexes:
        cursor.execute(f"DROP INDEX {name}")
    yield
    with told(constraint):
        cursor.execute(f"ALTER TABLE auditing_generation ADD CONSTRAINT {constraint} {definition}")
    for name, made in indexes:
        with told(name):
            cursor.execute(made)


def _people() -> dict[str, Any]:
    """Teams, people, accounts and projects; their ids in the order in which the rows are dealt out."""
    from django.contrib.auth.models import Permission

    from auditing.models import Account, Membership, Project, Role, Team, User

    places: dict[str, Any] = {"teams": [], "owners": [], "accounts": [], "projects": []}
    for number in range(1, TEAMS + 1):
        team = Team.objects.create(slug=f"team-{number}", name=f"Team {number}")
        people = User.objects.bulk_create(
            User(username=f"person-{number}-{index}") for index in range(PEOPLE_A_TEAM)
        )
        auditor = User.objects.create(username=f"auditor-{number}")
        Membership.objects.bulk_create(Membership(team=team, user=one, role=Role.MEMBER) for one in people)
        Membership.objects.create(team=team, user=auditor, role=Role.AUDITOR)
        accounts = Account.objects.bulk_create(
            Account(
                provider=provider,
                label=f"{provider}-{number}-{index}",
                team=team,
                base_url="http://127.0.0.1:9",
            )
            for provider in ("nanobanana", "reelbot")
            for index in range(2)
        )
        projects = Project.objects.bulk_create(
            Project(team=team, name=f"Project {number}-{index}") for index in range(PROJECTS_A_TEAM)
        )
        places["teams"].append(team.pk)
        for key, made in (("owners", people), ("accounts", accounts), ("projects", projects)):
            places[key] += [one.pk for one in made]
    for number in range(3):
        site_auditor = User.objects.create(username=f"site-auditor-{number}")
        site_auditor.user_permissions.add(Permission.objects.get(codename="view_everything"))
    User.objects.create(username="root", is_superuser=True, is_staff=True)
    return places | {"people": PEOPLE_A_TEAM, "a_team": PROJECTS_A_TEAM}


def cast() -> Cast:
    """The people to ask as: of the large teams, of middling and of small ones."""
    from auditing.models import User

    def named(*names: str) -> list[User]:
        return [User.objects.get(username=name) for name in names]

    members = [f"person-{team}-{index}" for team in (1, 2, 5, 30) for index in (29, 0, 10)]
    return Cast(
        members=named(*members),
        auditors=named(*(f"auditor-{team}" for team in (1, 2, 3, 8, 30, 60))),
        site_auditors=named(*(f"site-auditor-{number}" for number in range(3))),
        superuser=User.objects.get(username="root"),
    )


def _marker(rows: int) -> str:
    return f"crowd-of-{rows}"
