"""What a query string means, how it is written back, and how it is said in words."""

import base64
import json
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from auditing.filters import Cursor, GenerationFilter, zone_named
from auditing.filters.query import KEYS
from auditing.filters.relative import PERIODS
from auditing.filters.wanted import Wanted
from auditing.models import Generation

BERLIN = ZoneInfo("Europe/Berlin")
MOMENT = datetime(2026, 10, 1, 12, 0, 0, 7, tzinfo=UTC)


NOW = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)  # in Berlin it is November already


def parsed(text: str) -> GenerationFilter:
    """The filter of a query string, seen from Berlin."""
    return GenerationFilter.from_query(QueryDict(text), BERLIN, now=NOW)


VALUES = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        (
            "failed",
            "~none",
            "~~none",
            "~x",
            "nanobanana",
            "2026-10-01",
            "2026-13-01",
            "0001-01-01",
            "-title",
            "25",
            "7.5",
            "999999999999.999",
            "last-30-days",
            "stuck",
            "refunded",
            "UTC",
            "Europe/Berlin",
            "Pacific/Auckland",
            "Mars/Olympus",
        )
    ),
    st.builds(
        lambda value, number: str(Cursor("-credits_used", value, number)),
        st.integers(-(2**70), 2**70),
        st.integers(-(2**70), 2**70),
    ),
)


def test_days_can_be_those_of_another_zone() -> None:
    """In words and on a chip; clearing the filter, or removing the chip, leads back to the usual zone."""
    wanted = parsed("created=today&zone=Pacific/Auckland")
    assert wanted.words() == "created today (Pacific/Auckland); newest first"
    assert wanted.canonical() == "created=today&zone=Pacific%2FAuckland"
    assert [(chip.words, chip.remove_url_query) for chip in wanted.chips()] == [
        ("created today (Pacific/Auckland)", "zone=Pacific%2FAuckland"),
        ("days of Pacific/Auckland", "created=today"),
    ]
    assert wanted.cleared() == ""
    assert parsed("zone=Europe/Berlin").canonical() == ""


def test_a_zone_that_does_not_exist_is_an_error_at_its_key() -> None:
    for name in ("Mars/Olympus", "../UTC", "Europe", "\0", "x" * 5000):
        wanted = parsed(urlencode({"zone": name}))
        assert wanted.zone == BERLIN
        assert list(wanted.errors) == ["zone"]


@given(st.text())
def test_any_text_is_a_query_string(text: str) -> None:
    wanted = parsed(text)
    assert parsed(wanted.canonical()) == wanted


@given(st.lists(st.tuples(st.sampled_from(sorted((*KEYS, "else"))), VALUES), max_size=12))
def test_a_filter_survives_being_written_and_read(pairs: list[tuple[str, str]]) -> None:
    query = QueryDict(mutable=True)
    for key, value in pairs:
        query.appendlist(key, value)
    wanted = GenerationFilter.from_query(query, BERLIN, now=NOW)
    again = parsed(wanted.canonical())
    assert again == wanted
    assert again.canonical() == wanted.canonical()
    assert again.errors == {}
    assert wanted.words()


@given(st.lists(st.tuples(st.sampled_from(sorted(KEYS)), VALUES), max_size=12))
def test_every_chip_can_be_removed_and_takes_only_itself_away(pairs: list[tuple[str, str]]) -> None:
    query = QueryDict(mutable=True)
    for key, value in pairs:
        query.appendlist(key, value)
    wanted = GenerationFilter.from_query(query, BERLIN, now=NOW)
    chips = wanted.chips()
    for chip in chips:
        left = [(other.key, other.value) for other in parsed(chip.remove_url_query).chips()]
        assert left == [(other.key, other.value) for other in chips if other is not chip]


def test_an_empty_query_string_wants_everything_newest_first() -> None:
    assert parsed("") == GenerationFilter(zone=BERLIN)
    assert parsed("").canonical() == ""
    assert parsed("").words() == "all generations; newest first"
    assert not parsed("").narrows


def test_a_filter_says_itself_in_words() -> None:
    wanted = parsed("q=beach&status=failed&resolution=4k&created_from=2026-10-01&created_to=2026-10-31")
    assert wanted.words() == (
        "failed, 4k, created 1 Oct 2026 to 31 Oct 2026 (Europe/Berlin), containing “beach”; newest first"
    )


def test_several_values_of_one_column_are_any_of_them() -> None:
    wanted = parsed("owner=~none&owner=alice&owner=bob&outcome=rate_limited&outcome=~none&sort=credits_used")
    assert wanted.owner == ("alice", "bob", None)
    assert wanted.words() == (
        "by alice or by bob or unassigned, last lookup rate limited or never looked up; fewest credits first"
    )


_BOTH = "last changed yesterday (Europe/Berlin), registered this year (Europe/Berlin)"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("created_from=2026-02-01", "created from 1 Feb 2026 (Europe/Berlin)"),
        ("created_to=2026-02-01", "created up to 1 Feb 2026 (Europe/Berlin)"),
        ("created_from=2026-02-01&created_to=2026-02-01", "created on 1 Feb 2026 (Europe/Berlin)"),
        ("status=unknown&status=~none", "with a status word we don't know or status not yet known"),
        ("provider=reelbot&team=north&project=~none", "ReelBot, team north, without a project"),
        ("account=studio&project=Spring&mode=~none", "account studio, project Spring, mode unknown"),
        ("status_not=failed", "not failed"),
        ("status_not=pending&status_not=failed&owner_not=bob", "neither pending nor failed, not by bob"),
        (
            "owner_not=~none&outcome_not=~none&tag_not=dull",
            "assigned to somebody, looked up, not tagged dull",
        ),
        ("mode_not=~none&mode_not=text-to-video", "not text-to-video, mode known"),
        ("tag=~none&tag=dull", "tagged dull or without a tag"),
        ("credits_basis=~none&provider_status=queued", "provider says queued, credits unknown"),
        ("duration=~none&waiting_not=~none", "duration unknown, waiting time known"),
        ("flag=refunded&flag=stuck&flag_not=stale", "stuck or refunded, not stale"),
        ("credits_min=10", "10 credits or more"),
        ("credits_min=1&credits_max=1", "1 credit"),
        ("credits_min=0.5&credits_max=12.25", "0.5 to 12.25 credits"),
        ("duration_max=8&waiting_min=1", "duration up to 8 s, waited 1 s or more"),
        ("processing_min=60&processing_max=90.5", "processed for 60 to 90.5 s"),
        ("created=last-30-days", "created in the last 30 days (Europe/Berlin)"),
        ("updated=yesterday&registered=this-year", _BOTH),
        ("synced=~none&created=~none", "time of creation unknown, without a good lookup yet"),
    ],
)
def test_each_part_has_its_words(query: str, words: str) -> None:
    assert parsed(query).words() == f"{words}; newest first"


def test_the_words_of_the_wish_that_everybody_has() -> None:
    wanted = parsed("created=last-30-days&credits_min=10&resolution=4k&status=failed")
    assert wanted.words() == (
        "failed, 4k, 10 credits or more, created in the last 30 days (Europe/Berlin); newest first"
    )
    assert wanted.canonical() == "status=failed&resolution=4k&credits_min=10&created=last-30-days"


def test_every_key_is_an_attribute_and_there_are_no_others() -> None:
    assert {*(field.name for field in fields(Wanted)), "zone"} == KEYS


@pytest.mark.parametrize(
    ("named", "first", "last"),
    [
        ("today", date(2026, 11, 1), date(2026, 11, 1)),
        ("yesterday", date(2026, 10, 31), date(2026, 10, 31)),
        ("last-7-days", date(2026, 10, 26), date(2026, 11, 1)),
        ("last-30-days", date(2026, 10, 3), date(2026, 11, 1)),
        ("last-90-days", date(2026, 8, 4), date(2026, 11, 1)),
        ("this-month", date(2026, 11, 1), date(2026, 11, 1)),
        ("last-month", date(2026, 10, 1), date(2026, 10, 31)),
        ("this-year", date(2026, 1, 1), date(2026, 11, 1)),
    ],
)
def test_named_days_are_those_of_the_viewers_calendar(named: str, first: date, last: date) -> None:
    today = NOW.astimezone(BERLIN).date()
    assert PERIODS[named].span(today) == (first, last)
    assert parsed(f"created={named}").canonical() == f"created={named}"


def test_the_same_address_means_other_days_in_another_zone_and_later() -> None:
    rows = Generation.objects.all()
    conditions = {
        str(GenerationFilter.from_query(QueryDict("created=today"), zone, now=now).apply(rows).query)
        for zone in (BERLIN, ZoneInfo("UTC"))
        for now in (NOW, NOW + timedelta(days=1))
    }
    assert len(conditions) == 4


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ("credits_min=-1", {"credits_min"}),
        ("credits_min=1,5", {"credits_min"}),
        ("credits_min=1e3", {"credits_min"}),
        ("credits_max=0.0001", {"credits_max"}),
        ("credits_max=\u0661", {"credits_max"}),
        ("credits_max=1000000000000", {"credits_max"}),
        ("duration_min=NaN", {"duration_min"}),
        ("waiting_min=2&waiting_max=1.999", {"waiting_max"}),
        ("created=soon", {"created"}),
        ("registered=~none", {"registered"}),
        ("created=today&created_from=2026-10-01&created_to=2026-10-02", {"created_from", "created_to"}),
        ("updated_from=2026-10-02&updated_to=2026-10-01", {"updated_to"}),
        ("flag=odd", {"flag"}),
        ("status_not=late", {"status_not"}),
        ("provider_not=~none", {"provider_not"}),
        ("duration=8", {"duration"}),
    ],
)
def test_what_can_be_no_amount_day_flag_or_exclusion_is_said_at_its_field(
    query: str, errors: set[str]
) -> None:
    wanted = parsed(query)
    assert set(wanted.errors) == errors
    assert all(getattr(wanted, key) in ((), None, "") for key in errors)


def test_named_days_go_before_dates_and_the_dates_field_says_why() -> None:
    wanted = parsed("created=last-7-days&created_from=2026-10-01")
    assert wanted.canonical() == "created=last-7-days"
    assert wanted.errors == {"created_from": "has no place beside “last-7-days”: either that, or dates"}


def test_amounts_are_kept_exactly_and_written_shortly() -> None:
    wanted = parsed("credits_min=2.50&duration_max=007&waiting_max=0.1")
    assert (wanted.credits_min, wanted.duration_max, wanted.waiting_max) == (2500, 7000, 100)
    assert wanted.canonical() == "credits_min=2.5&duration_max=7&waiting_max=0.1"


def test_the_canonical_query_string_has_no_blanks_no_defaults_no_doubles_and_one_order() -> None:
    wanted = parsed(
        "sort=-created_at&per_page=50&q=+&q=+beach+&status=failed&provider=&status=pending&status=failed"
    )
    assert wanted.canonical() == "status=pending&status=failed&q=beach"


def test_a_value_may_look_like_the_unknown() -> None:
    assert parsed("project=~none").project == (None,)
    assert parsed("project=~~none").project == ("~none",)
    assert parsed("project=~tilde").canonical() == "project=~~tilde"
    assert parsed("project=~~tilde").project == ("~tilde",)


def test_chips_have_one_for_each_value() -> None:
    chips = parsed("status=failed&status=pending&q=beach&after=x&per_page=25").chips()
    assert [(chip.words, chip.remove_url_query) for chip in chips] == [
        ("pending", "status=failed&q=beach&per_page=25"),
        ("failed", "status=pending&q=beach&per_page=25"),
        ("containing “beach”", "status=pending&status=failed&per_page=25"),
    ]


@pytest.mark.parametrize(
    ("query", "key", "message"),
    [
        (
            "status=faild",
            "status",
            "“faild” is not accepted; accepted: pending, processing, completed, failed, unknown, ~none",
        ),
        ("provider=other", "provider", "“other” is not accepted; accepted: nanobanana, reelbot"),
        ("team=~none", "team", "“~none” is not accepted: every record has one"),
        ("created_from=yesterday", "created_from", "“yesterday” is not a date; write it like 2026-10-31"),
        ("created_to=1066-10-14", "created_to", "1066-10-14 is not between 1900-01-01 and 9998-12-31"),
        (
            "created_from=2026-10-02&created_to=2026-10-01",
            "created_to",
            "2026-10-01 lies before 2026-10-02, where the wanted days begin",
        ),
        ("q=" + "x" * 201, "q", "has 201 characters; at most 200 are searched for"),
        ("q=a%00b", "q", "has a character that no text here can have (NUL, or half of a pair)"),
        ("owner=a%00b", "owner", "has a character that no text here can have (NUL, or half of a pair)"),
        ("per_page=1000", "per_page", "“1000” is not accepted; accepted: 25, 50, 100"),
        ("after=x", "after", "is no place in this list; the list starts at its beginning"),
    ],
)
def test_a_bad_value_is_said_at_its_field_and_does_not_count(query: str, key: str, message: str) -> None:
    wanted = parsed(query)
    assert wanted.errors == {key: message}
    assert key not in wanted.canonical()


def test_good_values_count_beside_bad_ones() -> None:
    wanted = parsed("status=failed&status=faild")
    assert wanted.status == ("failed",)
    assert list(wanted.errors) == ["status"]


def test_keys_that_are_no_part_of_a_filter_are_told_apart() -> None:
    assert parsed("statu=failed&q=x").ignored == ("statu",)


def test_half_of_a_pair_from_a_command_line_is_refused() -> None:
    wanted = parsed("q=\udcff&mode=\udcff")
    assert sorted(wanted.errors) == ["mode", "q"]


def test_changing_a_filter_leads_to_its_first_page() -> None:
    cursor = Cursor("-created_at", MOMENT, 5)
    wanted = parsed(f"status=failed&after={cursor}")
    assert wanted.after == cursor
    assert wanted.with_(q="beach") == "status=failed&q=beach"
    assert wanted.with_(status=None) == ""
    assert wanted.with_(status=["pending", "failed"]) == "status=pending&status=failed"
    assert wanted.with_(before=str(cursor)) == f"status=failed&before={cursor}"
    assert wanted.without("status", "failed") == ""
    assert wanted.without("status", "pending") == "status=failed"
    assert wanted.cleared() == ""


def test_what_is_no_key_can_not_be_changed() -> None:
    with pytest.raises(KeyError, match="statu"):
        parsed("").with_(statu="failed")


def test_a_list_begins_in_one_place_only() -> None:
    cursor = Cursor("-created_at", MOMENT, 5)
    wanted = parsed(f"after={cursor}&before={cursor}")
    assert wanted.after == cursor
    assert wanted.before is None
    assert wanted.errors == {"before": "says where the page ends, but where it begins was said already"}


def encoded(parts: object) -> str:
    """Anything, encoded as a cursor is."""
    text = json.dumps(parts, separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "parts",
    [
        ["-created_at", "2026-10-01", 5],
        ["-created_at", 1.5, 5],
        ["-created_at", True, 5],
        ["-created_at", None, 5],
        ["-created_at", 2**62, 5],
        ["-created_at", 0, 2**63],
        ["-created_at", 0, "5"],
        ["-created_at", 0],
        ["created_at", 0, 5],
        {"-created_at": 0},
        [[[[]]]],
    ],
)
def test_a_forged_cursor_is_refused(parts: object) -> None:
    assert list(parsed(f"after={encoded(parts)}").errors) == ["after"]


@pytest.mark.parametrize("text", ["=", "é", "W10", "W1tbW1tb" * 300, "bnVsbA", "bm90IGpzb24"])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    assert list(parsed(f"before={text}").errors) == ["before"]


def test_dates_are_read_as_iso_writes_them() -> None:
    assert parsed("created_from=20261001").created_from == date(2026, 10, 1)
    assert parsed("created_from=20261001").canonical() == "created_from=2026-10-01"


def test_an_unknown_zone_is_utc() -> None:
    assert zone_named("Europe/Berlin") == BERLIN
    assert zone_named("") == zone_named("Moon/Sea") == zone_named("../etc/passwd") == ZoneInfo("UTC")
