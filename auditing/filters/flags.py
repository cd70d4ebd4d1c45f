"""What is remarkable about a record: its own flags, and what its age, its owner and its lookups make it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.db.models import Q

from auditing.filters.columns import AnyOrNone
from auditing.filters.criterion import Part, Standpoint, Values
from auditing.filters.fields import Field
from auditing.filters.reading import Reader
from auditing.providers import PROVIDERS
from auditing.records import FAILING, LIVE, STICKY_FLAGS, Flag

type Condition = Callable[[datetime], Q]
"""The rows with a flag, as of a moment."""


def stuck(now: datetime) -> Q:
    """Under way for longer than its provider gives reason to expect (`Polling.stuck_after`)."""
    too_old = Q()
    for key, provider in PROVIDERS.items():
        since = now - provider.polling.stuck_after
        too_old |= Q(provider=key) & (Q(created_at__lt=since) | Q(registered_at__lt=since))
    return Q(status__in=LIVE) & too_old


def long_ago(now: datetime) -> datetime:
    """The moment since which a run should have come and had a good answer."""
    return now - timedelta(minutes=settings.SYNC_EXPECTED_EVERY)


def stale(now: datetime) -> Q:
    """Not looked up well since it could have changed, which is for the policy of lookups to say (`due_at`):
    never looked up; or no good answer for as long as a run takes to come, and either the next lookup has been
    due for as long, or the last one failed. What is at rest can't change any more.
    """
    limit = long_ago(now)
    unanswered = Q(lookup__synced_at__isnull=True) | Q(lookup__synced_at__lte=limit)
    missed = unanswered & (Q(lookup__due_at__lte=limit) | Q(lookup__outcome__in=FAILING))
    # Every row has a lookup, made with it: saying so lets a search begin there, along its indexes.
    return Q(lookup__isnull=False) & (Q(lookup__outcome__isnull=True) | missed)


def unassigned(_now: datetime) -> Q:
    """Attributed to nobody."""
    return Q(owner_id__isnull=True)


def _flagged(flag: Flag) -> Condition:
    """One of the record's own; of those that an index is made for, in its words."""
    condition = Q(flags__contains=[flag.value])
    if flag in STICKY_FLAGS:
        condition &= Q(flags__overlap=list(STICKY_FLAGS))
    return lambda _now: condition


FLAGS: Mapping[str, Condition] = {
    "stuck": stuck,
    "stale": stale,
    "unassigned": unassigned,
    **{flag.value: _flagged(flag) for flag in sorted(Flag, key=lambda flag: flag not in STICKY_FLAGS)},
}


def _field(now: datetime) -> Field:
    def known(words: tuple[str, ...]) -> Q:
        return reduce(or_, (FLAGS[word](now) for word in words))

    return Field(key="flag", known=known, words=lambda word: word.replace("_", " "), accepted=tuple(FLAGS))


@dataclass(frozen=True, slots=True)
class Flagged:
    """The criterion of flags: any of several, none of several, as of now."""

    keys: tuple[str, str] = ("flag", "flag_not")

    def read(self, reader: Reader) -> dict[str, Any]:
        """Tuples of words."""
        return _READ.read(reader)

    def conditions(self, values: Values, at: Standpoint) -> Iterator[Q]:
        """As of the moment from which the filter is seen."""
        return AnyOrNone(_field(at.now)).conditions(values, at)

    def parts(self, values: Values, at: Standpoint) -> Iterator[Part]:
        """One for each flag."""
        return _READ.parts(values, at)

    def phrase(self, values: Values, at: Standpoint) -> str:
        """`stuck or refunded`."""
        return _READ.phrase(values, at)


# Nothing that is read or said depends on the moment.
_READ = AnyOrNone(_field(datetime(2000, 1, 1, tzinfo=UTC)))
