"""Times as providers write them, read and written."""

from datetime import UTC, datetime

import pytest

from auditing.providers.times import is_naive, iso, moment

FOUR = datetime(2026, 5, 5, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-05T16:00:00Z", FOUR),
        ("2026-05-05T16:00:00.000Z", FOUR),
        ("2026-05-05T16:00:00+00:00", FOUR),
        ("2026-05-05T18:00:00+02", FOUR),
        ("2026-05-05T10:30:00-0530", FOUR),
        ("2026-05-05 16:00:00", FOUR),
        ("2026-05-05T16:00:00.1Z", FOUR.replace(microsecond=100_000)),
        ("2026-05-05T16:00:00.123456Z", FOUR.replace(microsecond=123_456)),
        ("2026-05-05T16:00:00.123456789Z", FOUR.replace(microsecond=123_456)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
        ("9999-12-31T23:59:59Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_moment_is_aware_utc(text: str, expected: datetime) -> None:
    assert moment(text) == expected
    assert moment(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        *("", "now", "2026-05-05", "20260505T160000Z", "2026-W19-2T16:00:00Z", "1778000000"),
        *("2026-05-05T16:00Z", "2026-05-05T16:00:60Z", "2026-05-05T25:00:00Z", "2026-02-29T00:00:00Z"),
        *("2026-05-05T16:00:00 UTC", " 2026-05-05T16:00:00Z", "2026-05-05T16:00:00Z\n"),
        *(
            "\N{ARABIC-INDIC DIGIT TWO}026-05-05T16:00:00Z",
            "2026-05-05T16:00:00+99:00",
            "-2026-05-05T16:00:00Z",
        ),
        *("0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "10000-01-01T00:00:00Z"),
    ],
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not an ISO 8601|no such|outside of the years"):
        moment(text)


@pytest.mark.parametrize(
    ("text", "naive"),
    [
        (None, False),
        ("2026-05-05T16:00:00Z", False),
        ("2026-05-05T16:00:00+02:00", False),
        ("2026-05-05T16:00:00", True),
        ("2026-05-05 16:00:00.5", True),
    ],
)
def test_a_time_without_a_zone_is_naive(text: str | None, naive: bool) -> None:
    assert is_naive(text) is naive


@pytest.mark.parametrize(
    ("microsecond", "short", "long"),
    [
        (0, "2026-05-05T16:00:00Z", "2026-05-05T16:00:00.000Z"),
        (120_000, "2026-05-05T16:00:00.120Z", "2026-05-05T16:00:00.120Z"),
        (123_456, "2026-05-05T16:00:00.123456Z", "2026-05-05T16:00:00.123456Z"),
    ],
)
def test_a_moment_is_written_in_full(microsecond: int, short: str, long: str) -> None:
    time = FOUR.replace(microsecond=microsecond)
    assert (iso(time), iso(time, timespec="milliseconds")) == (short, long)
    assert moment(short) == moment(long) == time
