"""A filter's variants say what the filter itself would say with other values."""

from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict

from auditing.filters import UNKNOWN, GenerationFilter
from auditing.filters.variants import Variants

QUERIES = (
    "",
    "status=failed&resolution=4k&sort=-credits_used&q=harbour",
    "owner=ana&owner=-&credits_min=2&created_from=2026-10-01&created_to=2026-10-31",
    "flag=stuck&provider_not=reelbot&created=last-30-days",
)
CHANGES: tuple[dict[str, Any], ...] = (
    {},
    {"owner": ("bo",)},
    {"owner": (None,), "status": ("failed", "completed")},
    {"created": None, "created_from": date(2026, 11, 1), "created_to": date(2026, 11, 30)},
    {"created": UNKNOWN, "created_from": None, "created_to": None, "project": ("Harbour & Sons",)},
)


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("changes", CHANGES)
def test_a_variant_says_what_the_filter_says_with_these_values(query: str, changes: dict[str, Any]) -> None:
    wanted = GenerationFilter.from_query(QueryDict(query), ZoneInfo("Europe/Berlin"))
    assert Variants(wanted).query(changes) == urlencode(replace(wanted, **changes).pairs())
