"""Any of several values of a column, and none of several: `status=failed`, `status_not=failed`."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from auditing.filters.criterion import Part, Standpoint, Values
from auditing.filters.fields import EXCLUDED, Field, Value, to_text
from auditing.filters.reading import Reader


@dataclass(frozen=True, slots=True)
class AnyOrNone:
    """The criterion of one column."""

    field: Field

    @property
    def keys(self) -> tuple[str, str]:
        """The column's key for what is wanted, and with an ending for what is not."""
        return self.field.key, f"{self.field.key}{EXCLUDED}"

    def read(self, reader: Reader) -> dict[str, Any]:
        """Tuples of values, in which None is the unknown."""
        return {key: reader.any_of(self.field, key) for key in self.keys}

    def conditions(self, values: Values, _at: Standpoint) -> Iterator[Q]:
        """One of the wanted values, if there are any, and none of the unwanted."""
        wanted, unwanted = (values[key] for key in self.keys)
        if wanted:
            yield self.field.condition(wanted)
        if unwanted:
            yield self.field.exclusion(unwanted)

    def parts(self, values: Values, _at: Standpoint) -> Iterator[Part]:
        """One for each value."""
        wanted, unwanted = self.keys
        for value in values[wanted]:
            yield Part(wanted, to_text(value), self.field.value_words(value))
        for value in values[unwanted]:
            yield Part(unwanted, to_text(value), self.field.excluded_words(value))

    def phrase(self, values: Values, _at: Standpoint) -> str:
        """`failed or pending`, `neither failed nor pending`."""
        wanted, unwanted = (values[key] for key in self.keys)
        phrases = (" or ".join(map(self.field.value_words, wanted)), self._without(unwanted))
        return ", ".join(phrase for phrase in phrases if phrase)

    def _without(self, values: tuple[Value, ...]) -> str:
        known = [self.field.words(value) for value in values if value is not None]
        said = (
            f"neither {' nor '.join(known)}" if len(known) > 1 else "".join(f"not {word}" for word in known)
        )
        unknown = self.field.known_words if None in values else ""
        return ", ".join(phrase for phrase in (said, unknown) if phrase)
