"""What pages may know of an account's key: its last characters, and what its last test showed."""

from dataclasses import dataclass
from datetime import datetime

from auditing import errands
from auditing.models import Account, Credential
from auditing.queue import Stage, database_now

# The sealed halves stay in the database: the web's role may not read them.
SHOWN = ("account_id", "last_four", "stored_at", "tested_at", "test_result", "test_words")


@dataclass(frozen=True, slots=True)
class KeyTest:
    """A test of the account's key that was asked for at `asked_at`, by the database's clock."""

    asked_at: datetime
    stage: Stage


def shown_key(account: Account) -> Credential | None:
    """The account's key as far as pages may see it; None when it has none."""
    return Credential.objects.only(*SHOWN).filter(account=account).first()


def ask_for_test(account: Account) -> datetime:
    """Have a worker test the account's key; when it was asked for."""
    asked_at = database_now()
    errands.send(errands.TEST_KEY, account_id=account.pk)
    return asked_at


def test_since(account: Account, asked_at: datetime) -> tuple[KeyTest, Credential | None]:
    """How far the test is that was asked for then, and the key with what its last test showed.

    The queue is read first: a test that has left it has written its result.
    """
    stage = errands.stage_of(errands.TEST_KEY, account_id=account.pk)
    key = shown_key(account)
    if key is not None and key.tested_at is not None and key.tested_at >= asked_at:
        return KeyTest(asked_at, Stage.DONE), key
    return KeyTest(asked_at, stage or Stage.DROPPED), key
