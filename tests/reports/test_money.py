"""Money beside credits: each job's credits times its account's price on its day, exactly, by currency."""

import csv
import io
import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditing.access import SYSTEM, Person, acting_as, visible_to
from auditing.currencies import PARTS, exact, rounded
from auditing.filters import GenerationFilter
from auditing.models import Account, AccountPrice, Generation
from auditing.prices import PriceWanted, set_price
from auditing.reports import Asked, CreditReport, Dimension, Line, Period, Question, credit_report
from auditing.reports.money import costs, prices_of
from auditing.reports.written import as_csv, as_json, as_text, as_xlsx
from tests.filters.population import Population
from tests.reports import brute
from tests.reports.asking import sheet_of_credits

UTC_ZONE = ZoneInfo("UTC")
NOW = datetime(2026, 10, 25, 12, tzinfo=UTC)

type Paid = dict[tuple[object, ...], dict[str, tuple[int, Fraction, Fraction]]]
"""By group and currency (empty: no price): jobs, and what they cost at most and now."""


def report(person: Person, query: str) -> CreditReport:
    asked = Asked.from_query(QueryDict(query), NOW.date(), UTC_ZONE)
    with acting_as(person):
        return credit_report(person, asked, NOW)


def price_of(prices: Sequence[AccountPrice], row: Generation) -> AccountPrice | None:
    """The price of a job, by looking through all there are."""
    day = brute.day_of(row, UTC_ZONE)
    valid = [one for one in prices if one.account_id == row.account_id and day and one.valid_from <= day]
    latest = max(valid, key=lambda one: one.valid_from, default=None)
    return latest if latest is not None and latest.price is not None else None


def by_hand(person: Person, question: Question, prices: Sequence[AccountPrice]) -> Paid:
    paid: Paid = defaultdict(dict)
    for row in brute.rows_for(person, question, UTC_ZONE):
        if row.credits_thousandths is None:
            continue
        price = price_of(prices, row)
        each = Fraction(price.price or 0) if price else Fraction(0)
        most = max(row.credits_most_thousandths or 0, row.credits_thousandths)
        key = tuple(brute.value_of(row, one, UTC_ZONE) for one in question.group_by)
        currency = price.currency if price else ""
        jobs, gross, net = paid[key].get(currency, (0, Fraction(0), Fraction(0)))
        paid[key][currency] = (
            jobs + 1, gross + each * most / 1000, net + each * row.credits_thousandths / 1000,
        )  # fmt: skip
    return dict(paid)


def asked_of(person: Person, question: Question) -> Paid:
    with acting_as(person):
        found = costs(person, question, prices_of(person, question.period))
    said: Paid = {}
    for key, one in found.items():
        said[key] = {
            money.currency: (money.jobs, Fraction(money.gross, PARTS), Fraction(money.net, PARTS))
            for money in map(one.money, one.currencies)
            if money is not None
        }
        if one.unpriced().jobs:
            said[key][""] = (one.unpriced().jobs, Fraction(0), Fraction(0))
    return said


days = st.integers(0, 420).map(lambda ago: date(2026, 10, 31) - timedelta(days=ago))
amounts = st.none() | st.decimals(0, 1000, places=10) | st.sampled_from([Decimal(0), Decimal("0.0000000001")])
priced = st.lists(
    st.tuples(st.integers(0, 3), days, amounts, st.sampled_from(["EUR", "USD", "JPY"])), max_size=12
)
PERIODS = (Period(), Period(date(2026, 9, 3), date(2026, 10, 25)), Period(date(2026, 1, 1), None))
GROUPS: tuple[tuple[Dimension, ...], ...] = (
    (), (Dimension.OWNER,), (Dimension.PROVIDER, Dimension.MONTH), (Dimension.PROJECT, Dimension.MODE),
    (Dimension.ACCOUNT, Dimension.WEEK), (Dimension.RESOLUTION, Dimension.DAY), (Dimension.TEAM,),
)  # fmt: skip


def test_money_is_each_jobs_credits_times_its_price_of_the_day(population: Population) -> None:
    accounts = list(Account.objects.order_by("pk"))

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        wanted=priced,
        name=st.sampled_from(["alice", "bob", "carol", "erin"]),
        period=st.sampled_from(PERIODS),
        group_by=st.sampled_from(GROUPS),
    )
    def holds(
        wanted: list[tuple[int, date, Decimal | None, str]],
        name: str,
        period: Period,
        group_by: tuple[Dimension, ...],
    ) -> None:
        with acting_as(SYSTEM):
            AccountPrice.objects.all().delete()
            for number, day, amount, currency in wanted:
                set_price(accounts[number], PriceWanted(day, amount, currency), None)
            prices = list(AccountPrice.objects.all())
        person, question = population.people[name], Question(period, group_by)
        assert asked_of(person, question) == by_hand(person, question, prices)

    holds()


@pytest.fixture
def priced_population(population: Population) -> Population:
    """Both teams' accounts have prices: in euros, later in dollars, later none; one never had any."""
    with acting_as(SYSTEM):
        north, south, *_, last = Account.objects.order_by("label")
        set_price(north, PriceWanted(date(2025, 1, 1), Decimal("0.0123"), "EUR"), None)
        set_price(north, PriceWanted(date(2026, 6, 15), Decimal("0.02"), "USD"), None)
        set_price(south, PriceWanted(date(2026, 2, 2), Decimal("0.5"), "EUR"), None)
        set_price(south, PriceWanted(date(2026, 9, 1), None), None)
        assert not last.prices.exists()
    return population


def held_against_its_rows(person: Person, found: CreditReport, line: Line) -> None:
    with acting_as(person):
        rows = list(GenerationFilter.from_query(QueryDict(line.query)).apply(visible_to(person)))
        prices = list(AccountPrice.objects.all())
    sums: dict[str, Fraction] = defaultdict(Fraction)
    unpriced = 0
    for row in rows:
        price = price_of(prices, row)
        if row.credits_thousandths is not None and price is not None:
            sums[price.currency] += Fraction(price.price or 0) * row.credits_thousandths / 1000
        unpriced += row.credits_thousandths is not None and price is None
    said = {
        currency: Fraction(one.net, PARTS)
        for currency, one in zip(found.currencies, line.money, strict=True)
        if one is not None
    }
    assert (said, line.unpriced_jobs) == (dict(sums), unpriced)


@pytest.mark.parametrize("name", ["alice", "carol", "erin"])
def test_every_line_costs_what_the_rows_cost_that_it_leads_to(
    priced_population: Population, name: str
) -> None:
    person = priced_population.people[name]
    for query in (
        "period=all-time",
        "period=2026&group=owner&group=month",
        "period=2026&credits_min=1&group=mode",
    ):
        found = report(person, query)
        assert found.has_prices
        for line in (*found.lines, found.total, *([found.before] if found.before else [])):
            held_against_its_rows(person, found, line)


def test_totals_are_sums_of_what_was_not_rounded(priced_population: Population) -> None:
    found = report(priced_population.people["erin"], "period=all-time&group=resolution")
    assert found.currencies == ("EUR", "USD")
    for place in range(2):
        nets = [one.net for line in found.lines if (one := line.money[place]) is not None]
        total = found.total.money[place]
        assert total is not None
        assert total.net == sum(nets)
        assert total.on_completed + total.on_failed <= total.net <= total.gross


def test_files_have_each_currency_exactly_and_none_added_up(priced_population: Population) -> None:
    erin = priced_population.people["erin"]
    found = report(erin, "period=all-time&group=resolution")
    sheet = sheet_of_credits(erin, found, "erin")
    total = found.total.money[0]
    assert total is not None
    as_read = json.loads(as_json(sheet).content)
    assert as_read["total"]["eur_net"] == exact(total.net)
    assert as_read["total"]["jobs_without_price"] == found.total.unpriced_jobs > 0
    lines = list(csv.DictReader(io.StringIO(as_csv(sheet).content.decode().partition("\r\n\r\n")[2])))
    assert sum(Fraction(line["eur_net"] or 0) for line in lines[:-1]) == Fraction(total.net, PARTS)
    assert {name for name in lines[0] if name.endswith("_net")} == {"credits_net", "eur_net", "usd_net"}
    assert "usd_net" in as_text(sheet).content.decode()
    assert as_xlsx(sheet).content


def test_without_prices_nothing_is_said_of_money(population: Population) -> None:
    erin = population.people["erin"]
    found = report(erin, "period=all-time")
    assert (found.has_prices, found.currencies, found.total.money) == (False, (), ())
    assert not [
        name
        for name in sheet_of_credits(erin, found, "x").columns
        if "price" in name or (name.endswith("_gross") and name != "credits_gross")
    ]


def test_documented_credits_that_are_left_out_cost_nothing_either(priced_population: Population) -> None:
    with acting_as(SYSTEM):
        Generation.objects.filter(credits_thousandths=7000).update(credits_basis="documented")
    erin = priced_population.people["erin"]
    both, left_out = (report(erin, f"period=all-time&documented={word}").total for word in ("yes", "no"))
    for more, less in zip(both.money, left_out.money, strict=True):
        assert more is not None
        assert less is not None
        assert more.net > less.net


def test_rows_and_prices_of_others_change_no_byte_of_ones_report(priced_population: Population) -> None:
    alice, carol = priced_population.people["alice"], priced_population.people["carol"]
    queries = ("period=all-time&group=owner&group=month", "period=2026&group=project")

    def said(person: Person) -> list[bytes]:
        return [as_json(sheet_of_credits(person, report(person, query), "x")).content for query in queries]

    before = said(alice), said(carol)
    with acting_as(SYSTEM):
        for account in Account.objects.filter(team__slug="south"):
            set_price(account, PriceWanted(date(2026, 1, 1), Decimal(77), "CHF"), None)
    assert (said(alice), said(carol)) == before


@pytest.mark.parametrize(
    ("parts", "currency", "shown"),
    [
        (PARTS // 200, "EUR", "0.01"),
        (PARTS // 200 - 1, "EUR", "0.00"),
        (-PARTS // 200, "EUR", "-0.01"),
        (PARTS * 5 // 2, "JPY", "3"),
        (PARTS // 2000, "KWD", "0.001"),
        (10**25 * PARTS, "USD", "10000000000000000000000000.00"),
    ],
)
def test_a_half_is_rounded_away_from_zero_to_the_currencys_smallest_unit(
    parts: int, currency: str, shown: str
) -> None:
    assert f"{rounded(parts, currency):f}" == shown


@given(st.integers(-(10**30), 10**30))
def test_exact_text_loses_nothing(parts: int) -> None:
    assert Fraction(exact(parts)) == Fraction(parts, PARTS)
