"""Histograms: one number in the database, within 2 % of every time that went into it."""

from itertools import pairwise
from math import ceil

import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from auditing.rollups.histograms import BOUNDS, EMPTY, Histogram, milliseconds_of

THE_LONGEST = 9999 * 366 * 86_400_000
times_strategy = st.lists(
    st.integers(0, 100) | st.integers(0, 10**6) | st.integers(0, THE_LONGEST), min_size=1, max_size=40
)


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(times=times_strategy, many=st.sampled_from([1, 9_999, 10_000, 123_456_789_012]))
@example(times=[0], many=1)
@example(times=[THE_LONGEST], many=999_999_999_999)
def test_percentiles_are_within_two_per_cent(times: list[int], many: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT numeric_send(sum(%s * auditing_tally(auditing_bucket(took))))"
            " FROM unnest(%s::bigint[]) AS took",
            [many // len(times) or 1, times],
        )
        histogram = Histogram.of_numeric(cursor.fetchone()[0])
    each = many // len(times) or 1
    assert histogram.jobs == each * len(times)
    for percent in (1, 50, 90, 95, 99, 100):
        rank = max(1, ceil(each * len(times) * percent / 100))
        exact = sorted(times)[(rank - 1) // each]
        assert histogram.percentile(percent) == pytest.approx(exact, rel=0.02)


def test_no_bucket_is_wider_than_four_per_cent() -> None:
    for bucket, (first, following) in enumerate(pairwise(BOUNDS)):
        for end in (first, following - 1):
            assert abs(milliseconds_of(bucket) - end) <= 0.02 * end


@pytest.mark.django_db
def test_the_database_and_this_code_have_the_same_buckets() -> None:
    ends = [end for first in BOUNDS[:-1] for end in (first - 1, first)][1:]
    with connection.cursor() as cursor:
        cursor.execute("SELECT auditing_bucket(took) FROM unnest(%s::bigint[]) AS took", [ends])
        buckets = [bucket for (bucket,) in cursor.fetchall()]
    assert buckets == [bucket for number in range(len(BOUNDS) - 1) for bucket in (number - 1, number)][1:]


def test_nothing_has_no_percentile() -> None:
    assert (EMPTY.jobs, EMPTY.percentile(50)) == (0, None)
