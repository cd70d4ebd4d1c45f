"""What is wished of one column, told apart from all else that a filter asks for."""

from dataclasses import dataclass

from auditing.filters.fields import Value


@dataclass(frozen=True, slots=True)
class Wish:
    """Which values of one column are wanted, and which are not."""

    wanted: tuple[Value, ...]
    unwanted: tuple[Value, ...]

    def __bool__(self) -> bool:
        return bool(self.wanted or self.unwanted)

    def fits(self, value: Value) -> bool:
        """Whether a row with this value is left."""
        return value not in self.unwanted and (not self.wanted or value in self.wanted)
