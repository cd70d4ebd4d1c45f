"""What lists can be sorted by, and the cursors that say where in that order a page begins."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import F, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.db.models.functions import Coalesce, Left, Upper

from auditing.filters.reading import Unacceptable, check_storable
from auditing.models import Generation
from auditing.models.generations import sort_key, unindexed_sort_key

DEFAULT_SORT = "-created_at"
TITLE_LENGTH = 80
MAX_CURSOR_LENGTH = 2000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_BIGINT = range(-(2**63), 2**63)

type SortValue = datetime | int | str
type Scalar = int | str


@dataclass(frozen=True, slots=True)
class Kind:
    """How values of one type stand in a cursor: `read` raises Unacceptable for what can't be one."""

    write: Callable[[SortValue], Scalar]
    read: Callable[[object], SortValue]


def _write_time(value: SortValue) -> Scalar:
    assert isinstance(value, datetime)  # noqa: S101 - the type of every time column
    return (value - _EPOCH) // _MICROSECOND


def _write_plain(value: SortValue) -> Scalar:
    assert isinstance(value, int | str)  # noqa: S101 - the type of every other column
    return value


def _read_number(value: object) -> int:
    if type(value) is not int or value not in _BIGINT:
        raise Unacceptable("no whole number")
    return value


def _read_time(value: object) -> datetime:
    try:
        return _EPOCH + _read_number(value) * _MICROSECOND
    except OverflowError:
        raise Unacceptable("outside of the years 1 to 9999") from None


def _read_text(value: object) -> str:
    if not isinstance(value, str):
        raise Unacceptable("no text")
    check_storable(value)
    return value


TIME = Kind(_write_time, _read_time)
NUMBER = Kind(_write_plain, _read_number)
TEXT = Kind(_write_plain, _read_text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """One order of the list. `key` is what is compared, never null: the unknown counts as lowest.

    Where an index has `key` in this order, it serves the sort at any size; `unindexed` has the same values as
    no index has them. `ascending` and `descending` are words.
    """

    key: Combinable
    kind: Kind
    label: str
    ascending: str
    descending: str
    unindexed: Combinable | None = None

    @property
    def indexed(self) -> bool:
        """Whether an index serves it."""
        return self.unindexed is not None

    @property
    def starts_descending(self) -> bool:
        """Which way a first click sorts: what is latest or most comes first, words from A to Z."""
        return self.kind is not TEXT


SORTS: Mapping[str, Sort] = {
    "created_at": Sort(
        key=sort_key("created_at"),
        kind=TIME,
        label="Created",
        ascending="oldest first",
        descending="newest first",
        unindexed=unindexed_sort_key("created_at"),
    ),
    "updated_at": Sort(
        key=sort_key("updated_at"),
        kind=TIME,
        label="Updated",
        ascending="longest unchanged first",
        descending="last changed first",
        unindexed=unindexed_sort_key("updated_at"),
    ),
    "credits_used": Sort(
        key=sort_key("credits_thousandths"),
        kind=NUMBER,
        label="Credits",
        ascending="fewest credits first",
        descending="most credits first",
        unindexed=unindexed_sort_key("credits_thousandths"),
    ),
    "duration_seconds": Sort(
        key=sort_key("duration_milliseconds"),
        kind=NUMBER,
        label="Duration",
        ascending="shortest first",
        descending="longest first",
        unindexed=unindexed_sort_key("duration_milliseconds"),
    ),
    "waiting_seconds": Sort(
        key=sort_key("waiting_milliseconds"),
        kind=NUMBER,
        label="Waited",
        ascending="shortest wait first",
        descending="longest wait first",
        unindexed=unindexed_sort_key("waiting_milliseconds"),
    ),
    "processing_seconds": Sort(
        key=sort_key("processing_milliseconds"),
        kind=NUMBER,
        label="Ran",
        ascending="shortest run first",
        descending="longest run first",
        unindexed=unindexed_sort_key("processing_milliseconds"),
    ),
    "registered_at": Sort(
        key=F("pk"),  # numbers are given as ids come in
        kind=NUMBER,
        label="Registered",
        ascending="first registered first",
        descending="last registered first",
        unindexed=F("pk") + 0,
    ),
    "status": Sort(
        key=Coalesce("status", Value("")),
        kind=TEXT,
        label="Status",
        ascending="by status, A to Z",
        descending="by status, Z to A",
    ),
    "provider": Sort(
        key=F("provider"),
        kind=TEXT,
        label="Provider",
        ascending="by provider, A to Z",
        descending="by provider, Z to A",
    ),
    "title": Sort(
        # Its beginning decides, whatever its case: a cursor has to fit into an address.
        key=Left(Upper(Coalesce("title", Value(""))), TITLE_LENGTH),
        kind=TEXT,
        label="Title",
        ascending="by title, A to Z",
        descending="by title, Z to A",
    ),
    "owner": Sort(
        key=Coalesce("owner__username", Value("")),
        kind=TEXT,
        label="Owner",
        ascending="by owner, A to Z",
        descending="by owner, Z to A",
    ),
}


def sort_of(text: str) -> tuple[Sort, bool]:
    """The sort that `created_at` or `-created_at` names, and whether it runs downwards."""
    return SORTS[text.removeprefix("-")], text.startswith("-")


def sort_words(text: str) -> str:
    """A sort as a person would say it: `-created_at` → "newest first"."""
    sort, descending = sort_of(text)
    return sort.descending if descending else sort.ascending


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a sorted list: just after (or before) the row with this sort value and id."""

    sort: str
    value: SortValue
    id: int

    def __str__(self) -> str:
        """The cursor as an address has it: base64url of the JSON list of sort, value and id."""
        sort, _ = sort_of(self.sort)
        parts = [self.sort, sort.kind.write(self.value), self.id]
        text = json.dumps(parts, separators=(",", ":"), ensure_ascii=False)
        return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode("ascii")

    @classmethod
    def parse(cls, text: str, sort: str) -> "Cursor":
        """The reverse of `str`, for a list in this sort; raises Unacceptable for everything else."""
        try:
            cursor = cls._decoded(text, sort)
        except Unacceptable:
            raise Unacceptable("is no place in this list; the list starts at its beginning") from None
        return cursor

    @classmethod
    def _decoded(cls, text: str, sort: str) -> "Cursor":
        if len(text) > MAX_CURSOR_LENGTH:
            raise Unacceptable("too long")
        try:
            padded = text.encode("ascii") + b"=" * (-len(text) % 4)
            parts = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        except (binascii.Error, ValueError, RecursionError):
            raise Unacceptable("not encoded as a cursor is") from None
        if not isinstance(parts, list) or len(parts) != 3 or parts[0] != sort:
            raise Unacceptable("not the parts of a cursor in this sort")
        cursor = cls(sort, sort_of(sort)[0].kind.read(parts[1]), _read_number(parts[2]))
        if str(cursor) != text:
            raise Unacceptable("not written as a cursor is")
        return cursor


def cursor_in(sort: str, *, unless: Cursor | None = None) -> Callable[[str], Cursor]:
    """A parser of a place in a list of this sort, of which there may be one only."""

    def parse(text: str) -> Cursor:
        if unless is not None:
            raise Unacceptable("says where the page ends, but where it begins was said already")
        return Cursor.parse(text, sort)

    return parse


def ordered(
    queryset: QuerySet[Generation], sort: str, *, backwards: bool = False, by_index: bool = True
) -> QuerySet[Generation]:
    """The rows in this order (or its reverse), with the sort's value as `sort_value`; ids settle ties.

    Without `by_index` no index of the order is used: the rows are found by what they are filtered by, all of
    them, and sorted then.
    """
    order, descending = sort_of(sort)
    key = order.key if by_index or order.unindexed is None else order.unindexed
    sign = "-" if descending != backwards else ""
    return queryset.annotate(sort_value=key).order_by(f"{sign}sort_value", f"{sign}pk")


def beyond(queryset: QuerySet[Generation], cursor: Cursor, *, backwards: bool) -> QuerySet[Generation]:
    """Of rows from `ordered`, those beyond the cursor: one row comparison, which one index range serves."""
    _, descending = sort_of(cursor.sort)
    place = (cursor.value, cursor.id)
    compare = TupleLessThan if descending != backwards else TupleGreaterThan
    return queryset.filter(compare(Tuple(F("sort_value"), F("pk")), place))
