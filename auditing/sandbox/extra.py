"""Any number of further NanoBanana ids for benchmarks: computed from their index, kept nowhere."""

from collections.abc import Iterator

from auditing.sandbox.chance import stream

_PREFIX = "vid_"
_SPACE = 1 << 48
_STEP = 0x9E3779B97F4B  # odd, so that it has an inverse; spreads neighbours far apart
_STEP_BACK = pow(_STEP, -1, _SPACE)


class ExtraIds:
    """The ids of the first `count` extra generations of a seed, and the way back from an id to its index."""

    def __init__(self, seed: int, count: int) -> None:
        self.count = count
        self._offset = stream(seed, "extra").getrandbits(48)

    def __iter__(self) -> Iterator[str]:
        return (_spelt((index * _STEP + self._offset) % _SPACE) for index in range(self.count))

    def index(self, external_id: str) -> int | None:
        """The index of that id; None if it is not one of these."""
        try:
            number = int(external_id.removeprefix(_PREFIX), 16)
        except ValueError:
            return None
        index = (number - self._offset) * _STEP_BACK % _SPACE
        # Only the exact spelling is that id: int() also takes capitals, signs, blanks and underscores.
        return index if index < self.count and _spelt(number) == external_id else None


def _spelt(number: int) -> str:
    return f"{_PREFIX}{number:012x}"
