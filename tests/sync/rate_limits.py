"""429s by chance, in every form that a reset time comes in, each with the moment that it means."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

from tests.sync.scripted import Reply

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
KINDS = ("ahead", "past", "far ahead", "garbage", "absent")
GARBAGE_TEXT = ("", "soon", "NaN", "-5", "12:00", "2026-13-45T99:00:00Z", "null", "0x10", "1e3")
GARBAGE_VALUES: tuple[Any, ...] = (None, True, [], {}, "never", "", {"seconds": 5})
HEADER_FORMAT = {"nanobanana": "unix", "reelbot": "iso"}
BODIES = (b"", b"<html>Slow down</html>", b"[]", b'"later"', b'{"error": ')


@dataclass(frozen=True)
class Said:
    """What one source says: its value as it is sent, and the moment it means (None: unreadable)."""

    source: str
    kind: str
    value: Any = None
    means: datetime | None = None


@dataclass(frozen=True)
class TooMany:
    """One 429 of a provider, and what it asks for by the documented order and clamps.

    Nothing may be sent before `not_before`; from `at_latest` on the account may be asked again.
    """

    said: tuple[Said, ...]
    reply: Reply
    not_before: datetime
    at_latest: datetime


def too_many(chance: random.Random, provider: str, received: datetime) -> TooMany:
    """A 429 that is received at this time."""
    said = tuple(_sources(chance, provider, received))
    has_object = chance.random() < 0.9
    counted = [one for one in said if has_object or one.source in ("retry-after", "x-ratelimit-reset")]
    named = next((one.means for one in counted if one.means is not None), received + 60 * SECOND)
    if named <= received:
        early, late = received + SECOND, received + 3 * SECOND
    else:
        early = late = min(named, received + HOUR)
    return TooMany(said, _reply(chance, said, has_object), early, late)


def _sources(chance: random.Random, provider: str, received: datetime) -> Iterator[Said]:
    """Every source in the order in which they count; most 429s have few of them."""
    yield _retry_after(chance, received)
    for source in ("details.resetAt", "rate_limit.reset_at"):
        yield _iso(chance, source, received)
    yield _in_seconds(chance, received)
    header = _unix if HEADER_FORMAT[provider] == "unix" else _iso
    yield header(chance, "x-ratelimit-reset", received)


def _kind(chance: random.Random) -> str:
    return chance.choices(KINDS, (5, 2, 2, 4, 7))[0]


def _offset(chance: random.Random, kind: str) -> timedelta:
    """How far from now, in whole seconds."""
    first, last = {"ahead": (1, 3600), "past": (-86_400, 0), "far ahead": (3601, 10**8)}[kind]
    return timedelta(seconds=chance.randint(first, last))


def _retry_after(chance: random.Random, received: datetime) -> Said:
    kind = _kind(chance)
    if kind == "absent":
        return Said("retry-after", kind)
    if kind == "garbage":
        return Said("retry-after", kind, chance.choice([text for text in GARBAGE_TEXT if text != "12:00"]))
    offset = _offset(chance, kind)
    if chance.random() < 0.5:
        moment = (received + offset).replace(microsecond=0)
        return Said("retry-after", kind, format_datetime(moment, usegmt=True), moment)
    offset = max(offset, timedelta())
    return Said("retry-after", kind, str(offset // SECOND), received + offset)


def _iso(chance: random.Random, source: str, received: datetime) -> Said:
    kind = _kind(chance)
    if kind == "absent":
        return Said(source, kind)
    if kind == "garbage":
        in_header = source == "x-ratelimit-reset"
        unix = str(int(received.timestamp()) + 40)
        return Said(source, kind, chance.choice([*GARBAGE_TEXT, unix] if in_header else GARBAGE_VALUES))
    moment = (received + _offset(chance, kind)).replace(microsecond=chance.choice((0, 250_000)))
    there = moment.astimezone(timezone(timedelta(hours=chance.choice((-7, 2, 5)))))
    texts = (
        moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        moment.isoformat(timespec="milliseconds"),
        moment.replace(tzinfo=None).isoformat(timespec="milliseconds"),
        there.isoformat(timespec="milliseconds"),
    )
    return Said(source, kind, chance.choice(texts), moment)


def _in_seconds(chance: random.Random, received: datetime) -> Said:
    source, kind = "rate_limit.reset_in_seconds", _kind(chance)
    if kind == "absent":
        return Said(source, kind)
    if kind == "garbage":
        return Said(source, kind, chance.choice([*GARBAGE_VALUES, "40"]))
    offset = _offset(chance, kind)
    fraction = chance.choice((0, 0.5)) if kind == "ahead" else 0
    value = offset // SECOND + fraction if fraction else offset // SECOND
    return Said(source, kind, value, received + timedelta(seconds=value))


def _unix(chance: random.Random, source: str, received: datetime) -> Said:
    kind = _kind(chance)
    if kind == "absent":
        return Said(source, kind)
    if kind == "garbage":
        iso = (received + 40 * SECOND).isoformat()
        return Said(source, kind, chance.choice([*GARBAGE_TEXT, iso]))
    moment = (received + _offset(chance, kind)).replace(microsecond=0)
    return Said(source, kind, str(int(moment.timestamp())), moment)


def _reply(chance: random.Random, said: tuple[Said, ...], has_object: bool) -> Reply:
    headers: dict[str, str] = {}
    body: dict[str, Any] = {"success": False, "error": "Too many requests"}
    for one in said:
        if one.kind == "absent":
            continue
        outer, _, inner = one.source.partition(".")
        if inner:
            body.setdefault(outer, {})[inner] = one.value
        else:
            headers[outer] = one.value
    return Reply(429, body if has_object else chance.choice(BODIES), headers)
