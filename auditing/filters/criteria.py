"""All that a filter can ask for, in canonical order."""

from collections.abc import Iterator
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
APART_FROM_TEXT: tuple[Criterion, ...] = (
    *(AnyOrNone(field) for field in FIELDS.values()),
    Flagged(),
    *RANGES.values(),
    *DAYS.values(),
)
CRITERIA: tuple[Criterion, ...] = (*APART_FROM_TEXT, TEXT)
NARROWING = tuple(key for criterion in CRITERIA for key in criterion.keys)
"""Every key that can leave rows out."""
