"""The filter once more, in plain Python: which rows it wants, and query strings to try it with."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import QueryDict
from hypothesis import strategies as st

from auditing.filters import GenerationFilter
from auditing.models import Generation, Lookup
from auditing.providers import PROVIDERS
from auditing.records import Flag
from tests.filters.population import NOW

ZONES = ("UTC", "Europe/Berlin", "Pacific/Auckland", "America/Los_Angeles")
FAILED_LOOKUPS = ("unreachable", "malformed", "rate_limited", "unauthorized")
ASKED = ("team", "account", "owner", "project", "lookup")


def lookup_of(row: Generation) -> Lookup | None:
    """How the last lookup went; None when there was none."""
    try:
        return row.lookup
    except Lookup.DoesNotExist:
        return None


def matches(row: Generation, wanted: GenerationFilter, tags: set[str]) -> bool:
    """Whether a row (read with ASKED) that has these tags is wanted."""
    return (
        _columns_match(row, wanted, tags)
        and _flags_match(row, wanted)
        and _amounts_match(row, wanted)
        and _days_match(row, wanted)
        and _text_matches(row, wanted)
    )


def values_of(row: Generation, tags: set[str]) -> dict[str, set[str | None]]:
    """What each column of a row has: mostly one value, None for what is not known."""
    lookup = lookup_of(row)
    single: dict[str, str | None] = {
        "status": row.status,
        "provider": row.provider,
        "account": row.account.label,
        "owner": row.owner.username if row.owner else None,
        "team": row.team.slug,
        "project": row.project.name if row.project else None,
        "resolution": row.resolution,
        "mode": row.mode,
        "outcome": lookup.outcome if lookup else None,
        "provider_status": row.provider_status,
        "credits_basis": row.credits_basis,
        "duration": None if row.duration_milliseconds is None else "known",
        "waiting": None if _between(row.created_at, row.processing_started_at) is None else "known",
        "processing": (
            None if _between(row.processing_started_at, row.processing_completed_at) is None else "known"
        ),
    }
    return {**{key: {value} for key, value in single.items()}, "tag": {*tags} or {None}}


def _columns_match(row: Generation, wanted: GenerationFilter, tags: set[str]) -> bool:
    for key, has in values_of(row, tags).items():
        wants, unwanted = getattr(wanted, key), getattr(wanted, f"{key}_not")
        if (wants and not has & set(wants)) or has & set(unwanted):
            return False
    return True


def flags_of(row: Generation, now: datetime) -> set[str]:
    """Every flag that a row has at a moment."""
    lookup = lookup_of(row)
    known_since = min(moment for moment in (row.created_at, row.registered_at) if moment)
    is_stuck = (
        row.status in ("pending", "processing", "unknown")
        and now - known_since > PROVIDERS[row.provider].polling.stuck_after
    )
    limit = now - timedelta(minutes=settings.SYNC_EXPECTED_EVERY)
    is_stale = lookup is not None and (
        lookup.outcome is None
        or (
            (lookup.synced_at is None or lookup.synced_at <= limit)
            and ((lookup.due_at is not None and lookup.due_at <= limit) or lookup.outcome in FAILED_LOOKUPS)
        )
    )
    telling = {"stuck": is_stuck, "stale": is_stale, "unassigned": row.owner is None}
    return {*row.flags, *(word for word, applies in telling.items() if applies)}


def _flags_match(row: Generation, wanted: GenerationFilter) -> bool:
    flags = flags_of(row, wanted.now)
    return bool(not wanted.flag or flags & set(wanted.flag)) and not flags & set(wanted.flag_not)


def _between(start: datetime | None, end: datetime | None) -> int | None:
    return None if start is None or end is None else (end - start) // timedelta(milliseconds=1)


def _amounts_match(row: Generation, wanted: GenerationFilter) -> bool:
    amounts = {
        "credits": row.credits_thousandths,
        "duration": row.duration_milliseconds,
        "waiting": _between(row.created_at, row.processing_started_at),
        "processing": _between(row.processing_started_at, row.processing_completed_at),
    }
    for name, amount in amounts.items():
        least, greatest = getattr(wanted, f"{name}_min"), getattr(wanted, f"{name}_max")
        if (least, greatest) == (None, None):
            continue
        if amount is None or amount < (least or 0) or (greatest is not None and amount > greatest):
            return False
    return True


def _days_match(row: Generation, wanted: GenerationFilter) -> bool:
    lookup = lookup_of(row)
    moments = {
        "created": row.created_at,
        "updated": row.updated_at,
        "registered": row.registered_at,
        "synced": lookup.synced_at if lookup else None,
    }
    return all(_day_matches(moment, name, wanted) for name, moment in moments.items())


def _day_matches(moment: datetime | None, name: str, wanted: GenerationFilter) -> bool:
    named = getattr(wanted, name)
    first, last = getattr(wanted, f"{name}_from"), getattr(wanted, f"{name}_to")
    if named == "~none":
        return moment is None
    if not (named or first or last):
        return True
    if moment is None:
        return False
    day = date.min if moment.year == 1 else moment.astimezone(wanted.zone).date()
    if named:
        return named in _names_of(day, wanted.now.astimezone(wanted.zone).date())
    return (first or date.min) <= day <= (last or date.max)


def _names_of(day: date, today: date) -> set[str]:
    """The names that a day has, seen from another."""
    ago = (today - day).days
    names = {"today": ago == 0, "yesterday": ago == 1}
    names |= {f"last-{days}-days": 0 <= ago < days for days in (7, 30, 90)}
    months_ago = (today.year - day.year) * 12 + today.month - day.month
    names |= {"this-month": months_ago == 0 and ago >= 0, "last-month": months_ago == 1}
    names["this-year"] = day.year == today.year and ago >= 0
    return {name for name, applies in names.items() if applies}


def _text_matches(row: Generation, wanted: GenerationFilter) -> bool:
    texts = (row.title, row.description, row.external_id, row.error)
    return not wanted.q or any(wanted.q.upper() in (text or "").upper() for text in texts)


NONE = "~none"
COLUMNS: dict[str, tuple[str, ...]] = {
    "status": ("pending", "processing", "completed", "failed", "unknown", NONE),
    "provider": ("nanobanana", "reelbot"),
    "account": ("nanobanana north", "reelbot south", "nobody's"),
    "owner": ("alice", "bob", "dora", "fay", "gus", "stranger", NONE),
    "team": ("north", "south", "elsewhere"),
    "project": ("Spring", "~~none", "~~tilde", NONE),
    "resolution": ("480p", "4k", " 4k", "~~none", "~~~odd", NONE),
    "mode": ("text-to-video", "image-to-video", NONE),
    "outcome": ("ok", "denied", "missing", "unreachable", NONE),
    "provider_status": ("queued", "+weird", "never said", NONE),
    "credits_basis": ("reported", "documented", NONE),
    "tag": ("dull", "hero shot", "~~none", "unheard of", NONE),
    "duration": (NONE,),
    "waiting": (NONE,),
    "processing": (NONE,),
    "flag": ("stuck", "stale", "unassigned", *Flag),
}
AMOUNTS = ("0", "0.001", "2.5", "5", "7", "12.345", "1800", "3600", "86400", "1000000000")
DAYS = ("2026-10-23", "2026-10-24", "2026-10-25", "2026-10-26", "2026-10-27")
NAMES = (
    "today",
    "yesterday",
    "last-7-days",
    "last-30-days",
    "last-90-days",
    "this-month",
    "last-month",
    "this-year",
)
TEXTS = ("BEACH", "%", "_", "\\", "ärger", "ÉTÉ", "vid_1", "line one\nline")
MOMENTS = st.one_of(
    st.just(NOW),
    st.datetimes(datetime(2026, 10, 1), datetime(2027, 2, 1), timezones=st.just(ZoneInfo("UTC"))),  # noqa: DTZ001
)


def _tried() -> dict[str, tuple[str, ...]]:
    """Values of each key that tell rows apart."""
    tried: dict[str, tuple[str, ...]] = {"q": TEXTS}
    for key, values in COLUMNS.items():
        tried |= dict.fromkeys((key, f"{key}_not"), values)
    for name in ("credits", "duration", "waiting", "processing"):
        tried |= dict.fromkeys((f"{name}_min", f"{name}_max"), AMOUNTS)
    for name in ("created", "updated", "registered", "synced"):
        tried[name] = NAMES if name == "registered" else (*NAMES, NONE)
        tried |= dict.fromkeys((f"{name}_from", f"{name}_to"), DAYS)
    return tried


TRIED = _tried()
KEYS = {
    key: st.lists(st.sampled_from(values), max_size=3) for key, values in {**TRIED, "zone": ZONES}.items()
}
QUERIES = st.lists(st.sampled_from(sorted(KEYS)), max_size=5, unique=True).flatmap(
    lambda keys: st.fixed_dictionaries({key: KEYS[key] for key in keys})
)


def query_of(values: dict[str, list[str]]) -> QueryDict:
    """These values as a query string has them."""
    query = QueryDict(mutable=True)
    for key, texts in values.items():
        query.setlist(key, texts)
    return query
