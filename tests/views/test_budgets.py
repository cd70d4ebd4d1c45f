"""`/budgets/`: what each sees, what managers set, what is put away; and nothing of anybody else."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from auditing.access import acting_as
from auditing.budgets import Subject, TermWanted, add_budget, later, month_now, note_crossings
from auditing.models import Account, Budget, BudgetTerm, Membership, Role, Team, User
from tests.views.cast import Cast, completed
from tests.views.conftest import Queries, SignedIn, text

PAGE, ADD = "/budgets/", "/budgets/add/?team=north"


def a_budget(
    manager: User, team: Team, owner: User | None = None, account: Account | None = None, amount: int = 100
) -> Budget:
    """A budget from this month on, as the clock has it: the page's own."""
    month = month_now(timezone.now())
    with acting_as(manager):
        return add_budget(manager, Subject(team, owner, account), TermWanted(month, amount * 1000), month)


def a_job(account: Account, owner: User | None, number: int, amount: int | None) -> None:
    """A job of just now."""
    completed(
        account,
        f"job_{number}",
        owner,
        created_at=timezone.now(),
        credits_thousandths=None if amount is None else amount * 1000,
        credits_most_thousandths=None if amount is None else amount * 1000,
        credits_basis=None if amount is None else "reported",
    )


def page_of(client: Client, address: str = PAGE) -> str:
    """The page without what differs with each answer: its tokens, its meters of minutes."""
    content = client.get(address).content.decode()
    content = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", content)
    content = re.sub(r"<dt>At this pace</dt><dd>.*?</dd>", "", content)
    return re.sub(r"<time.*?</time>", "", content)


def months_ahead(number: int) -> str:
    return f"{later(month_now(timezone.now()), number):%Y-%m}"


def test_the_page_says_what_is_used_left_and_unknown(people: Cast, signed_in: SignedIn) -> None:
    """With a meter, and each number leading to its rows."""
    a_budget(people.max, people.team)
    a_job(people.nano, people.alice, 1, 82)
    a_job(people.nano, people.bob, 2, None)
    client = signed_in(people.max)
    said = text(client, PAGE)
    assert "North 80 % reached 82 of 100 credits 82.0 % used Remaining 18" in said
    assert "Rests on 2 jobs ; 1 unknown , in no sum" in said
    page = client.get(PAGE).content.decode()
    assert 'high="800" optimum="0" value="820"' in page
    for link in re.findall(r'href="(/(?:generations|reports/credits)/\?[^"]+)"', page):
        assert client.get(link.replace("&amp;", "&")).status_code == 200


def test_rows_and_budgets_of_others_change_no_byte(people: Cast, signed_in: SignedIn) -> None:
    """A member's page knows nothing of the team's; nobody's of another team's."""
    a_budget(people.max, people.team, people.alice)
    a_job(people.nano, people.alice, 1, 60)
    note_crossings(timezone.now())
    addresses = [(people.alice, PAGE), (people.alice, "/"), (people.bob, PAGE)]
    addresses += [(people.audrey, PAGE), (people.max, PAGE), (people.max, "/")]
    pages = [(signed_in(person), address) for person, address in addresses]
    before = [page_of(client, address) for client, address in pages]
    a_budget(people.otto, people.other_team)
    a_budget(people.otto, people.other_team, people.otto)
    a_budget(people.otto, people.other_team, account=people.other_nano)
    a_job(people.other_nano, people.otto, 2, 99)
    a_job(people.other_nano, people.alice, 3, 44)
    note_crossings(timezone.now())
    assert [page_of(client, address) for client, address in pages] == before
    a_budget(people.max, people.team)
    a_budget(people.max, people.team, people.bob)
    a_budget(people.max, people.team, account=people.nano)
    a_job(people.nano, people.bob, 4, 90)
    note_crossings(timezone.now())
    assert page_of(signed_in(people.alice)) == before[0]
    assert page_of(signed_in(people.max)) != before[4]


def test_a_manager_sets_one_on_the_page(people: Cast, signed_in: SignedIn) -> None:
    """Up to three decimals; what is wrong is said at its field, and nothing is set."""
    client = signed_in(people.max)
    form = {"of": "person:alice", "credits": "0", "from_month": months_ahead(0), "documented": "no"}
    assert "greater than or equal to 0.001" in client.post(ADD, form).content.decode()
    assert "no more than 3 decimal" in client.post(ADD, form | {"credits": "1.2345"}).content.decode()
    assert (
        "not one of the available choices" in client.post(ADD, form | {"of": "person:otto"}).content.decode()
    )
    assert Budget.objects.count() == 0
    assert client.post(ADD, form | {"credits": "12.345"}).headers["Location"] == PAGE
    term = BudgetTerm.objects.get()
    assert (term.budget.owner, term.thousandths, term.documented) == (people.alice, 12345, False)
    again = client.post(ADD, form | {"credits": "1"}).content.decode()
    assert "There is a budget of this already" in again
    assert 'id="id_of_error"' in again


def test_a_manager_changes_and_ends_one_on_the_page(people: Cast, signed_in: SignedIn) -> None:
    """From a month on that is to come."""
    budget = a_budget(people.max, people.team)
    client, address = signed_in(people.max), f"/budgets/change/?budget={budget.pk}"
    assert 'name="credits" value="100"' in client.get(address).content.decode()
    form: dict[str, Any] = {"credits": "250.5", "from_month": months_ahead(1), "documented": "yes"}
    assert client.post(address, form).headers["Location"] == PAGE
    assert "on 250.5 credits a month" in text(client, PAGE)
    bad = client.post(address, form | {"from_month": months_ahead(-1)}).content.decode()
    assert "not one of the available choices" in bad
    assert client.post(address, {"act": "end", "end_from": months_ahead(0)}).headers["Location"] == PAGE
    assert "North Ended" in text(client, PAGE)
    assert BudgetTerm.objects.get().thousandths is None


@pytest.mark.parametrize(
    ("name", "status"),
    [("alice", 403), ("bob", 404), ("audrey", 403), ("max", 200), ("otto", 404), ("sid", 403), ("rita", 200)],
)
def test_who_only_sees_one_changes_nothing(people: Cast, signed_in: SignedIn, name: str, status: int) -> None:
    """And what they don't see is not there."""
    budget = a_budget(people.max, people.team, people.alice)
    client, address = signed_in(getattr(people, name)), f"/budgets/change/?budget={budget.pk}"
    assert client.get(address).status_code == status
    form = {"credits": "5", "from_month": months_ahead(1), "documented": "yes"}
    assert client.post(address, form).status_code == (302 if status == 200 else status)
    assert BudgetTerm.objects.count() == (2 if status == 200 else 1)


def test_who_manages_several_teams_chooses_one(people: Cast, signed_in: SignedIn) -> None:
    """Its people and accounts are those of that team."""
    Membership.objects.create(team=people.other_team, user=people.max, role=Role.MANAGER)
    client = signed_in(people.max)
    assert "In which team? North South" in text(client, "/budgets/add/")
    page = client.get("/budgets/add/?team=south").content.decode()
    assert 'value="account:south-nano"' in page
    assert 'value="account:north-nano"' not in page
    assert "In which team?" in text(client, "/budgets/add/?team=west")


def test_a_notice_is_shown_until_it_is_put_away(people: Cast, signed_in: SignedIn) -> None:
    """On the overview and with the budgets; by each person for themselves."""
    budget = a_budget(people.max, people.team, people.alice)
    a_job(people.nano, people.alice, 1, 120)
    note_crossings(timezone.now())
    number = budget.notices.get(threshold=100).pk
    alice, manager, bob = (signed_in(person) for person in (people.alice, people.max, people.bob))
    for client in (alice, manager):
        for address in ("/", PAGE):
            assert "Alice in North reached 100 % of its budget" in text(client, address)
    assert bob.post("/budgets/notices/", {"notice": number}).status_code == 404
    answer = alice.post("/budgets/notices/", {"notice": number, "back": "overview"})
    assert answer.headers["Location"] == "/"
    assert "reached 100 %" not in text(alice, "/") + text(alice, PAGE)
    assert "reached 100 %" in text(manager, "/")


def test_a_person_asks_for_the_report_by_mail_and_ends_it(people: Cast, signed_in: SignedIn) -> None:
    """With an address; without one the page says what is missing."""
    client = signed_in(people.alice)
    assert "has no e-mail address" in text(client, PAGE)
    assert client.post("/reports/credits/mail/").headers["Location"] == "/budgets/?mail=no-address#mail"
    User.objects.filter(pk=people.alice.pk).update(email="alice@example.com")
    assert client.post("/reports/credits/mail/").headers["Location"] == "/budgets/#mail"
    assert "to alice@example.com" in text(client, PAGE)
    assert "Send it no more" in text(client, PAGE)
    client.post("/reports/credits/mail/", {"act": "stop"})
    assert "Send me the monthly report" in text(client, PAGE)


def test_the_page_takes_as_many_queries_for_many_budgets_as_for_few(
    people: Cast, signed_in: SignedIn, queries: Queries
) -> None:
    client = signed_in(people.max)
    a_budget(people.max, people.team)
    a_budget(people.max, people.team, people.alice)
    a_budget(people.max, people.team, account=people.nano)
    few = len(queries(client, PAGE))
    for person in (people.bob, people.audrey, people.max):
        a_budget(people.max, people.team, person)
    a_budget(people.max, people.team, account=people.reel)
    assert len(queries(client, PAGE)) == few
