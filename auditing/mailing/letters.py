"""What a letter says: settled when it is sent, by what its person may see then, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import QueryDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst

from auditing.access import SYSTEM, acting_as, notices_for, sight_of
from auditing.budgets.months import month_name, report_zone
from auditing.budgets.subjects import report_query, subject_of
from auditing.budgets.use import term_in
from auditing.mailing.subscribing import is_subscribed, stop_word
from auditing.models import BudgetNotice, Mailing, User
from auditing.records import decimal_of_thousandths
from auditing.reports import Asked, CreditReport, Credits, credit_report

MOST_GROUPS = 20


class NotToBeSent(Exception):
    """Its person is not to get it any more; the message says why."""


@dataclass(frozen=True, slots=True)
class Letter:
    """An e-mail's subject, its text, the same as HTML, and headers of its own."""

    subject: str
    text: str
    html: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Group:
    """One line of the report's table, in words."""

    name: str
    jobs: str
    net: str
    unknown: str


def letter_of(mailing: Mailing) -> Letter:
    """What to send now. Raises NotToBeSent, and reports.OtherZone."""
    with acting_as(SYSTEM):
        person = User.objects.filter(pk=mailing.person_id, is_active=True).exclude(email="").first()
    if person is None:
        raise NotToBeSent("switched off, or without an address")
    with acting_as(person, at_one_moment=True):
        month, notice = mailing.month, mailing.notice_id or 0
        letter = _of_report(person, month) if month else _of_notice(person, notice)
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    return Letter(
        letter.subject,
        letter.text,
        letter.html,
        {"Message-ID": f"<letter-{mailing.pk}.{mailing.asked_at:%Y%m%d%H%M%S}@{host}>", **letter.headers},
    )


def _of_notice(person: User, notice_id: int) -> Letter:
    notices = notices_for(person).select_related("budget__team", "budget__owner", "budget__account")
    notice = notices.prefetch_related("budget__terms").filter(pk=notice_id).first()
    if notice is None:
        raise NotToBeSent("not this person's to read any more")
    whose, month = capfirst(subject_of(notice.budget)), month_name(notice.month)
    subject = f"{whose}: {notice.threshold} % of the budget for {month}"
    return _written("budget", subject, {"person": person, **_notice_words(notice)})


def _notice_words(notice: BudgetNotice) -> dict[str, Any]:
    term, zone = term_in(notice.budget, notice.month), report_zone()
    documented = term.documented if term else True
    query = report_query(notice.budget, notice.month, documented, zone)
    return {
        "subject": subject_of(notice.budget),
        "month": month_name(notice.month),
        "threshold": notice.threshold,
        "used": amount(notice.used),
        "allowed": amount(notice.allowed),
        "share": f"{notice.used * 1000 // notice.allowed / 10:.1f} %",
        "unknown": notice.unknown,
        "documented": documented,
        "noticed_at": f"{notice.noticed_at.astimezone(zone):%Y-%m-%d %H:%M}",
        "zone": zone.key,
        "report": address("report_credits", query),
        "budgets": address("budgets"),
    }


def _of_report(person: User, month: date) -> Letter:
    if not is_subscribed(person):
        raise NotToBeSent("unsubscribed meanwhile")
    zone = report_zone()
    asked = Asked.from_query(
        QueryDict(f"period={month:%Y-%m}&group={_grouping(person)}"),
        timezone.now().astimezone(zone).date(),
        zone,
    )
    report = credit_report(person, asked, timezone.now(), MOST_GROUPS)
    stop = address("report_mail_stop", urlencode({"for": stop_word(person)}))
    values = {"person": person, "month": month_name(month), "stop": stop}
    headers = {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    letter = _written("report", f"Credits of {values['month']}", {**values, **_report_words(report)})
    return Letter(letter.subject, letter.text, letter.html, headers)


def _grouping(person: User) -> str:
    """What tells most: teams for who sees several, people for who sees one whole, else the providers."""
    sight = sight_of(person)
    if sight.everything or len(sight.teams) > 1:
        return "team"
    return "owner" if sight.whole_teams else "provider"


def _report_words(report: CreditReport) -> dict[str, Any]:
    total, before = report.total, report.before
    return {
        "zone": report.zone.key,
        "as_of": f"{report.as_of.astimezone(report.zone):%Y-%m-%d %H:%M}",
        "jobs": f"{total.jobs:,}",
        "net": amount(total.credits.net),
        "gross": amount(total.credits.gross),
        "refunded": amount(total.credits.refunded),
        "rests_on": rests_on(total.credits),
        "failed": amount(total.failed.net),
        "failed_jobs": f"{total.failed_jobs:,}",
        "failed_rests_on": rests_on(total.failed),
        "unresolved": f"{total.unresolved:,}" if total.unresolved else "",
        "undated": f"{report.undated_jobs:,}" if report.undated_jobs else "",
        "before": amount(before.credits.net) if before else "unknown",
        "before_rests_on": rests_on(before.credits) if before else "",
        "head": report.heads[0] if report.heads else "",
        "groups": [
            Group(line.names[0], f"{line.jobs:,}", amount(line.credits.net), f"{line.credits.unknown:,}")
            for line in report.lines
        ],
        "more_groups": (report.many or 0) - len(report.lines),
        "report": address("report_credits", report.asked.canonical()),
    }


def amount(thousandths: int | None) -> str:
    """`12,480`, `2.5`; what is not known is said so, and is no 0."""
    return "unknown" if thousandths is None else f"{decimal_of_thousandths(thousandths):,f}"


def rests_on(sums: Credits) -> str:
    """`40 jobs with a figure; 2 unknown, in no sum`."""
    jobs = "job" if sums.known == 1 else "jobs"
    unknown = f"{sums.unknown:,} unknown, in no sum" if sums.unknown else "none unknown"
    documented = f"; {sums.documented:,} of them documented, not reported" if sums.documented else ""
    return f"{sums.known:,} {jobs} with a figure; {unknown}{documented}"


def address(route: str, query: str = "") -> str:
    """The whole address of a page, as people outside reach it."""
    return f"{settings.PUBLIC_URL}{reverse(route)}{f'?{query}' if query else ''}"


def _written(name: str, subject: str, values: dict[str, Any]) -> Letter:
    values = {"title": subject, **values}
    text = render_to_string(f"mail/{name}.txt", values)
    return Letter(subject, text, render_to_string(f"mail/{name}.html", values))
