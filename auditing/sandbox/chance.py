"""Every random choice of the sample world comes from a named stream of its seed."""

from random import Random


def stream(seed: int, name: str) -> Random:
    """A generator of its own for each concern, so that a change to one leaves the others as they were."""
    return Random(f"{seed}:{name}")  # noqa: S311 - sample data, never a secret
