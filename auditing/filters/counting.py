"""How many rows a filter leaves: exactly up to the cap, in the way that is quickest for what it asks."""

from functools import partial

from django.db.models import QuerySet

from auditing.access import sees_everything, who_acts
from auditing.filters.budget import Budget
from auditing.filters.criteria import TEXT, asked
from auditing.filters.kept import number_by_cells, told_wishes
from auditing.filters.paging import BoundedCount, bounded_count
from auditing.filters.text import Sought
from auditing.filters.wanted import Wanted
from auditing.models import Generation

PATIENCE = 0.05


def counted_up(
    wanted: Wanted, matching: QuerySet[Generation], text: Sought, patience: float
) -> BoundedCount | None:
    """How many rows match: by cells, where they tell it and no index does, up to the cap in few rows.

    None where it takes more than `patience` seconds: no index knows both which rows have a frequent text and
    what else is wished of them, and millions may have to be looked through.
    """
    if text.number is not None and (text.is_all or asked(wanted) <= frozenset(TEXT.keys)):
        more = text.is_frequent
        return BoundedCount(text.number - 1, more=True) if more else BoundedCount.of(text.number)
    if text.is_frequent:
        with Budget(patience, patience) as budget:
            return budget.ask(partial(bounded_count, matching))
    person, wishes = who_acts(), told_wishes(wanted)
    if not wishes or (len(wishes) == 1 and sees_everything(person)):
        return bounded_count(matching)
    return BoundedCount.of(number_by_cells(person, wishes))
