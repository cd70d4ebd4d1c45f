"""Credits and seconds as providers write them become whole thousandths: exact, and quick to add up."""

from auditing.providers.payloads import Malformed

MAX_AMOUNT = 1_000_000_000


def thousandths(value: float | None, field: str) -> int | None:
    """2.5 → 2500; None stays unknown. Raises Malformed, naming the field, for what can't be such an amount.

    That is: below zero, over a billion (more is a fault, and sums of it would not fit the ledger's
    columns), or with more than three decimals (they would be lost).
    """
    if value is None:
        return None
    if value < 0:
        raise Malformed(f"{field}: negative: {value}")
    if value > MAX_AMOUNT:
        raise Malformed(f"{field}: over {MAX_AMOUNT}: {value}")
    whole = round(value * 1000)
    if whole / 1000 != value:
        raise Malformed(f"{field}: more than three decimals: {value}")
    return whole
