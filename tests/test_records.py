"""Ids, amounts and times of the canonical record."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from auditing.records import (
    InvalidId,
    Status,
    checked_id,
    decimal_of_thousandths,
    iso_utc,
    json_number_of_thousandths,
)


@pytest.mark.parametrize(
    "text", ["vid_a1b2c3d4", "12345", "a/b", "...", "..a", " a ", "{}", "é完", "🍌", "a" * 255]
)
def test_ids_are_opaque_and_stay_as_they_came(text: str) -> None:
    assert checked_id(text) == text


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "empty id"),
        ("a" * 256, "id of 256 characters; at most 255 are possible"),
        (".", "'.' would reach another address"),
        ("..", "'..' would reach another address"),
        ("a\0", "id with control characters"),
        ("a\nb", "id with control characters"),
        ("a\x7f", "id with control characters"),
        ("a\x85", "id with control characters"),
        ("a\udfff", "id with a lone surrogate"),
    ],
)
def test_what_cannot_be_an_id_is_refused_with_the_reason(text: str, fault: str) -> None:
    with pytest.raises(InvalidId) as refusal:
        checked_id(text)
    assert str(refusal.value) == fault


def test_only_completed_and_failed_are_final() -> None:
    assert [status for status in Status if status.is_final] == [Status.COMPLETED, Status.FAILED]


@pytest.mark.parametrize(
    ("thousandths", "text", "number"),
    [
        (None, "None", None),
        (0, "0", 0),
        (7000, "7", 7),
        (2500, "2.5", 2.5),
        (1, "0.001", 0.001),
        (10_000_000, "10000", 10_000),
        (10**12 + 1, "1000000000.001", 1_000_000_000.001),
    ],
)
def test_thousandths_are_shown_as_the_provider_gave_them(
    thousandths: int | None, text: str, number: float | None
) -> None:
    assert str(decimal_of_thousandths(thousandths)) == text
    assert decimal_of_thousandths(thousandths) == (None if thousandths is None else Decimal(text))
    assert json_number_of_thousandths(thousandths) == number
    assert type(json_number_of_thousandths(thousandths)) is type(number)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (None, None),
        (datetime(2026, 5, 5, 16, tzinfo=UTC), "2026-05-05T16:00:00Z"),
        (datetime(2026, 5, 5, 16, 0, 0, 120_000, tzinfo=UTC), "2026-05-05T16:00:00.120Z"),
        (datetime(2026, 5, 5, 16, 0, 0, 999_999, tzinfo=UTC), "2026-05-05T16:00:00.999Z"),
        (datetime(2026, 5, 5, 16, 0, 0, 999, tzinfo=UTC), "2026-05-05T16:00:00Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00Z"),
    ],
)
def test_times_are_iso_8601_with_z(moment: datetime | None, text: str | None) -> None:
    assert iso_utc(moment) == text
