"""Letters that were asked for: claimed, sent, marked; tried again where no mail server took them."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import Policy
from email.policy import default as default_policy
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.db.models import Case, F, Q, QuerySet, When

from auditing.access import SYSTEM, acting_as
from auditing.mailing.letters import Letter, NotToBeSent, letter_of
from auditing.models import Mailing, User
from auditing.redaction import redact
from auditing.reports import OtherZone

log = logging.getLogger(__name__)

AT_ONCE = 500
HELD = timedelta(minutes=10)
"""For so long whoever claimed a letter may take to send it; then it is taken for dead."""
MOST_TRIES = 12
LONGEST_PAUSE = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of letters: sent, dropped because they were not for their person any more, failed."""

    sent: int = 0
    dropped: int = 0
    failed: int = 0
    fault: str = ""


def send_due(now: datetime, *, at_once: bool = False, clock: Callable[[], float] = time.monotonic) -> Sent:
    """Send the letters that wait; with `at_once` also those that failed and were to be tried later.

    Where the mail server can't be reached the others are left for the next time. `clock` tells in seconds
    how long it has been at it: the last of many letters is held for as long as the first.
    """
    sent, dropped, faults, began = 0, 0, list[str](), clock()
    for number in _waiting(now, at_once):
        mailing = _claim(number, now + timedelta(seconds=clock() - began))
        if mailing is None:
            continue
        try:
            _send(mailing)
        except NotToBeSent as reason:
            _drop(mailing, str(reason), now)
            dropped += 1
        except (OSError, OtherZone, ValueError) as failed:  # an SMTPException is an OSError
            faults.append(_note_fault(mailing, failed, now))
            if isinstance(failed, OSError) and not isinstance(failed, SMTPException):
                break
        else:
            _mark(mailing, now)
            sent += 1
    return Sent(sent, dropped, len(faults), faults[-1] if faults else "")


def _waiting(now: datetime, at_once: bool) -> list[int]:
    with acting_as(SYSTEM):
        rows = _free(now) if at_once else _free(now).filter(next_try_at__lte=now)
        return list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])


def _free(now: datetime) -> QuerySet[Mailing]:
    unheld = Q(claimed_until=None) | Q(claimed_until__lte=now)
    return Mailing.objects.filter(unheld, sent_at=None, dropped_at=None)


def _claim(number: int, now: datetime) -> Mailing | None:
    """The letter, held by this process; None when another has it, or it was sent. A try before its time is
    not counted: a command that is run often would soon have made all of them."""
    counted = Case(When(next_try_at__lte=now, then=1), default=0)
    with acting_as(SYSTEM):
        if not _free(now).filter(pk=number).update(claimed_until=now + HELD, tries=F("tries") + counted):
            return None
        related = ("person", "notice__budget__team", "notice__budget__owner", "notice__budget__account")
        return Mailing.objects.select_related(*related).get(pk=number)


def _send(mailing: Mailing) -> None:
    """Write it by what its person may see now, and hand it to the mail server, in no transaction."""
    message_of(mailing, letter_of(mailing)).send()


class _Message(EmailMultiAlternatives):
    """An e-mail whose lines are as long as they have to be: in shorter ones Python's email would encode the
    address in List-Unsubscribe, and no mail program would know it."""

    def message(self, *, policy: "Policy[Any] | None" = default_policy) -> EmailMessage:
        """The message as it is sent; 998 characters are what a line may have."""
        return super().message(policy=(policy or default_policy).clone(max_line_length=990))


def message_of(mailing: Mailing, letter: Letter) -> EmailMultiAlternatives:
    """The letter as an e-mail: plain text, and the same as HTML."""
    message = _Message(
        subject=" ".join(letter.subject.split()),
        body=letter.text,
        to=[mailing.person.email],
        headers={"Auto-Submitted": "auto-generated", **letter.headers},
    )
    message.attach_alternative(letter.html, "text/html")
    return message


def _mark(mailing: Mailing, now: datetime) -> None:
    with acting_as(SYSTEM):
        Mailing.objects.filter(pk=mailing.pk).update(sent_at=now, claimed_until=None, fault="")


def _drop(mailing: Mailing, reason: str, now: datetime) -> None:
    with acting_as(SYSTEM):
        Mailing.objects.filter(pk=mailing.pk).update(dropped_at=now, claimed_until=None, fault=reason[:300])


def _note_fault(mailing: Mailing, failed: Exception, now: datetime) -> str:
    """Note why it failed and when it is tried again: after 2 minutes, 4, 8, up to 6 hours; twelve times."""
    fault = redact(_words(failed))[:300]
    pause = min(timedelta(minutes=2**mailing.tries), LONGEST_PAUSE)
    is_over = mailing.tries >= MOST_TRIES
    log.warning(
        "the letter %s was not sent: %s",
        mailing.pk,
        fault,
        extra={"tries": mailing.tries, "given_up": is_over},
    )
    with acting_as(SYSTEM):
        Mailing.objects.filter(pk=mailing.pk).update(
            fault=fault,
            claimed_until=None,
            next_try_at=now + pause if mailing.next_try_at <= now else mailing.next_try_at,
            dropped_at=now if is_over else None,
        )
    return fault


def _words(failed: Exception) -> str:
    if isinstance(failed, OtherZone):
        return str(failed)
    if isinstance(failed, ValueError):
        return "the address can't be written to"
    if isinstance(failed, SMTPRecipientsRefused):
        return "the mail server refused the address"
    if isinstance(failed, SMTPResponseException):
        return f"the mail server refused it with {failed.smtp_code}"
    if isinstance(failed, SMTPException):
        return f"the mail server broke off: {type(failed).__name__}"
    return f"the mail server can't be reached: {getattr(failed, 'strerror', None) or type(failed).__name__}"


def unsent_to(person: User) -> list[Mailing]:
    """The letters to this person that the mail server did not take: still tried, or given up."""
    rows = Mailing.objects.filter(person=person, sent_at=None).exclude(fault="")
    lasting = Q(dropped_at=None) | Q(tries__gte=MOST_TRIES)
    return list(rows.filter(lasting).select_related("notice").order_by("-pk")[:5])
