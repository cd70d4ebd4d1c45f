"""What to send to a provider's support: the ids of jobs that gave nothing and cost credits."""

import csv
import io
from collections.abc import Iterable
from itertools import groupby

from auditing.exports.harmless import harmless_text
from auditing.models import Generation
from auditing.providers import PROVIDERS
from auditing.records import Outcome, decimal_of_thousandths, iso_utc

CSV_COLUMNS = ("provider", "account", "external_id", "created_at", "credits", "why", "error")


def why(row: Generation) -> str:
    """`vanished` for a job that its provider knows no more, else `failed`."""
    return "vanished" if row.lookup.outcome == Outcome.MISSING else "failed"


def claim_text(rows: Iterable[Generation]) -> str:
    """A text for each account, ready to be sent: what is claimed, why, and every id with time and credits."""
    ordered = sorted(rows, key=lambda row: (row.provider, row.account.label, str(row.created_at), row.pk))
    parts = []
    for (provider, account), group in groupby(ordered, key=lambda row: (row.provider, row.account.label)):
        jobs = list(group)
        credits_ = decimal_of_thousandths(sum(row.credits_thousandths or 0 for row in jobs))
        lines = [f"  {row.external_id}  {_created(row)}  {_credits(row)} credits  {why(row)}" for row in jobs]
        name = PROVIDERS[provider].name if provider in PROVIDERS else provider
        count = f"{len(jobs)} job{'' if len(jobs) == 1 else 's'}"
        parts.append(
            f"To the support of {name}, about our account {account}\n\n"
            f"{count} gave no video and still cost {credits_:f} credits together. Please give them back.\n"
            "Each line: id, time of creation (UTC), credits charged, whether it failed or can't be found any"
            " more.\n\n" + "\n".join(lines) + "\n"
        )
    return "\n\n".join(parts) or "There is nothing to claim.\n"


def claim_csv(rows: Iterable[Generation]) -> str:
    """The same as a table; no text of it is a formula."""
    out = io.StringIO(newline="")
    write = csv.writer(out, lineterminator="\r\n").writerow
    write(CSV_COLUMNS)
    for row in rows:
        texts = (row.provider, row.account.label, row.external_id)
        said = (_created(row), _credits(row), why(row))
        write((*map(harmless_text, texts), *said, harmless_text(row.error or "")))
    return out.getvalue()


def _created(row: Generation) -> str:
    return iso_utc(row.created_at) or "unknown"


def _credits(row: Generation) -> str:
    return f"{decimal_of_thousandths(row.credits_thousandths or 0):f}"
