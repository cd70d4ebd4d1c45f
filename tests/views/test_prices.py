"""`/sync/accounts/prices/`: whoever knows of an account reads its prices; managers set and correct them."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test import Client

from auditing.access import SYSTEM, acting_as
from auditing.models import AccountPrice, TrailEntry, User
from auditing.prices import PriceWanted, set_price
from tests.views.cast import Cast
from tests.views.conftest import SignedIn, text

PAGE = "/sync/accounts/prices/?account=north-nano"
PRICE = {"valid_from": "2026-01-01", "price": "0.0125", "currency": "eur"}


@pytest.fixture
def manager(people: Cast, signed_in: SignedIn) -> Client:
    """Max's browser."""
    return signed_in(people.max)


def prices() -> list[tuple[str, Decimal | None, str]]:
    rows = AccountPrice.objects.order_by("valid_from")
    return [(row.valid_from.isoformat(), row.price, row.currency) for row in rows]


def told() -> list[tuple[str, str, str]]:
    rows = TrailEntry.objects.filter(act="price_set").order_by("pk").select_related("team")
    return [(row.team.slug if row.team else "", row.asked, row.result) for row in rows]


def test_a_price_is_set_corrected_ended_and_taken_away_and_the_trail_tells_of_each(manager: Client) -> None:
    for form in (PRICE, PRICE, PRICE | {"price": "0.02"}, {"valid_from": "2026-03-01", "price": ""}):
        assert manager.post(PAGE, form).headers["Location"].endswith("&set=yes")
    assert prices() == [("2026-01-01", Decimal("0.02"), "EUR"), ("2026-03-01", None, "")]
    assert "no price from this day on" in text(manager, PAGE)
    assert manager.post(PAGE, {"remove": "2026-01-01"}).headers["Location"].endswith("&removed=yes")
    assert [day for day, *_ in prices()] == ["2026-03-01"]
    start = "a credit from 2026-01-01 on"
    assert told() == [
        ("north", "north-nano", f"{start}: none → “0.0125 EUR”"),
        ("north", "north-nano", f"{start}: “0.0125 EUR” → “0.02 EUR”"),
        ("north", "north-nano", "a credit from 2026-03-01 on: none → “no price”"),
        ("north", "north-nano", f"{start}: “0.02 EUR” → none"),
    ]
    assert "Price set" in text(manager, "/audit/")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"valid_from": "soon"}, "Enter a valid date"),
        ({"valid_from": "05/06/2026"}, "Enter a valid date"),  # May or June?
        ({"valid_from": "1999-01-01"}, "A day from 2000 to 2199"),
        ({"price": "-1"}, "greater than or equal to 0"),
        ({"price": "0.00000000001"}, "no more than 10 decimal places"),
        ({"price": "12345678901"}, "no more than 10 digits before the decimal point"),
        ({"price": "NaN"}, "Enter a number"),
        ({"currency": ""}, "a code of ISO 4217"),
        ({"currency": "ABC"}, "a code of ISO 4217"),
    ],
)
def test_what_a_price_cannot_be_is_said_at_its_field(
    manager: Client, changed: dict[str, str], words: str
) -> None:
    page = manager.post(PAGE, PRICE | changed).content.decode()
    assert words in page
    assert 'aria-invalid="true"' in page
    assert prices() == []


def test_a_day_that_is_none_takes_nothing_away(manager: Client) -> None:
    manager.post(PAGE, PRICE)
    assert manager.post(PAGE, {"remove": "soon"}).status_code == 302
    assert len(prices()) == 1


def test_who_only_reads_is_shown_the_prices_and_no_form(people: Cast, signed_in: SignedIn) -> None:
    with acting_as(SYSTEM):
        set_price(people.nano, PriceWanted(date(2026, 1, 1), Decimal("0.5"), "EUR"), None)
    browser = signed_in(people.audrey)
    page = text(browser, PAGE)
    assert "0.5" in page
    assert 'name="valid_from"' not in page
    refused = browser.post(PAGE, PRICE)
    assert refused.status_code == 403
    assert "set by managers" in refused.content.decode()


def test_the_database_lets_nobody_set_prices_of_another_team(people: Cast) -> None:
    """Nor the members and auditors of its own; nor with another team's name on it."""
    with acting_as(SYSTEM):
        set_price(people.nano, PriceWanted(date(2026, 1, 1), Decimal("0.5"), "EUR"), None)
    add = """INSERT INTO auditing_accountprice (account_id, team_id, valid_from, price, currency)
        VALUES (%s, %s, '2026-02-02', 1, 'EUR')"""

    def tries(person: User, statement: str, *values: int) -> int:
        with acting_as(person), connection.cursor() as cursor:
            cursor.execute(statement, values)
            return int(cursor.rowcount)

    for person in (people.otto, people.alice, people.audrey, people.sid):
        with pytest.raises(ProgrammingError), transaction.atomic():
            tries(person, add, people.nano.pk, people.team.pk)
        assert tries(person, "UPDATE auditing_accountprice SET price = 9") == 0
        assert tries(person, "DELETE FROM auditing_accountprice") == 0
    with pytest.raises(ProgrammingError), transaction.atomic():
        tries(people.otto, add, people.nano.pk, people.other_team.pk)
    assert tries(people.otto, "SELECT 1 FROM auditing_accountprice") == 0
    assert tries(people.alice, "SELECT 1 FROM auditing_accountprice") == 1
