"""How long a job waited and ran, as far as its times tell; and the picture of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from auditing.models import Generation, Lookup
from auditing.timeline import Picture, picture_of
from auditing.timing import timing_of

START = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def job(status: str = "completed", looked_up: int | None = None, **columns: Any) -> Generation:
    """A generation that is in no database; `looked_up` so many seconds after it was created."""
    generation = Generation(status=status, created_at=START, registered_at=START, **columns)
    synced_at = None if looked_up is None else after(looked_up)
    generation.lookup = Lookup(generation=generation, synced_at=synced_at)
    return generation


def after(seconds: int) -> datetime:
    return START + timedelta(seconds=seconds)


def picture(generation: Generation) -> Picture:
    drawn = picture_of(generation, timing_of(generation))
    assert drawn is not None
    return drawn


def stretches(drawn: Picture) -> list[tuple[str, str, str, bool]]:
    return [(part.kind, part.x, part.width, part.is_open) for part in drawn.stretches]


def marks(drawn: Picture) -> list[tuple[str, str, int]]:
    return [(mark.label, mark.x, mark.after) for mark in drawn.marks]


def test_waiting_and_running_share_the_picture() -> None:
    """In proportion; what comes soon after them is on the same scale."""
    done = job(processing_started_at=after(30), processing_completed_at=after(120), looked_up=150)
    timing = timing_of(done)
    assert (timing.waiting, timing.running, timing.total) == (30_000, 90_000, 120_000)
    drawn = picture(done)
    assert stretches(drawn) == [
        ("waiting", "0.00%", "20.00%", False),
        ("running", "20.00%", "60.00%", False),
    ]
    assert marks(drawn) == [
        ("created", "0.00%", 0),
        ("started", "20.00%", 30_000),
        ("completed", "80.00%", 120_000),
        ("looked up", "100.00%", 150_000),
    ]
    assert drawn.broken_at is None


def test_what_comes_long_after_lies_beyond_the_scale() -> None:
    """Or a job of a minute would be a point beside the days until it was looked up."""
    done = job(
        processing_started_at=after(30),
        processing_completed_at=after(120),
        updated_at=after(3600),
        looked_up=86_400,
    )
    drawn = picture(done)
    assert stretches(drawn)[1] == ("running", "19.50%", "58.50%", False)
    assert marks(drawn)[2:] == [
        ("completed", "78.00%", 120_000),
        ("last changed", "89.00%", 3_600_000),
        ("looked up", "100.00%", 86_400_000),
    ]
    assert [mark.is_beyond for mark in drawn.marks] == [False, False, False, True, True]
    assert drawn.broken_at


def test_the_last_change_is_the_best_known_end() -> None:
    """Of a finished job whose provider reports no times of processing; what is not known is not drawn."""
    done = job(updated_at=after(90))
    timing = timing_of(done)
    assert (timing.waiting, timing.running, timing.total) == (None, None, 90_000)
    assert timing.moments[3].note == "best known end"
    assert timing.unknown == ("Processing started", "Processing completed")
    assert stretches(picture(done)) == [("undivided", "0.00%", "100.00%", False)]
    assert marks(picture(done))[1] == ("last changed, the best known end", "100.00%", 90_000)


def test_a_live_job_is_open_to_its_last_lookup() -> None:
    """Its last change is no end; pending ones wait."""
    live = job("processing", updated_at=after(90), processing_started_at=after(20), looked_up=100)
    timing = timing_of(live)
    assert (timing.waiting, timing.running, timing.total) == (20_000, None, None)
    assert stretches(picture(live)) == [
        ("waiting", "0.00%", "20.00%", False),
        ("running", "20.00%", "80.00%", True),
    ]
    assert marks(picture(live))[-1] == ("looked up, not over yet", "100.00%", 100_000)
    assert stretches(picture(job("pending", looked_up=5))) == [("waiting", "0.00%", "100.00%", True)]


def test_the_shortest_stretch_can_be_seen() -> None:
    """A known millisecond is not nothing."""
    drawn = picture(
        job(
            processing_started_at=START + timedelta(milliseconds=1),
            processing_completed_at=after(120),
        )
    )
    assert stretches(drawn)[0] == ("waiting", "0.00%", "0.50%", False)


def test_contradicting_times_keep_their_sign_and_get_no_picture() -> None:
    """An audit shows what was said, and where it can't be."""
    odd = job(processing_started_at=after(60), processing_completed_at=after(10))
    timing = timing_of(odd)
    assert (timing.waiting, timing.running, timing.total) == (60_000, -50_000, 10_000)
    assert timing.backwards == (("it was completed before it started", 50_000),)
    assert picture_of(odd, timing) is None
    early = timing_of(job(updated_at=after(-5)))
    assert early.backwards == (("it last changed before it was created", 5_000),)


def test_a_job_of_which_one_time_is_known_has_no_picture() -> None:
    alone = job()
    assert picture_of(alone, timing_of(alone)) is None
