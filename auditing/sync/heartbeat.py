"""After a good run, one GET to a dead-man's-switch service, which raises the alarm when none comes any more.

A run is good when it finished (exit codes 0 and 3) and no account of it needs an operator: none is refused
(exit code 4), put aside, or without a good answer for longer than expected. A few ids that fail are a
provider's everyday; nothing but failures for that long is not. Where others hold every account (exit code 5),
their runs report.
"""

import asyncio
import logging
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

from yarl import URL

from auditing.sync import backlog, ledger
from auditing.sync.connections import NO_ANSWER, Transport, in_words, open_transport
from auditing.sync.summary import ExitCode, RunSummary

DEADLINE_SECONDS = 3.0
TRIES = 2
FINISHED = (ExitCode.ALL_WELL, ExitCode.SOME_LOOKUPS_FAILED)

logger = logging.getLogger(__name__)


def is_good(summary: RunSummary, expected_every: timedelta) -> bool:
    """Whether this run is one to report. One that was told to stop is not: its process ends at once."""
    if summary.exit_code not in FINISHED or summary.was_told_to_stop:
        return False
    asked = [part.account_id for part in summary.parts]
    return all_is_well(expected_every, asked)


def all_is_well(expected_every: timedelta, account_ids: list[int] | None = None) -> bool:
    """Whether none of these accounts, by default of all, needs an operator."""
    since = ledger.database_now() - expected_every
    return not backlog.accounts_in_trouble(since, account_ids)


def beat(url: str, deadline: float = DEADLINE_SECONDS) -> bool:
    """Report to this address; True when it was taken (2xx), False when not, or when there is none.

    Never raises. Redirects are not followed; one more try follows where the first got no answer or a 5xx.
    A failure is a warning in the log that names no more than the host: the path is a secret.
    """
    if not url:
        return False
    failure = asyncio.run(_failure(url, deadline))
    if failure:
        host = urlsplit(url)._replace(path="/…", query="", fragment="").geturl()
        logger.warning("The heartbeat to %s failed: %s", host, failure)
    return not failure


async def _failure(url: str, deadline: float) -> str:
    """Why no report was taken; empty when one was."""
    failure = ""
    async with open_transport() as transport:
        for _ in range(TRIES):
            try:
                async with asyncio.timeout(deadline):
                    status = await _status(transport, url)
            except TimeoutError:
                failure = f"no answer within {deadline:g} seconds"
                continue
            except NO_ANSWER as error:
                failure = in_words(error)
                continue
            failure = "" if 200 <= status < 300 else f"HTTP {status}"
            if status < HTTPStatus.INTERNAL_SERVER_ERROR:
                break
    return failure


async def _status(transport: Transport, url: str) -> int:
    async with transport.get(str(URL(url)), {"User-Agent": "Clipledger"}) as arriving:
        return arriving.status
