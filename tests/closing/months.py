"""Months that are closed, for tests: by the program's own door."""

from datetime import UTC, date, datetime, timedelta

from auditing.access import SYSTEM, acting_as
from auditing.closing import close
from auditing.models import Account, ClosedMonth, Generation, Team, User
from auditing.records import Status
from tests.views.cast import Cast, completed

APRIL = date(2026, 4, 1)
NOON = datetime(2026, 4, 15, 12, tzinfo=UTC)


def closed(team: Team, closer: User, month: date = APRIL) -> ClosedMonth:
    """This month of the team, closed by this person."""
    with acting_as(SYSTEM):
        close(team, month, closer)
        return ClosedMonth.objects.select_related("team", "closed_by", "seal").get(team=team, month=month)


def april(account: Account, first: User | None, second: User | None, jobs: int = 12) -> list[Generation]:
    """Jobs of April 2026: two of three are the first one's, the others the second's; every fourth of them
    has no figure."""
    made = []
    for number in range(jobs):
        owner = second if number % 3 == 2 else first
        said = (
            {} if number % 4 else {"credits_thousandths": None, "credits_basis": None, "status": "processing"}
        )
        created = NOON + timedelta(hours=number)
        made.append(completed(account, f"april_{number:02}", owner, created_at=created, **said))
    return made


def closed_april(
    account: Account, first: User | None, second: User | None, closer: User, jobs: int = 12
) -> ClosedMonth:
    """April 2026 of the account's team, closed, with adjustments of several kinds since."""
    made = april(account, first, second, jobs)
    found = closed(account.team, closer)
    ids = [row.pk for row in made]
    with acting_as(SYSTEM):
        Generation.objects.filter(pk=ids[1]).update(credits_thousandths=2000, status=Status.FAILED)
        Generation.objects.filter(pk=ids[2]).update(owner=first)
        Generation.objects.filter(pk=ids[3]).update(created_at=NOON + timedelta(days=30))
        completed(account, "april_late", first, created_at=NOON)
    return found


def closed_april_of_others(people: Cast) -> ClosedMonth:
    """The other team's, for pages that a superuser opens: the first team's lists stay as they are."""
    return closed_april(people.other_nano, people.otto, None, people.otto)
