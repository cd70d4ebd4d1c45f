"""How long a job waited and ran, as far as its times tell."""

from datetime import UTC, datetime, timedelta
from typing import Any

from auditing.models import Generation, Lookup
from auditing.timing import Part, timing_of

START = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def job(**columns: Any) -> Generation:
    """A completed generation that is in no database."""
    generation = Generation(status="completed", created_at=START, registered_at=START, **columns)
    generation.lookup = Lookup(generation=generation)
    return generation


def after(seconds: int) -> datetime:
    return START + timedelta(seconds=seconds)


def test_waiting_and_running_share_the_picture() -> None:
    """In proportion."""
    timing = timing_of(job(processing_started_at=after(30), processing_completed_at=after(120)))
    assert (timing.waiting, timing.running, timing.total) == (30_000, 90_000, 120_000)
    assert timing.parts == (Part("waiting", 0, 250), Part("running", 250, 750))


def test_the_last_change_is_the_best_known_end() -> None:
    """Of a finished job whose provider reports no times of processing."""
    timing = timing_of(job(updated_at=after(90)))
    assert (timing.waiting, timing.running, timing.total) == (None, None, 90_000)
    assert timing.parts == (Part("after", 0, 1000),)
    assert timing.moments[3].note == "best known end"


def test_a_live_job_has_no_end() -> None:
    """Its last change is not one."""
    generation = job(updated_at=after(90), processing_started_at=after(20))
    generation.status = "processing"
    timing = timing_of(generation)
    assert (timing.waiting, timing.running, timing.total, timing.parts) == (20_000, None, None, ())


def test_contradicting_times_keep_their_sign_and_get_no_picture() -> None:
    """An audit shows what was said."""
    timing = timing_of(job(processing_started_at=after(60), processing_completed_at=after(10)))
    assert (timing.waiting, timing.running, timing.total) == (60_000, -50_000, 10_000)
    assert timing.parts == ()
