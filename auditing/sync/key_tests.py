"""Tests an account's key with one real lookup, and writes what that showed beside the very key it tested."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from asgiref.sync import sync_to_async
from django.db.models import F
from django.db.models.functions import Greatest, Now

from auditing.access import SYSTEM, acting_as
from auditing.keys.opening import KeyUnreadable, OpenKey, opened
from auditing.models import Account, Credential, Lookup
from auditing.providers import PROVIDERS
from auditing.records import Answer, Outcome
from auditing.sync.connections import open_transport
from auditing.sync.fetch import Fetcher

# Nobody made a video of this id. Letters and figures only: a provider that looks at an id's form before the
# key would say nothing about the key.
NO_VIDEO = "clipledgertestsitskey0"

Result = Credential.Result
SHOWS = {
    Outcome.OK: Result.WORKS,
    Outcome.DENIED: Result.WORKS,
    Outcome.MISSING: Result.WORKS,
    Outcome.UNAUTHORIZED: Result.REFUSED,
    Outcome.UNREACHABLE: Result.UNREACHABLE,
}


@dataclass(frozen=True, slots=True)
class _Test:
    """The key of this account as it was stored then, and the id to look up with it."""

    account: Account
    key: OpenKey
    stored_at: datetime
    external_id: str


async def test_key(account_id: int, clock: Callable[[], datetime]) -> None:
    """Look one id up, beside the account's pace: one of its records that was found, else one nobody has.

    A 200, 403 or 404 proves the key, a 401 or 402 refuses it. Nothing of a record is stored; a 429's reset is
    heeded by the account's runs.
    """
    test = await sync_to_async(_prepared)(account_id)
    if test is None:
        return
    account = test.account
    async with open_transport() as transport:
        fetcher = Fetcher(PROVIDERS[account.provider], account.base_url, test.key, transport, clock)
        fetched = await fetcher.look_up(test.external_id)
    await sync_to_async(_keep)(test, fetched.answer)


def words_of(answer: Answer) -> str:
    """What the answer was, for people."""
    return answer.reason or f"HTTP {answer.http_status}"


def _prepared(account_id: int) -> _Test | None:
    """What to test; None when the account or its key is gone, or when the key can't even be opened."""
    with acting_as(SYSTEM):
        credential = Credential.objects.select_related("account").filter(pk=account_id).first()
        if credential is None:
            return None
        account = credential.account
        try:
            key = opened(credential, account)
        except KeyUnreadable as fault:
            _write(account_id, credential.stored_at, Result.UNCLEAR, str(fault))
            return None
        found = Lookup.objects.filter(account=account, outcome=Outcome.OK).order_by()
        known = list(found.values_list("generation__external_id", flat=True)[:1])
        return _Test(account, key, credential.stored_at, known[0] if known else NO_VIDEO)


def _keep(test: _Test, answer: Answer) -> None:
    with acting_as(SYSTEM):
        result = SHOWS.get(answer.outcome, Result.UNCLEAR)
        _write(test.account.pk, test.stored_at, result, words_of(answer))
        if answer.reset_at is not None:
            later = Greatest(F("blocked_until"), answer.reset_at)
            Account.objects.filter(pk=test.account.pk).update(blocked_until=later)


def _write(account_id: int, stored_at: datetime, result: Result, words: str) -> None:
    """Where another key was stored meanwhile, it says nothing about that one."""
    tested = Credential.objects.filter(pk=account_id, stored_at=stored_at)
    tested.update(tested_at=Now(), test_result=result, test_words=words[:500])
