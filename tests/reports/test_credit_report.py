"""The credit report: each line leads to the rows it counts, and nobody's rows change another's report."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO, TextIOWrapper
from itertools import product
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.http import QueryDict
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from auditing.access import SYSTEM, Person, acting_as, visible_to
from auditing.filters import GenerationFilter
from auditing.models import Generation, Lookup, TrailEntry
from auditing.records import Status, iso_utc
from auditing.reports import Asked, CreditReport, Line, Period, credit_report, report_on
from auditing.reports.asked import GROUPS, OWN_KEYS, PERIOD_WORDS
from auditing.reports.sheets import Sheet
from auditing.reports.written import as_csv, as_json, as_text, as_xlsx
from tests.filters.population import Population
from tests.reports.asking import fresh, sheet_of_credits

UTC_ZONE = ZoneInfo("UTC")
TODAY = date(2026, 10, 25)
NOW = datetime(2026, 10, 25, 12, tzinfo=UTC)


def asked(query: str) -> Asked:
    return Asked.from_query(QueryDict(query), TODAY, UTC_ZONE)


def report(person: Person, query: str) -> CreditReport:
    with acting_as(person):
        return credit_report(person, asked(query), NOW)


def sheet(person: Person, query: str, asked_by: str = "x") -> Sheet:
    return sheet_of_credits(person, report(person, query), asked_by)


def rows_behind(person: Person, query: str) -> list[Generation]:
    """The rows of the list that a number leads to."""
    wanted = GenerationFilter.from_query(QueryDict(query))
    assert not wanted.errors
    assert not wanted.ignored
    with acting_as(person):
        return list(wanted.apply(visible_to(person)))


def held_against_its_rows(person: Person, line: Line) -> None:
    rows = rows_behind(person, line.query)
    known = [row.credits_thousandths for row in rows if row.credits_thousandths is not None]
    assert (line.jobs, line.credits.unknown) == (len(rows), len(rows) - len(known))
    assert line.credits.net == (sum(known) if known else None)
    assert line.failed_jobs == len([row for row in rows if row.status == Status.FAILED])


def each_cell_leads_to_its_rows(person: Person, line: Line) -> None:
    def count(query: str) -> int:
        return len(rows_behind(person, query))

    if line.completed_jobs:
        assert count(line.completed_query) == line.completed_jobs
    if line.failed_jobs:
        assert count(line.failed_query) == line.failed_jobs
    if line.credits.unknown:
        assert count(line.unknown_query) == line.credits.unknown


QUERIES = [
    f"period={period}&{group}{rest}"
    for (period, group), rest in zip(
        product(
            ("all-time", "this-month", "last-12-months", "2026-09", "2026"),
            ("group=none", *(f"group={one}" for one in GROUPS if one != "day"), "group=owner&group=month"),
        ),
        ("", "&status=failed", "&owner=alice&owner=~none", "&credits_min=1", "&flag_not=stuck&q=beach") * 11,
        strict=False,
    )
]


@pytest.mark.parametrize(("number", "name"), [*enumerate(["alice", "bob", "carol", "erin"])])
def test_every_line_leads_to_the_rows_that_it_counts(population: Population, number: int, name: str) -> None:
    person = population.people[name]
    for query in QUERIES[number % 2 :: 2]:
        found = report(person, query)
        assert set(found.asked.errors) <= {"group"}, query  # weeks of all time are months
        for line in (*found.lines, found.total, found.undated):
            held_against_its_rows(person, line)
        for line in (*found.lines[:3], found.total):
            each_cell_leads_to_its_rows(person, line)
        for bar in found.chart.bars[:2]:
            for value, link in bar.cells:
                known = (
                    [row.credits_thousandths or 0 for row in rows_behind(person, link)] if link else [value]
                )
                assert sum(known) == value
        if found.before is not None:
            held_against_its_rows(person, found.before)
        if found.lines:
            assert sum(line.jobs for line in found.lines) == found.total.jobs
        assert sum(bar.total for bar in found.chart.bars) == sum(one.total for one in found.chart.series)


def first_of(person: Person, query: str, most: int) -> CreditReport:
    with acting_as(person):
        return credit_report(person, asked(query), NOW, most)


@pytest.mark.parametrize("period", ["all-time", "last-12-months", "2026-10"])
@pytest.mark.parametrize("name", ["alice", "carol", "erin"])
def test_the_first_lines_are_those_that_the_whole_report_begins_with(
    population: Population, name: str, period: str
) -> None:
    person = population.people[name]
    pairs = [f"group={one}&group={other}" for one, other in product(GROUPS, GROUPS) if one != other]
    for groups in (*(f"group={one}" for one in GROUPS), *pairs[:: 3 if period == "all-time" else 7]):
        query = f"period={period}&{groups}"
        whole, first = report(person, query), first_of(person, query, 2)
        assert [replace(line, share=0) for line in first.lines] == [
            replace(line, share=0) for line in whole.lines[:2]
        ], query
        assert (first.total, first.before, first.undated) == (whole.total, whole.before, whole.undated)
        assert first.chart == whole.chart, query
        assert first.many in (None, len(whole.lines))
        assert first.has_more is (len(whole.lines) > 2)


@pytest.mark.parametrize(
    "query", ["", "&flag=stuck", "&q=beach", "&credits_min=1", "&flag=stuck&group=month"]
)
def test_of_a_name_that_there_is_not_there_are_no_jobs(population: Population, query: str) -> None:
    found = report(population.people["erin"], f"period=all-time&owner=mallory{query}")
    assert (found.total.jobs, found.lines, found.chart.bars) == (0, (), ())


@pytest.mark.parametrize(
    "query", ["period=all-time", "", "period=2026&status=pending&status=completed", "period=2026&flag=stale"]
)
def test_jobs_that_are_not_fresh_are_those_that_the_links_show(population: Population, query: str) -> None:
    for name in ("alice", "erin"):
        person = population.people[name]
        found = fresh(person, report(person, query))
        assert found.stale is not None
        assert found.stale.number == len(rows_behind(person, found.stale_query))
        waiting = rows_behind(person, found.unresolved_query)
        assert found.unresolved == (len(waiting) if found.unresolved else 0)
        times = [row.pk for row in waiting if row.status is not None]
        with acting_as(person):
            known = Lookup.objects.filter(generation__in=times, synced_at__isnull=False)
            oldest = known.order_by("synced_at").values_list("synced_at", flat=True).first()
        assert found.oldest == (oldest if found.unresolved else None)


def test_a_job_is_fresh_until_it_could_have_changed(population: Population) -> None:
    erin = population.people["erin"]
    now = timezone.now().replace(microsecond=0)
    late, soon = now - timedelta(minutes=90), now + timedelta(hours=1)
    with acting_as(SYSTEM):
        Lookup.objects.update(outcome="ok", synced_at=late, due_at=soon)
        one, two, three, four = Lookup.objects.order_by("pk")[:4]
        Lookup.objects.filter(pk=one.pk).update(due_at=late)
        Lookup.objects.filter(pk=two.pk).update(outcome="unreachable")
        Lookup.objects.filter(pk=three.pk).update(outcome=None, synced_at=None)
        Lookup.objects.filter(pk=four.pk).update(outcome="denied", synced_at=None, due_at=None)
    found = fresh(erin, report(erin, "period=all-time"))
    assert str(found.stale) == "3", "at rest and denied nothing changes any more"
    assert (found.jobs, found.looked_up_share) == (200, 985)
    stale = {row.pk for row in rows_behind(erin, found.stale_query)}
    assert stale == {one.pk, two.pk, three.pk}
    head = dict(sheet(erin, "period=all-time").head)
    assert (head["jobs_not_looked_up_since"], head["looked_up_since_percent"]) == ("3", "98.5")
    assert head["oldest_lookup_of_unresolved"] == iso_utc(late)


def test_beside_another_flag_no_list_is_linked_that_would_show_more(population: Population) -> None:
    erin = population.people["erin"]
    found = fresh(erin, report(erin, "period=all-time&flag=stuck"))
    assert found.stale_query == ""
    assert found.looked_up_share is not None


def test_unknown_credits_are_said_and_are_no_zero(population: Population) -> None:
    with acting_as(SYSTEM):
        Generation.objects.update(credits_thousandths=None, credits_basis=None, credits_most_thousandths=None)
    total = report(population.people["erin"], "period=all-time").total
    assert (total.credits.net, total.per_video, total.credits.unknown) == (None, None, 200)
    written = as_csv(sheet(population.people["erin"], "period=all-time")).content.decode()
    last = list(csv.DictReader(io.StringIO(written.partition("\r\n\r\n")[2])))[-1]
    assert (last["credits_net"], last["jobs_without_credits"]) == ("", "200")


def test_documented_credits_can_be_left_out(population: Population) -> None:
    erin = population.people["erin"]
    with acting_as(SYSTEM):
        some = Generation.objects.filter(credits_thousandths=7000).values_list("pk", flat=True)[:5]
        Generation.objects.filter(pk__in=list(some)).update(credits_basis="documented")
    both, reported = (
        report(erin, f"period=all-time&documented={word}").total.credits for word in ("yes", "no")
    )
    assert both.net is not None
    assert reported.net is not None
    assert both.net - reported.net == 5 * 7000
    assert (both.documented, reported.left_out) == (5, 5)


def test_rows_of_others_change_no_byte_of_ones_report(population: Population) -> None:
    alice, carol = population.people["alice"], population.people["carol"]
    queries = ("period=all-time&group=owner&group=month", "group=team", "period=2026&group=project")

    def said(person: Person) -> list[bytes]:
        return [as_json(sheet(person, query)).content for query in queries]

    before = said(alice), said(carol)
    with acting_as(SYSTEM):
        for number, row in enumerate(population.generations):
            foreign = row.team.slug == "south"
            if foreign and row.owner != alice:
                Lookup.objects.filter(generation=row).delete()
                row.pk, row.external_id = None, f"foreign-{number}"
                row.save(force_insert=True)
    assert (said(alice), said(carol)) == before


def test_files_say_the_same_and_what_they_are(population: Population) -> None:
    carol = population.people["carol"]
    found = report(carol, "period=all-time&group=owner&status=completed")
    written = sheet_of_credits(carol, found, "carol")
    as_read = json.loads(as_json(written).content)
    assert as_read["asked_by"] == "carol"
    assert as_read["query"] == "period=all-time&status=completed"
    head, _, table = as_csv(written).content.decode().partition("\r\n\r\n")
    assert "as_of,2026-10-25T12:00:00Z" in head
    lines = list(csv.DictReader(io.StringIO(table)))
    assert [line["credits_net"] or None for line in lines[:-1]] == [
        line["credits_net"] for line in as_read["lines"]
    ]
    assert lines[-1]["credits_net"] == as_read["total"]["credits_net"]
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(written).content)).active
    assert book is not None
    cells = list(book.values)
    assert cells[len(cells) - 1][1] == found.total.jobs
    assert "Total" in as_text(written).content.decode()


def test_a_name_is_no_formula_in_a_file(population: Population) -> None:
    with acting_as(SYSTEM):
        alice = population.people["alice"]
        alice.first_name = "=HYPERLINK(1)"
        alice.save()
    written = as_csv(sheet(population.people["erin"], "period=all-time", "=1+1")).content
    assert b"\r\n'=HYPERLINK(1)," in written
    assert b"asked_by,'=1+1" in written


@pytest.mark.parametrize(
    ("query", "period", "words"),
    [
        ("", Period(date(2026, 10, 1), TODAY), "1 Oct 2026 to 25 Oct 2026, by person"),
        (
            "period=2026-02",
            Period(date(2026, 2, 1), date(2026, 2, 28)),
            "1 Feb 2026 to 28 Feb 2026, by person",
        ),
        ("period=2025&group=none", Period(date(2025, 1, 1), date(2025, 12, 31)), "1 Jan 2025 to 31 Dec 2025"),
        ("from=2026-01-05", Period(date(2026, 1, 5), None), "from 5 Jan 2026, by person"),
        ("period=last-12-months", Period(date(2025, 11, 1), TODAY), "1 Nov 2025 to 25 Oct 2026, by person"),
        (
            "period=all-time&group=team&group=month&status=failed",
            Period(),
            "all time, by team and month, failed",
        ),
    ],
)
def test_a_report_says_itself_in_words(query: str, period: Period, words: str) -> None:
    assert (asked(query).period, asked(query).words()) == (period, words)


@pytest.mark.parametrize(
    "query", ["", "period=last-30-days&group=month&status=failed", "period=2026-09", "period=all-time"]
)
def test_a_permanent_address_asks_for_the_same_days_whenever_it_is_opened(query: str) -> None:
    found = asked(query)
    later = Asked.from_query(QueryDict(found.permanent()), date(2027, 5, 5), UTC_ZONE)
    assert (later.period, later.group_by, later.filter) == (found.period, found.group_by, found.filter)


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("period=soon", "period"),
        ("period=2026-13", "period"),
        ("group=luck", "group"),
        ("group=owner&group=team&group=mode", "group"),
        ("group=day&group=month", "group"),
        ("period=all-time&group=day", "group"),
        ("from=2026-02-30", "from"),
        ("period=dates", "from"),
        ("period=2026&from=2026-02-01", "from"),
        ("from=2026-02-02&to=2026-01-01", "to"),
        ("documented=maybe", "documented"),
        ("status=late", "status"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(query: str, key: str) -> None:
    assert list(asked(query).errors) == [key]


@pytest.mark.parametrize(
    ("listed", "query"),
    [
        ("", "period=all-time"),
        ("status=failed&sort=credits_used&per_page=25", "period=all-time&status=failed"),
        ("created=last-30-days&owner=~none", "owner=~none&period=last-30-days"),
        ("created_from=2026-01-02&created_to=2026-02-01&q=a+b", "from=2026-01-02&to=2026-02-01&q=a+b"),
        ("created=~none", "period=all-time"),
    ],
)
def test_a_list_leads_to_the_report_of_its_rows(listed: str, query: str) -> None:
    found = report_on(GenerationFilter.from_query(QueryDict(listed)))
    assert found == query
    assert not asked(found).errors


WORDS = st.sampled_from(
    ["", "none", "2026-10", "2026", "2026-10-01", "yes", "no", "failed", "~none", *PERIOD_WORDS, *GROUPS]
)


@given(
    st.lists(
        st.tuples(st.sampled_from([*sorted(OWN_KEYS), "status", "owner", "q", "odd"]), WORDS | st.text())
    )
)
def test_any_query_string_is_a_report_and_its_canonical_one_stays(pairs: list[tuple[str, str]]) -> None:
    query = QueryDict(mutable=True)
    for key, value in pairs:
        query.appendlist(key, value)
    once = Asked.from_query(query, TODAY, UTC_ZONE)
    again = asked(once.canonical())
    assert not again.errors
    assert again.canonical() == once.canonical()
    assert (again.period, again.group_by, again.documented) == (once.period, once.group_by, once.documented)


def printed(*arguments: str) -> str:
    stdout = TextIOWrapper(BytesIO())
    call_command("report", "credits", *arguments, stdout=stdout)
    return stdout.buffer.getvalue().decode()


def test_the_command_writes_what_the_page_has(population: Population) -> None:
    found = json.loads(printed("--period", "all-time", "--format", "json", "--as", "carol"))
    person = population.people["carol"]
    assert found["total"]["jobs"] == report(person, "period=all-time").total.jobs
    only = json.loads(printed("--period", "all-time", "--format", "json", "--team", "south"))
    assert only["total"]["jobs"] == len([row for row in population.generations if row.team.slug == "south"])
    assert "by team and month" in printed("--period", "2026", "--group", "team", "--group", "month")
    with acting_as(SYSTEM):
        told = TrailEntry.objects.latest("pk")
    assert told.asked.startswith("credits report as text")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--period", "octobre"), "--period: “octobre” is no period"),
        (("--group", "luck"), "--group: “luck” is no group"),
        (("--team", "nowhere"), "--team: there is no team 'nowhere'; there are: north, south"),
        (("--query", "colour=red"), "--query: colour is no part of a report"),
        (("--as", "nobody"), "--as: there is no active user 'nobody'"),
    ],
)
@pytest.mark.usefixtures("population")
def test_a_mistake_in_the_command_is_named(arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandError, match="--") as fault:
        printed(*arguments)
    assert str(fault.value).startswith(said)


@pytest.mark.usefixtures("population")
def test_the_command_says_what_to_run_where_totals_are_cut_by_another_zone(settings: Settings) -> None:
    settings.REPORT_TIME_ZONE = "Asia/Tokyo"
    with pytest.raises(CommandError, match="verify_rollups --repair"):
        printed()


@pytest.mark.parametrize(
    ("query", "bars"),
    [
        ("period=2026&group=none", 53),
        ("period=2026&group=project", 12),
        ("period=dates&from=2026-01-01&to=2026-06-30&group=project", 27),
        ("period=2026&group=project&group=week", 53),
    ],
)
def test_a_chart_that_is_split_has_no_more_than_half_a_year_of_weeks(
    population: Population, query: str, bars: int
) -> None:
    """Unless weeks are asked for: a year of them in colours is more than a reader takes in."""
    assert len(report(population.people["erin"], query).chart.bars) == bars
