"""Who gets the monthly report: asked for on a page, ended there or by the signed link in each letter."""

from django.core.signing import BadSignature, Signer

from auditing import trail
from auditing.models import Act, ReportSubscription, User

_SIGNER = "auditing.mailing.stop"
WHAT = "credit report by e-mail, each month"


class NoAddress(Exception):
    """Somebody without an e-mail address can't be sent anything."""


def is_subscribed(person: User) -> bool:
    """Whether this person gets the report."""
    return ReportSubscription.objects.filter(person=person).exists()


def subscribe(person: User) -> None:
    """Send this person the report from this month on. Raises NoAddress."""
    if not person.email:
        raise NoAddress
    if ReportSubscription.objects.get_or_create(person=person)[1]:
        trail.changed(Act.REPORT_SUBSCRIBED, person, WHAT)


def unsubscribe(person: User) -> None:
    """Send them no more."""
    if ReportSubscription.objects.filter(person=person).delete()[0]:
        trail.changed(Act.REPORT_UNSUBSCRIBED, person, WHAT)


def stop_word(person: User) -> str:
    """What stands in a letter's link, and lets whoever has it end the letters to this person, and no more."""
    return Signer(salt=_SIGNER).sign(str(person.pk))


def person_of(word: str) -> User | None:
    """Whose letters a link ends; None for a link that is none of ours."""
    try:
        return User.objects.filter(pk=int(Signer(salt=_SIGNER).unsign(word))).first()
    except (BadSignature, ValueError):
        return None
