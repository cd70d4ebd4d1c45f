"""How an ordinary job turns out odd: each story takes an order, and a moment soon after the world began."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from auditing.sandbox.cast import Account
from auditing.sandbox.payloads import in_milliseconds, in_seconds
from auditing.sandbox.production import Order, output_key, price
from auditing.sandbox.timeline import Job

type Story = Callable[[Order, datetime], Order]


def unchanged(order: Order, _soon: datetime) -> Order:
    """Nothing happens."""
    return order


def charged(order: Order, _soon: datetime) -> Order:
    """It failed, and was paid for all the same."""
    return _said(order, credits_used=_full_price(order))


def refunded(order: Order, soon: datetime) -> Order:
    """It failed and was paid for; later its credits are 0."""
    return _revised(charged(order, soon), soon, credits_used=0)


def stuck(order: Order, _soon: datetime) -> Order:
    """It began and never ends."""
    return replace(order, job=_job(order).stopped_after(2))


def downscaled(order: Order, soon: datetime) -> Order:
    """It was said to be sharper than it turns out to be."""
    return _revised(order, soon, resolution="480p")


def reencoded(order: Order, soon: datetime) -> Order:
    """Its file moves to another address."""
    return _revised(order, soon, output_url=f"/media/videos/{order.entry.external_id}-v2.mp4")


def moved(order: Order, soon: datetime) -> Order:
    """Its file moves to another storage key."""
    job = _job(order)
    return _revised(order, soon, outputKey=output_key(str(job.api_key), job.external_id, "-v2"))


def reopened(order: Order, soon: datetime) -> Order:
    """It was completed, and is processing again."""
    again: dict[str, object] = {"status": "processing", "output_url": None, "processing_completed_at": None}
    return _revised(order, soon, **again)


def ended_early(order: Order, _soon: datetime) -> Order:
    """It was completed some minutes before its processing began."""
    return _said(order, processing_completed_at=in_seconds(_began(order) - timedelta(minutes=7)))


def updated_early(order: Order, _soon: datetime) -> Order:
    """It was last updated an hour before it was created."""
    created = _job(order).timeline[0].since
    return _said(order, updatedAt=in_milliseconds(created - timedelta(hours=1)))


def without_zone(order: Order, _soon: datetime) -> Order:
    """Its times lost their zone."""
    payload = _job(order).timeline[-1].payload
    return _said(
        order, **{name: str(payload[name]).removesuffix("Z") for name in payload if name.endswith("_at")}
    )


def under_review(order: Order, _soon: datetime) -> Order:
    """Its status is a word that the documentation does not have."""
    return _said(order, status="under_review", output_url=None)


def cancelled(order: Order, _soon: datetime) -> Order:
    """The same at ReelBot."""
    return _said(order, status="cancelled", message="Video generation was cancelled")


def unpriced(order: Order, _soon: datetime) -> Order:
    """Nobody says what it cost."""
    return _said(order, credits_used=None)


def without_file(order: Order, _soon: datetime) -> Order:
    """It is completed, and there is nothing to see."""
    return _said(order, output_url=None, thumbnail_url=None)


def without_key(order: Order, _soon: datetime) -> Order:
    """The same at ReelBot, which leaves out what it does not have."""
    job = _job(order)
    last = job.timeline[-1]
    payload = {name: value for name, value in last.payload.items() if name != "outputKey"}
    return replace(order, job=replace(job, timeline=(*job.timeline[:-1], replace(last, payload=payload))))


def strangers(order: Order, _soon: datetime) -> Order:
    """It belongs to somebody else, outside this world."""
    return replace(order, job=replace(_job(order), api_key=None))


def vanished(order: Order, _soon: datetime) -> Order:
    """The provider knows nothing of it."""
    return replace(order, job=None)


def kept_under(account: Account) -> Story:
    """Its id was noted under the wrong account."""
    return lambda order, _soon: replace(order, account=account)


def _job(order: Order) -> Job:
    if order.job is None:
        raise ValueError(f"{order.entry.external_id} has no job to tell a story of")
    return order.job


def _said(order: Order, **changes: object) -> Order:
    return replace(order, job=_job(order).saying(**changes))


def _revised(order: Order, at: datetime, **changes: object) -> Order:
    return replace(order, job=_job(order).revised(at, **changes))


def _began(order: Order) -> datetime:
    return _job(order).timeline[1].since


def _full_price(order: Order) -> int | float:
    asked = _job(order).timeline[0].payload
    return price(str(asked["mode"]), str(asked["resolution"]), int(str(asked["duration_seconds"])))
