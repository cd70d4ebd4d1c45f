"""What an audit lives on: jobs that turned out odd, each kind several times, and listed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from auditing.sandbox import stories
from auditing.sandbox.cast import Account, ProviderKey
from auditing.sandbox.chance import stream
from auditing.sandbox.production import Order
from auditing.sandbox.stories import Story

_COMPLETED: dict[str, object] = {"status": "completed"}
_FAILED: dict[str, object] = {"status": "failed"}


@dataclass(frozen=True, slots=True)
class Oddities:
    """External ids of the odd jobs by kind, of both providers unless it says otherwise.

    Changes of mind (`refunded_later`, `changed_after_completion`, `reopened`) show from a job's second lookup
    on, or some minutes after the world began. They are silent: `updated_at` stays what it was.
    """

    failed_with_credits: tuple[str, ...]  # NanoBanana: failed, and the credits are gone for good
    refunded_later: tuple[str, ...]  # NanoBanana: failed with credits that a later answer takes back to 0
    stuck: tuple[str, ...]  # processing for days, and for ever
    changed_after_completion: tuple[str, ...]  # another resolution or output than at first
    reopened: tuple[str, ...]  # NanoBanana: completed, and later said to be processing again
    impossible_times: tuple[str, ...]  # completed before it started (ReelBot: updated before it was created)
    naive_times: tuple[str, ...]  # NanoBanana: times without a zone
    unknown_status: tuple[str, ...]  # a status word that is not documented
    unreported_credits: tuple[str, ...]  # NanoBanana: completed, `credits_used` null
    completed_without_output: tuple[str, ...]  # completed, and no file
    strangers: tuple[str, ...]  # belong to a user outside this world: 403 at NanoBanana, 404 at ReelBot
    other_teams: tuple[str, ...]  # kept by a second team too, which is refused like a stranger
    other_accounts: tuple[str, ...]  # NanoBanana: kept under the wrong account of the right team
    vanished: tuple[str, ...]  # the provider knows nothing of it: 404 at both


def make_odd(
    orders: list[Order], accounts: tuple[Account, ...], seed: int, now: datetime
) -> tuple[list[Order], Oddities]:
    """The same orders with some made odd and a few kept twice, and the list of which."""
    teller = _Storyteller(orders, seed, now)
    nano, reel = partial(teller.tell, "nanobanana"), partial(teller.tell, "reelbot")
    named = {account.label: account for account in accounts}
    oddities = Oddities(
        failed_with_credits=nano(stories.charged, 9, where=_FAILED),
        refunded_later=nano(stories.refunded, 6, where=_FAILED),
        stuck=nano(stories.stuck, 5, days=(2, 25)) + reel(stories.stuck, 4, days=(2, 25)),
        changed_after_completion=nano(stories.downscaled, 3, where=_COMPLETED | {"resolution": "1080p"})
        + nano(stories.reencoded, 3)
        + reel(stories.moved, 3),
        reopened=nano(stories.reopened, 2, days=(1, 10)),
        impossible_times=nano(stories.ended_early, 4) + reel(stories.updated_early, 2),
        naive_times=nano(stories.without_zone, 3),
        unknown_status=nano(stories.under_review, 3) + reel(stories.cancelled, 2, where=_FAILED),
        unreported_credits=nano(stories.unpriced, 4),
        completed_without_output=nano(stories.without_file, 2) + reel(stories.without_key, 2),
        strangers=nano(stories.strangers, 6) + reel(stories.strangers, 4),
        other_teams=teller.keep_twice(nano(stories.unchanged, 3, label="harbor-nano"), named["kite-nano"])
        + teller.keep_twice(reel(stories.unchanged, 2, label="northlight-reel"), named["harbor-reel"]),
        other_accounts=nano(stories.kept_under(named["northlight-nano-jonas"]), 2, label="northlight-nano")
        + nano(stories.kept_under(named["harbor-nano-lucia"]), 2, label="harbor-nano"),
        vanished=nano(stories.vanished, 5) + reel(stories.vanished, 4),
    )
    return teller.orders, oddities


class _Storyteller:
    """Draws ordinary orders, no order twice, and gives them their stories."""

    def __init__(self, orders: list[Order], seed: int, now: datetime) -> None:
        self.orders = list(orders)
        self._now = now
        self._chance = stream(seed, "oddities")
        self._untold = list(range(len(orders)))
        self._chance.shuffle(self._untold)

    def tell(
        self,
        provider: ProviderKey,
        story: Story,
        count: int,
        *,
        where: Mapping[str, object] = _COMPLETED,
        label: str | None = None,
        days: tuple[int, int] = (1, 100),
    ) -> tuple[str, ...]:
        """Give that story to so many orders of that age that end like that, of one account if it is named."""
        youngest, oldest = (self._now - timedelta(days=ago) for ago in days)

        def fits(order: Order) -> bool:
            return (
                order.job is not None
                and order.account.provider == provider
                and label in (None, order.account.label)
                and oldest <= order.job.timeline[0].since <= youngest
                and where.items() <= order.job.timeline[-1].payload.items()
            )

        drawn = [index for index in self._untold if fits(self.orders[index])][:count]
        for index in drawn:
            soon = self._now + timedelta(seconds=self._chance.randint(120, 900))
            self.orders[index] = story(self.orders[index], soon)
            self._untold.remove(index)
        return tuple(self.orders[index].entry.external_id for index in drawn)

    def keep_twice(self, ids: tuple[str, ...], account: Account) -> tuple[str, ...]:
        """Keep these ids under a second account too, where nobody knows whose they are."""
        found = [order for order in self.orders if order.entry.external_id in ids]
        for order in found:
            entry = replace(order.entry, owner=None, project=None)
            self.orders.append(replace(order, account=account, entry=entry))
        return ids
