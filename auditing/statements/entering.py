"""Keeps a provider's statement, whole or not at all; and withdraws one, which stays to be read."""

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import BinaryIO, cast

from django.db import IntegrityError, connection

from auditing import trail
from auditing.access import Person, accounts_to_reconcile, acting_as
from auditing.intake import Rejection
from auditing.models import Account, Act, Statement, User
from auditing.records import decimal_of_thousandths
from auditing.statements.reading import Charge, read_charges
from auditing.trail import Change

REJECTIONS_NAMED = 100
LARGEST_SUM = 2**63 - 1

_INCOMING = """
CREATE TEMPORARY TABLE incoming_charge (
    number bigint, external_id varchar(255), credits_thousandths bigint, charged_at timestamptz
) ON COMMIT DROP
"""
_SUMS = (
    "SELECT count(*), count(*) - count(credits_thousandths), sum(credits_thousandths) FROM incoming_charge"
)
# In the order of ids: whoever compares reads them in it.
_KEEP = """
INSERT INTO auditing_statementline
    (statement_id, team_id, number, external_id, credits_thousandths, charged_at)
SELECT %s, %s, number, external_id, credits_thousandths, charged_at
FROM incoming_charge ORDER BY external_id, number
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementWanted:
    """A statement as somebody enters it: its stated total (thousandths; None: not known), its lines to read
    from `stream` (None: by its total alone), whose name is `file`. The account comes with its team."""

    account: Account
    first: date
    last: date
    total: int | None = None
    reference: str = ""
    note: str = ""
    stream: BinaryIO | None = None
    file: str = ""


class NotEntered(ValueError):
    """What is in the way of a statement: nothing of it is kept. `field` is the part of it that is wrong."""

    def __init__(self, message: str, field: str = "lines") -> None:
        super().__init__(message)
        self.field = field


class Unreadable(NotEntered):
    """Some lines can't be read: `rejected` of them, the first of which are `rejections`."""

    def __init__(self, rejected: int, rejections: Sequence[Rejection]) -> None:
        lines = "1 line" if rejected == 1 else f"{rejected:,} lines"
        super().__init__(f"{lines} can't be read, so nothing was kept: a part would differ by what it lacks")
        self.rejected = rejected
        self.rejections = rejections


class AlreadyThere(NotEntered):
    """The very file was entered before, as this statement."""

    def __init__(self, statement: Statement) -> None:
        days = f"{statement.first} to {statement.last}"
        super().__init__(
            f"this very file is there already: statement {statement.pk} of {days}."
            " Withdraw that one first, if this is to take its place"
        )
        self.statement = statement


class _Digesting:
    """A stream that is read by lines, and what all of it is known by."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._digest = hashlib.sha256()

    def readline(self, size: int = -1) -> bytes:
        line = self._stream.readline(size)
        self._digest.update(line)
        return line

    @property
    def digest(self) -> str:
        return self._digest.hexdigest()


@dataclass(frozen=True, slots=True)
class _Read:
    """What came in: how many lines, those without a figure, what the others add up to, and the digest."""

    lines: int = 0
    unknown: int = 0
    thousandths: int | None = None
    digest: str = ""


def enter(person: Person, wanted: StatementWanted) -> Statement:
    """Keep the statement with all its lines, in one transaction and flat memory. Raises NotEntered."""
    if wanted.last < wanted.first:
        raise NotEntered("the last day lies before the first", "last")
    try:
        with acting_as(person):
            if not accounts_to_reconcile(person).filter(pk=wanted.account.pk).exists():
                raise NotEntered(f"you may not enter statements of {wanted.account.label}", "account")
            read = _take_in(wanted)
            if read.thousandths is None and wanted.total is None:
                raise NotEntered("neither a total nor a line with credits was given", "total")
            statement = _keep(person, wanted, read)
            trail.changed(
                Act.STATEMENT_ENTERED, _user(person), words_of(statement, wanted.account),
                *_changes(statement), teams=[statement.team_id],
            )  # fmt: skip
            return statement
    except IntegrityError:
        raise NotEntered("this very file was entered by somebody else just now") from None


def _take_in(wanted: StatementWanted) -> _Read:
    """Read the lines into a table of this transaction. Raises NotEntered."""
    if wanted.stream is None:
        return _Read()
    stream = _Digesting(wanted.stream)
    with connection.cursor() as cursor:
        cursor.execute(_INCOMING)
        _copy(cast(BinaryIO, stream))
        before = Statement.objects.filter(
            account=wanted.account, digest=stream.digest, withdrawn_at=None
        ).first()
        if before:
            raise AlreadyThere(before)
        cursor.execute(_SUMS)
        lines, unknown, thousandths = cursor.fetchone()
    if not lines:
        raise NotEntered("there is no line in it")
    if abs(thousandths or 0) > LARGEST_SUM:
        raise NotEntered("the lines add up to more than can be kept")
    return _Read(lines, unknown, None if thousandths is None else int(thousandths), stream.digest)


def _copy(stream: BinaryIO) -> None:
    rejected, rejections = 0, list[Rejection]()
    try:
        with connection.cursor() as cursor, cursor.copy("COPY incoming_charge FROM STDIN") as copy:
            for found in read_charges(stream):
                if isinstance(found, Charge):
                    copy.write_row(
                        (found.line, found.external_id, found.credits_thousandths, found.charged_at)
                    )
                    continue
                rejected += 1
                if rejected <= REJECTIONS_NAMED:
                    rejections.append(found)
    except csv.Error as error:
        raise NotEntered(str(error)) from None
    if rejected:
        raise Unreadable(rejected, rejections)


def _keep(person: Person, wanted: StatementWanted, read: _Read) -> Statement:
    statement = Statement.objects.create(
        team_id=wanted.account.team_id,
        account=wanted.account,
        first=wanted.first,
        last=wanted.last,
        reference=wanted.reference,
        note=wanted.note,
        total_thousandths=wanted.total,
        lines=read.lines,
        lines_unknown=read.unknown,
        lines_thousandths=read.thousandths,
        file=wanted.file[:255],
        digest=read.digest,
        person=_user(person),
    )
    if read.lines:
        with connection.cursor() as cursor:
            cursor.execute(_KEEP, [statement.pk, statement.team_id])
            cursor.execute("DROP TABLE incoming_charge")
    return statement


def withdraw(person: User, statement: Statement, now: datetime) -> bool:
    """Take the statement back: it counts for nothing any more, and stays to be read. False where it was
    withdrawn before. The statement comes with its account; who may, `accounts_to_reconcile` says."""
    rows = Statement.objects.filter(pk=statement.pk, withdrawn_at=None)
    if not rows.update(withdrawn_at=now, withdrawn_by=person):
        return False
    what = words_of(statement, statement.account)
    trail.changed(Act.STATEMENT_WITHDRAWN, person, what, *_changes(statement), teams=[statement.team_id])
    return True


def words_of(statement: Statement, account: Account) -> str:
    """`statement 12 of north-nano, 2026-10-01 to 2026-10-31`."""
    return f"statement {statement.pk} of {account.label}, {statement.first} to {statement.last}"


def _changes(statement: Statement) -> list[Change]:
    """What the trail tells of a statement: its figures, for it may be withdrawn one day."""
    total = decimal_of_thousandths(statement.thousandths)
    said = [Change("total", None, "unknown" if total is None else f"{total:f}")]
    return [*said, Change("lines", None, str(statement.lines))] if statement.lines else said


def _user(person: Person) -> User | None:
    return person if isinstance(person, User) else None
