"""How an id of a statement and a job of ours can stand to each other, and which of our figures is meant."""

from enum import StrEnum


class Kind(StrEnum):
    """What becomes of each id on the statement and of each of our jobs in its account and period: exactly one
    of these."""

    DIFFERENT = "different"
    MISSING_HERE = "missing-here"
    MISSING_THERE = "missing-there"
    OUTSIDE = "outside"
    OTHER_ACCOUNT = "other-account"
    UNKNOWN_HERE = "unknown-here"
    UNKNOWN_THERE = "unknown-there"
    NO_FIGURE = "no-figure"
    MATCHED = "matched"
    NOT_CHARGED = "not-charged"

    @property
    def counts_ours(self) -> bool:
        """Whether our figures of these are in our total: those of jobs of the account and period are."""
        return self not in (Kind.MISSING_HERE, Kind.OUTSIDE, Kind.OTHER_ACCOUNT)


class Figure(StrEnum):
    """Which of our figures counts: what is charged `net`, by now, or `gross`, at its most."""

    NET = "net"
    GROSS = "gross"


WORDS = {
    Kind.DIFFERENT: ("Different", "Both have a figure, and not the same."),
    Kind.MISSING_HERE: ("Missing here", "On the statement, and not registered in the team."),
    Kind.MISSING_THERE: ("Missing there", "Ours, with credits, and not on the statement."),
    Kind.OUTSIDE: (
        "Outside the period",
        "On the statement, and ours of this account, but created on another day or on none that is known.",
    ),
    Kind.OTHER_ACCOUNT: ("Another account", "On the statement, and ours for another account of the team."),
    Kind.UNKNOWN_HERE: (
        "Unknown here",
        "On the statement with credits, and ours without a figure: not 0, but not known.",
    ),
    Kind.UNKNOWN_THERE: (
        "Unknown there",
        "Ours with credits, and on the statement with a line that has no figure.",
    ),
    Kind.NO_FIGURE: ("No figure on either side", "Ours without a figure, and the statement has none either."),
    Kind.MATCHED: ("Matched", "Both have the same credits."),
    Kind.NOT_CHARGED: ("Not charged", "Ours, with 0 credits, and not on the statement."),
}
"""What each is called, and what it means."""
