"""Statements behind the database's own wall: who sees the team whole reads them, its managers enter them."""

import pytest
from django.db import Error, ProgrammingError, connection, transaction

from auditing.access import Bearer, acting_as
from auditing.models import Scope, Statement, StatementLine, User
from tests.views.cast import Cast, assemble, stated

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    made = assemble()
    stated(made.nano, 1)
    stated(made.other_nano, 2)
    return made


def seen_by(person: User | Bearer) -> tuple[list[int], int]:
    """The statements and the number of lines that the database shows, whatever the program would ask for."""
    with acting_as(person):
        numbers = sorted(Statement.objects.values_list("pk", flat=True))
        return numbers, StatementLine.objects.count()


def test_each_sees_the_statements_of_teams_that_they_see_whole(cast: Cast) -> None:
    people = {
        name: seen_by(getattr(cast, name))
        for name in ("alice", "bob", "audrey", "max", "otto", "sid", "rita")
    }
    north, south, both = ([1], 60), ([2], 60), ([1, 2], 120)
    nothing: tuple[list[int], int] = ([], 0)
    assert people == {
        "alice": nothing, "bob": nothing, "audrey": north, "max": north, "otto": south,
        "sid": both, "rita": both,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "statement"),
    [
        ("audrey", "UPDATE auditing_statement SET withdrawn_at = now(), withdrawn_by_id = auditing_person()"),
        ("sid", "UPDATE auditing_statement SET withdrawn_at = now(), withdrawn_by_id = auditing_person()"),
    ],
)
def test_who_reads_changes_nothing(cast: Cast, name: str, statement: str) -> None:
    with acting_as(getattr(cast, name)), connection.cursor() as cursor:
        cursor.execute(statement)
        assert cursor.rowcount == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE auditing_statement SET total_thousandths = 0",
        "UPDATE auditing_statement SET withdrawn_at = now(), withdrawn_by_id = NULL",
        "UPDATE auditing_statementline SET credits_thousandths = 0",
        "DELETE FROM auditing_statement",
        "DELETE FROM auditing_statementline",
    ],
)
def test_not_even_a_manager_changes_or_deletes_what_was_stated(cast: Cast, statement: str) -> None:
    with (
        pytest.raises(ProgrammingError),
        transaction.atomic(),
        acting_as(cast.max),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_a_manager_withdraws_their_teams_once_and_for_good(cast: Cast) -> None:
    with acting_as(cast.max), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE auditing_statement SET withdrawn_at = now(), withdrawn_by_id = auditing_person()"
        )
        assert cursor.rowcount == 1
        cursor.execute(
            "UPDATE auditing_statement SET withdrawn_at = now(), withdrawn_by_id = auditing_person()"
        )
        assert cursor.rowcount == 0


@pytest.mark.parametrize("by", ["audrey", "otto", "alice", "sid", "another's name", "a token"])
def test_statements_are_entered_by_managers_in_their_own_name(cast: Cast, by: str) -> None:
    person: User | Bearer = cast.max if by in ("another's name", "a token") else getattr(cast, by)
    if by == "a token":
        person = Bearer(cast.max, cast.team.pk, frozenset(Scope), 1)
    values = {
        "team": cast.team.pk,
        "account": cast.nano.pk,
        "by": cast.rita.pk if by == "another's name" else None,
    }
    with pytest.raises(Error), transaction.atomic(), acting_as(person), connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO auditing_statement
                (team_id, account_id, first, last, reference, note, total_thousandths, lines, lines_unknown,
                file, digest, person_id)
            VALUES (%(team)s, %(account)s, '2026-10-01', '2026-10-31', '', '', 1, 0, 0, '', '',
                coalesce(%(by)s, auditing_person()))""",
            values,
        )


def test_a_statement_is_of_its_accounts_team(cast: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(Error), transaction.atomic():
        Statement.objects.filter(pk=1).update(account=cast.other_nano)
