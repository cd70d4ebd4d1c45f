"""How long jobs wait and run: the providers' typical times, a long tail, and one bad day."""

from datetime import datetime, timedelta
from random import Random

from auditing.sandbox import rhythm
from auditing.sandbox.payloads import Span, Take

_WORK_A_SECOND = {"480p": 2.0, "720p": 3.5, "1080p": 6.0, "4k": 14.0}


def nanobanana_span(chance: Random, take: Take, created: datetime, now: datetime) -> Span:
    """Whole seconds: longer for larger pictures and longer clips, far longer for two jobs in a hundred."""
    wait = chance.expovariate(1 / 4) * _crowd(created, now)
    work = _WORK_A_SECOND[take.resolution] * take.duration_seconds * chance.lognormvariate(0, 0.45)
    if chance.random() < 0.02:
        work *= chance.uniform(5, 15)
    created = created.replace(microsecond=0)
    started = created + timedelta(seconds=int(wait))
    return Span(created, started, started + timedelta(seconds=max(2, min(int(work), 2400))))


def reelbot_span(chance: Random, created: datetime, now: datetime) -> Span:
    """Queued up to 30 seconds, processed for 1 to 5 minutes; three in a hundred take a multiple of it."""
    wait = chance.triangular(0.3, 30, 6) * _crowd(created, now)
    work = chance.triangular(60, 300, 130)
    if chance.random() < 0.03:
        work *= chance.uniform(2, 5)
    started = created + timedelta(milliseconds=int(wait * 1000))
    return Span(created, started, started + timedelta(milliseconds=int(work * 1000)))


def live_span(chance: Random, now: datetime) -> Span:
    """Created in the two minutes before `now`, to begin within five minutes and end within the hour."""
    now = now.replace(microsecond=0)
    created = now - timedelta(seconds=chance.randint(30, 120))
    started = now + timedelta(seconds=chance.randint(-25, 300))
    work = min(chance.lognormvariate(5.2, 1.0), 3000)
    return Span(created, started, max(started, now) + timedelta(seconds=10 + int(work)))


def _crowd(created: datetime, now: datetime) -> float:
    return 12.0 if rhythm.in_incident(created, now) else 1.0
