"""Statements against jobs: every id is in one class, and the classes add up, whatever there is."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from itertools import count

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as rules
from hypothesis import strategies as st

from auditing.access import acting_as, visible_statements, visible_to
from auditing.models import Account, Generation, Statement
from auditing.statements import (
    Figure,
    Kind,
    Pair,
    Reconciliation,
    StatementWanted,
    enter,
    page_of,
    pairs_of,
    reconciled,
    totals_of,
)
from tests.views.cast import Cast, assemble

OCTOBER = (date(2026, 10, 1), date(2026, 10, 31))
IN_OCTOBER = datetime(2026, 10, 15, 12, tzinfo=UTC)
WHEN = st.sampled_from(
    [
        IN_OCTOBER,
        datetime(2026, 10, 1, tzinfo=UTC),
        datetime(2026, 10, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(2026, 9, 30, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(2026, 11, 1, tzinfo=UTC),
        None,
    ]
)
AMOUNTS = st.sampled_from([None, 0, 1, 7000, 2500])


@dataclass(frozen=True)
class Job:
    """A job as it is drawn; `account` counts the world's four."""

    account: int
    name: int
    created_at: datetime | None
    credits: int | None
    refunded: int


JOBS = st.lists(
    st.builds(
        Job,
        st.sampled_from([0, 0, 0, 1, 2, 3]),
        st.integers(0, 9),
        WHEN,
        AMOUNTS,
        st.sampled_from([0, 0, 4000]),
    ),
    max_size=25,
    unique_by=lambda job: (
        (job.account < 2, job.account, job.name) if job.account >= 2 else (True, 0, job.name)
    ),
)
LINES = st.lists(st.tuples(st.integers(0, 12), st.sampled_from([None, 0, 1, 7000, 2500, -2500])), max_size=15)
TOTALS = st.sampled_from([None, 0, 7000, 123_456])

_numbers = count()


@pytest.fixture
def world(db: None) -> tuple[Cast, list[Account]]:  # noqa: ARG001 - the database has to be there
    """The people, two accounts of one team at one provider, one at the other, and one of another team."""
    cast = assemble()
    second = Account.objects.create(
        provider="nanobanana", label="north-more", team=cast.team, base_url="http://x"
    )
    return cast, [cast.nano, second, cast.reel, cast.other_nano]


def made(accounts: list[Account], job: Job) -> Generation:
    account = accounts[job.account]
    most = None if job.credits is None else job.credits + job.refunded
    return Generation(
        team_id=account.team_id,
        account=account,
        provider=account.provider,
        external_id=f"job-{job.name}",
        created_at=job.created_at,
        credits_thousandths=job.credits,
        credits_basis=None if job.credits is None else "reported",
        credits_most_thousandths=most,
    )


def text_of(lines: list[tuple[int, int | None]]) -> bytes:
    return "".join(
        f"job-{name},{'' if value is None else f'{value / 1000:.3f}'}\n" for name, value in lines
    ).encode()


def entered(cast: Cast, content: bytes | None, total: int | None = None) -> Statement:
    wanted = StatementWanted(
        account=cast.nano,
        first=OCTOBER[0],
        last=OCTOBER[1],
        total=total,
        stream=None if content is None else BytesIO(content),
    )
    return enter(cast.max, wanted)


def read(cast: Cast, statement: Statement, figure: Figure) -> tuple[Reconciliation, list[Pair]]:
    """As the team's auditor reads it."""
    with acting_as(cast.audrey):
        rows = visible_statements(cast.audrey)
        assert rows is not None
        found = rows.select_related("account").get(pk=statement.pk)
        return reconciled(found, figure), list(pairs_of(found, figure))


def by_looking(
    cast: Cast, lines: list[tuple[int, int | None]], figure: Figure
) -> dict[str, tuple[str, int | None, int | None]]:
    """The class of each id, their credits and ours, from the rows that the auditor may see."""
    theirs: dict[str, list[int | None]] = defaultdict(list)
    for number, value in lines:
        theirs[f"job-{number}"].append(value)
    with acting_as(cast.audrey):
        jobs = {job.external_id: job for job in visible_to(cast.audrey).filter(provider="nanobanana")}
    found = {}
    for name in theirs.keys() | jobs.keys():
        job, said = jobs.get(name), theirs.get(name)
        known = [value for value in said or () if value is not None]
        sum_of = sum(known) if known else None
        ours = figure_of(job, figure) if job else None
        is_ours = bool(job and job.account_id == cast.nano.pk)
        is_in = bool(job and job.created_at and OCTOBER[0] <= job.created_at.date() <= OCTOBER[1])
        if said is not None or (is_ours and is_in):
            kind = here_alone(ours) if said is None else on_both(job, is_ours, is_in, ours, said)
            found[name] = kind, sum_of, ours
    return found


def figure_of(job: Generation, figure: Figure) -> int | None:
    return job.credits_thousandths if figure is Figure.NET else job.credits_most_thousandths


def here_alone(ours: int | None) -> str:
    return "no-figure" if ours is None else "missing-there" if ours else "not-charged"


def on_both(
    job: Generation | None, is_ours: bool, is_in: bool, ours: int | None, said: list[int | None]
) -> str:
    if job is None:
        return "missing-here"
    if not is_ours:
        return "other-account"
    if not is_in and (job.created_at or ours is not None):
        return "outside"
    if ours is None:
        return "no-figure" if set(said) == {None} else "unknown-here"
    if None in said:
        return "unknown-there"
    return "matched" if sum(value or 0 for value in said) == ours else "different"


@rules(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(jobs=JOBS, lines=LINES, total=TOTALS, figure=st.sampled_from(Figure))
def test_every_id_is_in_one_class_and_the_classes_add_up(
    world: tuple[Cast, list[Account]],
    jobs: list[Job],
    lines: list[tuple[int, int | None]],
    total: int | None,
    figure: Figure,
) -> None:
    cast, accounts = world
    if total is None and all(value is None for _, value in lines):
        total = 0
    with transaction.atomic():
        Generation.objects.bulk_create([made(accounts, job) for job in jobs])
        statement = entered(cast, text_of(lines) if lines else None, total)
        found, pairs = read(cast, statement, figure)
        expected = by_looking(cast, lines, figure)
        with acting_as(cast.audrey):
            (totals,) = totals_of(cast.audrey, [statement], figure)
        transaction.set_rollback(True)
    assert {one.external_id: (one.kind.value, one.theirs, one.ours) for one in pairs} == expected
    assert len(pairs) == len(expected)
    for kind in Kind:
        of_kind, sums = [one for one in pairs if one.kind is kind], found.of(kind)
        assert sums.ids == len(of_kind)
        assert (sums.theirs or 0) == sum(one.theirs or 0 for one in of_kind)
        assert sums.ours_unknown == len([one for one in of_kind if one.ours is None])
        assert sums.difference == sum(one.difference for one in of_kind)
    known = sum(value for _, value in lines if value is not None)
    assert found.totals == totals
    assert totals.theirs == (known if total is None else total)
    assert sum(one.difference for one in found.kinds) + found.beside_lines == totals.difference


def test_pages_have_every_id_once_in_order(world: tuple[Cast, list[Account]]) -> None:
    cast, _ = world
    lines = "".join(f"job-{number:03},1\n" for number in range(120))
    statement = entered(cast, lines.encode())
    after, seen = "", list[str]()
    with acting_as(cast.audrey):
        while True:
            page = page_of(statement, Figure.NET, Kind.MISSING_HERE, after)
            seen += [one.external_id for one in page.pairs]
            if not (after := page.next_after):
                break
    assert seen == [f"job-{number:03}" for number in range(120)]


def test_rows_of_other_teams_and_accounts_change_nothing(world: tuple[Cast, list[Account]]) -> None:
    """The same ids in another team, and others of another account and period."""
    cast, accounts = world
    made(accounts, Job(0, 1, IN_OCTOBER, 7000, 0)).save()
    made(accounts, Job(0, 2, IN_OCTOBER, 7000, 0)).save()
    statement = entered(cast, b"job-1,7\njob-3,7\n")
    before = read(cast, statement, Figure.NET)
    for job in (
        Job(3, 1, IN_OCTOBER, 9000, 0),
        Job(3, 3, IN_OCTOBER, 7000, 0),
        Job(3, 4, IN_OCTOBER, 7000, 0),
    ):
        made(accounts, job).save()
    for job in (Job(1, 5, IN_OCTOBER, 9000, 0), Job(2, 3, IN_OCTOBER, 7000, 0)):
        made(accounts, job).save()
    made(accounts, Job(0, 6, IN_OCTOBER - timedelta(days=40), 7000, 0)).save()
    assert read(cast, statement, Figure.NET) == before
