"""Two teams, six people and two hundred generations with everything that filters and exports must bear."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.contrib.auth.models import Permission

from auditing.access import SYSTEM, Bearer, Person, acting_as
from auditing.models import (
    Account,
    Generation,
    Lookup,
    Membership,
    Project,
    Role,
    Scope,
    Tag,
    Tagging,
    Team,
    User,
)
from auditing.records import CreditsBasis, Flag, Outcome, Status
from auditing.rollups import fold

WORDS = ("beach", "Beach", "100% sand", "under_score", "back\\slash", "wave", "Ärger", "été", "", None)
NOW = datetime(2026, 10, 26, 12, 0, tzinfo=UTC)
PEOPLE = ("alice", "bob", "carol", "dora", "erin", "root")


@dataclass(frozen=True)
class Population:
    """Who there is and what they made.

    alice is a member of north, bob of both teams, carol audits north, dora manages south, erin is a site
    auditor, root a superuser.
    """

    people: dict[str, User]
    teams: dict[str, Team]
    generations: list[Generation] = field(repr=False)


def populate(seed: int = 7, size: int = 200) -> Population:
    """A population, the same for the same seed; every value also comes up unknown."""
    chance = random.Random(seed)  # noqa: S311 - sample data
    with acting_as(SYSTEM):
        teams = {slug: Team.objects.create(slug=slug, name=slug.title()) for slug in ("north", "south")}
        people = _people(teams)
        accounts = [
            Account.objects.create(
                provider=provider, label=f"{provider} {slug}", team=team, base_url="http://x"
            )
            for slug, team in teams.items()
            for provider in ("nanobanana", "reelbot")
        ]
        projects = [
            Project.objects.create(team=team, name=name)
            for team in teams.values()
            for name in ("Spring", "~none", "~tilde")
        ]
        made = [_generation(chance, number, accounts, projects, people) for number in range(size)]
        Generation.objects.bulk_create(made)
        Lookup.objects.bulk_create([_lookup(chance, row) for row in made])
        _mark(random.Random(seed), made, people)  # noqa: S311 - sample data
    return Population(people, teams, made)


def tags_of(population: Population) -> dict[int, set[str]]:
    """The tags of every generation."""
    tags: dict[int, set[str]] = {row.pk: set() for row in population.generations}
    for generation_id, name in Tagging.objects.values_list("generation_id", "tag__name"):
        tags[generation_id].add(name)
    return tags


VIEWERS = (*PEOPLE, "fay", "gus", "hal", "carol's token", "bob's token", "root's token", "system")


def live_on(population: Population) -> dict[str, Person]:
    """What the years do to a population, and all who may look at it then, of VIEWERS.

    Some rows go, some have another owner, project or no day: of that a part is folded into totals, the rest
    waits. fay audits south and is a member of north, gus left both teams, hal was switched off; each has rows
    in both. alice's account was paused, and one was renamed.
    """
    fold()
    people, teams = population.people, population.teams
    ids = sorted(row.pk for row in population.generations)
    with acting_as(SYSTEM):
        rows = Generation.objects.all()
        for place, name in enumerate(("fay", "gus", "hal")):
            people[name] = _joined(name, teams)
            rows.filter(pk__in=ids[place::9]).update(owner=people[name])
        people["gus"].memberships.all().delete()
        people["hal"].is_active = False
        people["hal"].save()
        rows.filter(pk__in=ids[4::9]).delete()
        rows.filter(pk__in=ids[5::9]).update(owner=people["bob"], project=None)
    fold()
    with acting_as(SYSTEM):
        rows.filter(pk__in=ids[6::9]).update(created_at=None, status="failed", mode="extend")
        rows.filter(pk__in=ids[7::9]).update(owner=None, credits_thousandths=None, credits_basis=None)
        rows.filter(pk__in=ids[8::18]).delete()
        Account.objects.filter(label="reelbot north").update(paused_at=NOW, owner=people["alice"])
        Account.objects.filter(label="nanobanana south").update(label="an account by another name")
    return {**people, **_tokens(people, teams), "system": SYSTEM}


def _joined(name: str, teams: dict[str, Team]) -> User:
    person = User.objects.create(username=name)
    Membership.objects.create(user=person, team=teams["north"], role=Role.MEMBER)
    Membership.objects.create(user=person, team=teams["south"], role=Role.AUDITOR)
    return person


def _tokens(people: dict[str, User], teams: dict[str, Team]) -> dict[str, Bearer]:
    places = {"carol": "north", "bob": "south", "root": "south"}
    return {
        f"{name}'s token": Bearer(people[name], teams[slug].pk, frozenset(Scope), token_id=1)
        for name, slug in places.items()
    }


def _people(teams: dict[str, Team]) -> dict[str, User]:
    people = {name: User.objects.create(username=name) for name in PEOPLE}
    roles = (("alice", "north", Role.MEMBER), ("bob", "north", Role.MEMBER), ("carol", "north", Role.AUDITOR))
    for name, slug, role in (*roles, ("dora", "south", Role.MANAGER), ("bob", "south", Role.MEMBER)):
        Membership.objects.create(user=people[name], team=teams[slug], role=role)
    people["erin"].user_permissions.add(Permission.objects.get(codename="view_everything"))
    User.objects.filter(username="root").update(is_superuser=True)
    people["root"].refresh_from_db()
    return people


def _generation(
    chance: random.Random,
    number: int,
    accounts: list[Account],
    projects: list[Project],
    people: dict[str, User],
) -> Generation:
    account = chance.choice(accounts)
    own = [project for project in projects if project.team_id == account.team_id]
    credits_thousandths = chance.choice((None, 0, 1, 2500, 7000, 7000, 1_000_000_000_000, 12_345))
    created = _moment(chance)
    return Generation(
        team=account.team,
        provider=account.provider,
        external_id=chance.choice(("vid_", "VID_", "=1+", "a,b;")) + str(number),
        account=account,
        owner=chance.choice((None, people["alice"], people["bob"], people["dora"])),
        project=chance.choice((None, *own)),
        status=chance.choice((None, *(word.value for word in Status))),
        provider_status=chance.choice(("queued", "+weird", None)),
        title=chance.choice(WORDS),
        description=chance.choice((*WORDS, "line one\nline two\r\n\"quoted\", 'too'\t", "=HYPERLINK(1)")),
        mode=chance.choice(("text-to-video", "image-to-video", None)),
        resolution=chance.choice(("480p", "4k", "~none", "~~odd", " 4k", None)),
        duration_milliseconds=chance.choice((None, 0, 5000, 7500, 8001)),
        output_url=chance.choice((None, "https://cdn.example/x.mp4")),
        output_key=chance.choice((None, "users/a/output/b.mp4", "")),
        credits_thousandths=credits_thousandths,
        credits_basis=None if credits_thousandths is None else CreditsBasis.REPORTED.value,
        message=chance.choice((None, "\uff1d1", " \t@x")),
        error=chance.choice((None, "The model timed out on the BEACH")),
        created_at=created,
        updated_at=_moment(chance),
        processing_started_at=_moment(chance),
        processing_completed_at=created,
    )


def _mark(chance: random.Random, made: list[Generation], people: dict[str, User]) -> None:
    """What came later: flags, tags, when they were registered, and when they are due again."""
    words = [flag.value for flag in Flag]
    for row in made:
        row.flags = chance.choice(([], [], chance.sample(words, 1), sorted(chance.sample(words, 3))))
        row.registered_at = _moment(chance) or NOW
    Generation.objects.bulk_update(made, ["flags", "registered_at"])
    lookups = list(Lookup.objects.order_by("pk"))
    for lookup in lookups:
        lookup.due_at = _moment(chance)
    Lookup.objects.bulk_update(lookups, ["due_at"])
    tags = {
        (team, name): Tag.objects.create(team_id=team, name=name)
        for team in sorted({row.team_id for row in made})
        for name in ("hero shot", "~none", "dull")
    }
    Tagging.objects.bulk_create(
        Tagging(
            generation=row,
            tag=tags[row.team_id, name],
            team=row.team,
            owner=row.owner,
            author=people["carol"],
        )
        for row in made
        for name in chance.choice(((), (), ("dull",), ("hero shot", "~none")))
    )


def _moment(chance: random.Random) -> datetime | None:
    """Times in clusters, so that there are ties; around a clock change and midnights; with fractions."""
    day = datetime(2026, 10, 24, 20, 0, tzinfo=UTC)
    moment = day + timedelta(minutes=30 * chance.randrange(120))
    fraction = timedelta(microseconds=chance.choice((0, 0, 0, 7, 999, 1000, 120_000, 999_999)))
    return chance.choice((None, moment, moment, moment + fraction, datetime(1, 1, 1, tzinfo=UTC)))


def _lookup(chance: random.Random, row: Generation) -> Lookup:
    return Lookup(
        generation=row,
        account=row.account,
        team=row.team,
        owner=row.owner,
        outcome=chance.choice((None, *(word.value for word in Outcome))),
        synced_at=_moment(chance),
    )
