"""What pages say of refunds: how they stand, what came back of how much, and what was marked."""

from auditing.findings import Stands
from auditing.models import Generation, RefundState
from auditing.records import decimal_of_thousandths
from auditing.refunding import Marked, refund_of

STANDS_WORDS = {
    Stands.OPEN: "Open: to be claimed",
    Stands.CLAIMED: "Claimed",
    Stands.REFUNDED: "Refunded",
    Stands.REFUSED: "Refused",
    Stands.UNKNOWN: "No figure: whether they cost is not known",
}


def followed_by(stands: Stands) -> RefundState:
    """What rows that stand so are most likely marked as next."""
    return RefundState.REFUNDED if stands is Stands.CLAIMED else RefundState.CLAIMED


def amount_words(row: Generation, stands: Stands) -> str:
    """A row's credits where it stands so, for a column of credits: `4`, `6 of 10`, `unknown`."""
    refund = refund_of(row)
    if refund is None or stands in (Stands.OPEN, Stands.UNKNOWN):
        return credits_words(row.credits_thousandths)
    if stands is Stands.REFUNDED and refund.back_thousandths:
        most = row.credits_most_thousandths or refund.credits_thousandths
        return f"{credits_words(refund.back_thousandths)} of {credits_words(most)}"
    return credits_words(refund.credits_thousandths)


def refund_words(row: Generation, stands: Stands) -> str:
    """The same as a sentence: how much came back of how much, as lookups show it; else what somebody said,
    and that none does yet."""
    refund, credits_ = refund_of(row), f"{amount_words(row, stands)} credits"
    if stands is Stands.REFUNDED:
        is_seen = refund is not None and refund.back_thousandths
        return f"{credits_} came back." if is_seen else f"{credits_}; no lookup shows it yet."
    return f"{credits_}{_ENDS[stands]}"


_ENDS = {
    Stands.OPEN: " charged, and nothing claimed yet.",
    Stands.UNKNOWN: " charged.",
    Stands.CLAIMED: " were claimed.",
    Stands.REFUSED: " are not given back.",
}


def credits_words(thousandths: int | None) -> str:
    """`2.5`, `12,480`, `unknown`."""
    return "unknown" if thousandths is None else f"{decimal_of_thousandths(thousandths):,f}"


def marked_words(marked: Marked, state: RefundState, asked: int) -> str:
    """What came of marking so many rows."""
    said = []
    if marked.changed:
        whose = "it" if len(marked.changed) == 1 else "them"
        known = f"{credits_words(marked.credits)} credits are charged for {whose} now"
        unknown = f", {jobs_words(marked.unknown)} without a figure" if marked.unknown else ""
        said.append(f"Marked {jobs_words(len(marked.changed))} as {state.value}; {known}{unknown}.")
    if marked.already:
        said.append(f"{jobs_words(marked.already)} stood so already.")
    others = asked - len(marked.changed) - marked.already - len(marked.overtaken) - len(marked.empty)
    if others:
        said.append(f"You may not mark {jobs_words(others)}: left as before.")
    return " ".join(said) or "Nothing was changed."


def jobs_words(number: int) -> str:
    """`1 job`, `1,200 jobs`."""
    return "1 job" if number == 1 else f"{number:,} jobs"
