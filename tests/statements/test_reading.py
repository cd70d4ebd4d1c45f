"""A statement's lines are read exactly, or named with what is wrong with them."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditing.intake import Rejection
from auditing.statements import Charge, NoAmount, read_charges, thousandths_of

NO_AMOUNT = (
    "is no number of credits; write it like 7 or 2.5, with at most three decimals, no sign for thousands, and"
    " below 1,000,000,000,000"
)


def read(text: str | bytes) -> list[Charge | Rejection]:
    return list(read_charges(BytesIO(text if isinstance(text, bytes) else text.encode())))


def said(text: str) -> list[str]:
    return [str(one) for one in read(text)]


def test_a_header_says_which_columns_count() -> None:
    lines = (
        "\ufeffInvoice,Credits,External_ID,time\r\nA,7,vid_a,2026-10-05T12:00:00+02:00\r\n\r\nA,,vid_b,\r\n"
    )
    assert read(lines) == [
        Charge(2, "vid_a", 7000, datetime(2026, 10, 5, 10, tzinfo=UTC)),
        Charge(4, "vid_b"),
    ]


def test_plain_lines_are_an_id_and_its_credits_and_perhaps_a_time() -> None:
    assert read("vid_a,7\nvid_b,\n vid_c , 2.5 ,2026-10-05\n") == [
        Charge(1, "vid_a", 7000),
        Charge(2, "vid_b"),
        Charge(3, "vid_c", 2500, datetime(2026, 10, 5, tzinfo=UTC)),
    ]


def test_a_line_without_credits_has_no_figure_and_one_of_0_has() -> None:
    assert [
        one.credits_thousandths for one in read("a,\nb,0\nc,-7\nd,0.0010\n") if isinstance(one, Charge)
    ] == [
        None,
        0,
        -7000,
        1,
    ]


def test_bad_lines_are_named_by_line_and_field() -> None:
    assert said('external_id,credits,time\nvid_a,seven,\n..,7,\nvid_b,1\nvid_c,7,soon\n"vid_d,7,\n') == [
        f"line 2: credits: “seven” {NO_AMOUNT}",
        "line 3: external_id: '..' would reach another address",
        "line 4: 2 fields; expected 3 fields as in the header",
        "line 5: time: “soon” is no time; write it like 2026-10-31T09:30:00Z",
        "line 6: not CSV: unexpected end of data",
    ]
    assert said("vid_a\nvid_b,1,2,3\n") == [
        "line 1: 1 field; expected id,credits or id,credits,time",
        "line 2: 4 fields; expected id,credits or id,credits,time",
    ]


def test_a_line_that_is_no_text_is_named_and_the_next_is_read() -> None:
    found = read(b"\xff,1\nvid_b,2\n")
    assert [str(found[0]), found[1]] == ["line 1: not UTF-8 at byte 1 of the line", Charge(2, "vid_b", 2000)]


@pytest.mark.parametrize("text", ["1,234", "1e3", "٣", "+7", "7.", ".5", "0.0001", "1" * 13, "NaN", " "])
def test_what_could_be_read_in_two_ways_is_no_amount(text: str) -> None:
    with pytest.raises(NoAmount):
        thousandths_of(text)


@given(st.integers(-(10**15) + 1, 10**15 - 1))
def test_amounts_are_exact(thousandths: int) -> None:
    sign, size = "-" * (thousandths < 0), abs(thousandths)
    assert thousandths_of(f"{sign}{size // 1000}.{size % 1000:03}000") == thousandths
