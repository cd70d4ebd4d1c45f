"""How the rows of a page are found: in the way that reads fewest texts, by what is known beforehand."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Q, QuerySet

from auditing.access import sees_everything, who_acts
from auditing.filters.counting import counted_up
from auditing.filters.kept import number_by_cells, told_wishes
from auditing.filters.latest import latest_part, latest_rows
from auditing.filters.outcomes import sought_by_lookups
from auditing.filters.paging import COUNT_CAP, BoundedCount, Place, Slice, walked_slice
from auditing.filters.sorting import DEFAULT_SORT
from auditing.filters.text import Found, Sought, commonly_held_by, has_trigram, sought
from auditing.filters.unsettled import sought_stale
from auditing.filters.wanted import Wanted
from auditing.models import Generation

FEW = 8_000
"""Of how many rows the texts are looked into sooner than all rows with a usual word are found."""


@dataclass(frozen=True, slots=True)
class Read:
    """A page's rows, already read, and how many there are in all (None: what the page has, and whether there
    are more)."""

    part: Slice
    count: BoundedCount | None


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for: the rows that a filter leaves of these `visible` ones, which are all that who acts
    may see, as of `now`. `wishes` are its conditions, but for the text's; the page is `place`, and shows
    `needs`."""

    wanted: Wanted
    visible: QuerySet[Generation]
    wishes: Sequence[Q]
    place: Place
    needs: Iterable[str]
    now: datetime

    def answer(self, patience: float, few: int = FEW) -> Read | Sought:
        """The page, where that is sooner read than all rows with the text are found, or how to find them.
        What is only tried takes `patience` seconds at most."""
        text = self.wanted.q
        if not text:
            return self._by_lookups() or Sought()
        beside = self._number_beside_text()
        if beside is not None and beside <= few:
            return self._among_few()
        # Somebody's own index knows what else is wished of rows. That of everybody's does not.
        if beside is not None and not sees_everything(who_acts()):
            return self._walked(patience) or sought(text, COUNT_CAP)
        return self._of_latest(patience)

    def _by_lookups(self) -> Sought | None:
        stale = sought_stale(self.wanted, self.wishes, self.now, COUNT_CAP)
        return stale or sought_by_lookups(self.wanted, self.wishes, COUNT_CAP)

    def _number_beside_text(self) -> int | None:
        """How many rows fit all that is wished beside the text; None where that is nothing, or cells don't
        tell it."""
        told = told_wishes(replace(self.wanted, q="")) if has_trigram(self.wanted.q) else None
        return number_by_cells(who_acts(), told) if told else None

    def _having(self) -> QuerySet[Generation]:
        return self.visible.filter(*self.wishes, commonly_held_by(self.wanted.q))

    def _among_few(self) -> Sought:
        """By the text's presence in each of the rows that fit what else is wished."""
        ids = [str(pk) for pk in self._having().order_by().values_list("pk", flat=True)]
        return Sought((Found(len(ids), f"{{{','.join(ids)}}}").condition,), number=len(ids), is_all=True)

    def _walked(self, patience: float) -> Read | None:
        """The rows that come by in the page's order; None where they don't in time."""
        if self.place.sort.removeprefix("-") != DEFAULT_SORT.removeprefix("-"):
            return None
        part = walked_slice(self._having(), self.place, needs=self.needs, seconds=patience)
        if part is None:
            return None
        usual = Sought.frequent(self.wanted.q, len(part.rows))
        return Read(part, counted_up(self.wanted, self._having(), usual, patience))

    def _of_latest(self, patience: float) -> Read | Sought:
        """The page out of the latest stretches of ids, where these have it."""
        text, place = self.wanted.q, self.place
        latest = latest_rows(text, place, alone=not self.wishes)
        if latest is None:
            return sought(text, COUNT_CAP)
        part = latest_part(
            latest, text, self.visible, self.wishes, place, needs=self.needs, patience=patience
        )
        if part is not None:
            return Read(part, part.count if self.wishes else latest.count)
        return Sought.frequent(text, latest.number) if latest.comes_by else sought(text, COUNT_CAP)
