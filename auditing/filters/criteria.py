"""All that a filter can ask for, in canonical order."""

from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Any

from django.db.models import Q

from auditing.filters.columns import AnyOrNone
from auditing.filters.criterion import Criterion, Part, Standpoint, Values
from auditing.filters.days import DAYS
from auditing.filters.fields import FIELDS
from auditing.filters.flags import Flagged
from auditing.filters.ranges import RANGES
from auditing.filters.reading import Reader, parse_text
from auditing.filters.text import containing
from auditing.filters.wanted import Wanted
from auditing.filters.words import text_words


class Text:
    """The criterion of text, to be found in title, prompt, id or error."""

    keys = ("q",)

    def read(self, reader: Reader) -> dict[str, Any]:
        """The text; empty for none."""
        return {"q": reader.single("q", parse_text, "")}

    def conditions(self, values: Values, _at: Standpoint) -> Iterator[Q]:
        """The rows that hold it."""
        if values["q"]:
            yield containing(values["q"])

    def parts(self, values: Values, at: Standpoint) -> Iterator[Part]:
        """The text, if there is one."""
        if values["q"]:
            yield Part("q", values["q"], self.phrase(values, at))

    def phrase(self, values: Values, _at: Standpoint) -> str:
        """`containing “beach”`."""
        return text_words(values["q"]) if values["q"] else ""


TEXT = Text()
CRITERIA: tuple[Criterion, ...] = (
    *(AnyOrNone(field) for field in FIELDS.values()),
    Flagged(),
    *RANGES.values(),
    *DAYS.values(),
    TEXT,
)
NARROWING = tuple(key for criterion in CRITERIA for key in criterion.keys)
"""Every key that can leave rows out."""

_VALUES = attrgetter(*NARROWING)
_BLANK = _VALUES(Wanted())
_PLACES = {key: place for place, criterion in enumerate(CRITERIA) for key in criterion.keys}


def concerned(keys: Iterable[str]) -> list[Criterion]:
    """The criteria of these keys, in canonical order. Others need not be asked: a page makes a dozen filters,
    for its links, and most of them want one thing or nothing."""
    return [CRITERIA[place] for place in sorted({_PLACES[key] for key in keys if key in _PLACES})]


def asked(wanted: Wanted) -> frozenset[str]:
    """The keys whose values leave rows out: one of them, or none, in most filters."""
    values = _VALUES(wanted)
    if values == _BLANK:
        return frozenset()
    return frozenset(
        key for key, value, blank in zip(NARROWING, values, _BLANK, strict=True) if value != blank
    )
