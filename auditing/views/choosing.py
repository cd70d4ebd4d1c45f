"""What a person chose in a list, as its form posts it: some rows by their numbers, or all that match."""

from dataclasses import dataclass, replace

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict

from auditing.access import visible_to
from auditing.filters import COUNT_CAP, BoundedCount, GenerationFilter
from auditing.filters.sorting import ordered
from auditing.models import Generation
from auditing.preferences import layout_of
from auditing.views.pages import preference_of, signed_in, zone_of

# The pages' forms send a page's rows; a form of somebody's own may send a few more.
MOST_ROWS = 500
MOST_AT_ONCE = COUNT_CAP
_BIGINT = 2**63

type Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen, of what the person sees. `gone` are chosen rows that are not among it, by whatever
    reason; `fault` says why nothing can be done with the choice. `listed` is the list it was made in,
    `fields` are what a form posts to choose the same again, `on_screen` the numbers of rows that were ticked.
    """

    rows: QuerySet[Generation]
    number: BoundedCount
    is_every: bool
    gone: int
    listed: GenerationFilter
    fields: Fields
    on_screen: frozenset[int]
    fault: str = ""

    @property
    def is_too_many(self) -> bool:
        """Whether it is more than is changed or asked for at once."""
        return self.number.more

    def sorted_rows(self) -> QuerySet[Generation]:
        """The rows in the list's order."""
        return ordered(self.rows, self.listed.sort)

    def ids(self) -> list[int]:
        """The numbers of the rows."""
        return list(self.rows.order_by("pk").values_list("pk", flat=True))


def chosen_in(request: HttpRequest) -> Chosen:
    """What this request's form says was chosen, within what its person may see now."""
    person = signed_in(request)
    query, usual = QueryDict(request.POST.get("list", "")), layout_of(preference_of(request)).per_page
    wanted, visible = GenerationFilter.from_query(query, zone_of(request), usual), visible_to(person)
    texts = request.POST.getlist("row")[:MOST_ROWS]
    numbers = frozenset(int(text) for text in texts if _is_number(text))
    same = ("list", wanted.canonical()), *(("row", str(number)) for number in sorted(numbers))
    if request.POST.get("every"):
        return _every(wanted, visible, numbers, (*same, ("every", "1")))
    return _some(wanted, visible, numbers, same)


def _every(
    wanted: GenerationFilter, visible: QuerySet[Generation], numbers: frozenset[int], same: Fields
) -> Chosen:
    """All that match. A bad value in the filter would make it more than was meant."""
    page = replace(wanted, after=None, before=None).page(visible)
    fault = (
        "" if not wanted.errors and page.filter.q == wanted.q else "The filter of the list has a bad value."
    )
    return Chosen(
        rows=page.filter.apply(visible),
        number=page.count,
        is_every=True,
        gone=0,
        listed=wanted,
        fields=same,
        on_screen=numbers,
        fault=fault or ("" if page.count.number else "Nothing matches the filter any more."),
    )


def _some(
    wanted: GenerationFilter, visible: QuerySet[Generation], numbers: frozenset[int], same: Fields
) -> Chosen:
    rows = visible.filter(pk__in=numbers)
    found = rows.count() if numbers else 0
    fault = "" if found else "What you chose is not there any more." if numbers else "Choose rows first."
    return Chosen(
        rows=rows,
        number=BoundedCount(found),
        is_every=False,
        gone=len(numbers) - found,
        listed=wanted,
        fields=same,
        on_screen=numbers,
        fault=fault,
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 20 and int(text) < _BIGINT
