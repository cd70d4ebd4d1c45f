"""What to send to a provider's support: the ids of jobs that gave nothing and cost credits."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from auditing.exports.harmless import harmless_text
from auditing.findings.refunds import Stands
from auditing.models import Generation
from auditing.providers import PROVIDERS
from auditing.records import Outcome, Status, decimal_of_thousandths, iso_utc

CSV_COLUMNS = (
    "provider", "account", "external_id", "created_at", "credits", "why", "error",
    "refund", "marked_at", "credits_back",
)  # fmt: skip


def why(row: Generation) -> str:
    """`vanished` for a job that its provider knows no more, else how it ended."""
    if row.lookup.outcome == Outcome.MISSING:
        return "vanished"
    return row.status if row.status in (Status.FAILED, Status.COMPLETED) else "unknown"


def claim_text(rows: Iterable[Generation], stands: Stands) -> str:
    """A text for each account, ready to be sent: what is claimed, why, and every id with time and credits;
    of what was claimed already, with the time of that, a reminder."""
    ordered = sorted(rows, key=lambda row: (row.provider, row.account.label, str(row.created_at), row.pk))
    groups = groupby(ordered, key=lambda row: (row.provider, row.account.label))
    parts = [_letter(provider, account, list(jobs), stands) for (provider, account), jobs in groups]
    return "\n\n".join(parts) or "There is nothing to claim.\n"


def _letter(provider: str, account: str, jobs: list[Generation], stands: Stands) -> str:
    name = PROVIDERS[provider].name if provider in PROVIDERS else provider
    count = f"{len(jobs)} job{'' if len(jobs) == 1 else 's'}"
    known = [charge for row in jobs if (charge := _charge(row, stands)) is not None]
    cost = f"{_amount(sum(known))} credits" if known else "an unknown number of credits"
    if 0 < len(known) < len(jobs):
        cost += f" (of {len(jobs) - len(known)} the charge is not known)"
    is_reminder = stands is Stands.CLAIMED
    asked = (
        f"We claimed {cost} back for {count} and have no answer yet. Please tell us what became of it."
        if is_reminder
        else f"{count} gave no video and still cost {cost} together. Please give them back."
    )
    columns = "id, time of creation (UTC), credits charged, whether it failed or can't be found any more"
    return (
        f"To the support of {name}, about our account {account}\n\n{asked}\n"
        f"Each line: {columns}{', time of our claim (UTC)' if is_reminder else ''}.\n\n"
        + "".join(f"{_line(row, stands)}\n" for row in jobs)
    )


def _line(row: Generation, stands: Stands) -> str:
    line = (
        f"  {row.external_id}  {_time(row.created_at)}  {_amount(_charge(row, stands))} credits  {why(row)}"
    )
    return f"{line}  claimed {_time(row.refund.marked_at)}" if stands is Stands.CLAIMED else line


def claim_csv(rows: Iterable[Generation], stands: Stands) -> str:
    """The same as a table; no text of it is a formula."""
    out = io.StringIO(newline="")
    write = csv.writer(out, lineterminator="\r\n").writerow
    write(CSV_COLUMNS)
    for row in rows:
        texts = (row.provider, row.account.label, row.external_id)
        said = (_time(row.created_at), _amount(_charge(row, stands)), why(row))
        write((*map(harmless_text, texts), *said, harmless_text(row.error or ""), *_refund(row)))
    return out.getvalue()


def _refund(row: Generation) -> tuple[str, str, str]:
    refund = getattr(row, "refund", None)
    if refund is None:
        return "", "", ""
    back = _amount(refund.back_thousandths) if refund.back_thousandths else ""
    return refund.state, _time(refund.marked_at), back


def _charge(row: Generation, stands: Stands) -> int | None:
    """What is claimed for it, in thousandths: what it was charged when it was marked, else what it is now."""
    is_marked = stands not in (Stands.OPEN, Stands.UNKNOWN)
    return row.refund.credits_thousandths if is_marked else row.credits_thousandths


def _time(moment: datetime | None) -> str:
    return iso_utc(moment) or "unknown"


def _amount(thousandths: int | None) -> str:
    return "unknown" if thousandths is None else f"{decimal_of_thousandths(thousandths):f}"
