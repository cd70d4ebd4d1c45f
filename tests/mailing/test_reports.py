"""The monthly report by e-mail: once a month, to those who ask for it, of what they may see."""

import re
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from auditing.access import SYSTEM, acting_as
from auditing.mailing import Due, NoAddress, due_reports, make_round, subscribe
from auditing.mailing.letters import letter_of
from auditing.models import Mailing, Membership, ReportSubscription, Role, TrailEntry, User
from tests.budgets.conftest import cut_by
from tests.budgets.stage import DECEMBER, NOVEMBER, a_job
from tests.mailing.conftest import Post, html_of, text_of
from tests.views.cast import Cast

__all__ = ["cut_by"]

FIRST = datetime(2126, 12, 1, 0, 30, tzinfo=UTC)
EARLIER = datetime(2126, 11, 20, tzinfo=UTC)


def subscribed(*people: User, since: datetime = EARLIER) -> None:
    for person in people:
        with acting_as(person):
            subscribe(person)
        ReportSubscription.objects.filter(person=person).update(since=since)


def due(now: datetime) -> Due:
    with acting_as(SYSTEM):
        return due_reports(now)


def said_to(person: User) -> tuple[str, str, str]:
    """The letter of November, without the minute that it was written in."""
    letter = letter_of(Mailing(pk=1, person=person, month=NOVEMBER, asked_at=FIRST))
    minute = re.compile(r"figures as of [-0-9]+ [:0-9]+")
    return letter.subject, minute.sub("", letter.text), minute.sub("", letter.html)


def test_it_is_due_on_the_first_day_after_the_month_in_the_report_zone(people: Cast, cut_by: object) -> None:
    """To who subscribed before the month was over; the others wait for the next."""
    subscribed(people.alice)
    subscribed(people.max, since=datetime(2126, 12, 1, 0, 10, tzinfo=UTC))
    assert due(FIRST) == Due(NOVEMBER, (people.alice,))
    assert due(datetime(2126, 12, 31, 23, 59, tzinfo=UTC)) == Due(NOVEMBER, (people.alice,))
    assert due(datetime(2127, 1, 1, tzinfo=UTC)) == Due(DECEMBER, (people.alice, people.max))
    cut_by("America/New_York")  # type: ignore[operator]
    assert due(FIRST).month < NOVEMBER
    assert due(datetime(2126, 12, 1, 5, tzinfo=UTC)) == Due(NOVEMBER, (people.alice, people.max))


def test_it_is_sent_once_a_month(people: Cast, post: Post) -> None:
    """However many rounds there are, and also to who ended it and asked for it again."""
    subscribed(people.alice)
    for _ in range(3):
        make_round(FIRST)
    ReportSubscription.objects.all().delete()
    subscribed(people.alice)
    make_round(FIRST)
    assert post.addresses() == ["alice@example.com"]
    make_round(datetime(2127, 1, 1, tzinfo=UTC))
    assert [message["Subject"] for message in post.taken] == [
        "Credits of November 2126",
        "Credits of December 2126",
    ]


def test_it_says_what_was_spent_and_what_nobody_knows(people: Cast, post: Post) -> None:
    """With the groups that tell most to its reader, and the report's permanent address."""
    a_job(people.nano, people.alice, 20)
    a_job(people.nano, people.bob, 30, status="failed")
    a_job(people.nano, people.bob, None)
    a_job(people.nano, None, 7, created_at=None)
    subscribed(people.alice, people.max, people.sid)
    make_round(FIRST)
    said = {str(message["To"]).partition("@")[0]: message for message in post.taken}
    text = text_of(said["max"])
    assert "Net credits: 50 (2 jobs with a figure; 1 unknown, in no sum)" in text
    assert "On failed jobs: 30 (1 failed; 1 job with a figure; none unknown)" in text
    assert "- Bob: 30 net; jobs: 2, of which 1 without a figure" in text
    assert "Jobs without a known day, in no month: 1" in text
    assert "https://clips.example.com/reports/credits/?period=2126-11\n" in text
    assert "The month before: unknown (0 jobs with a figure; none unknown)" in text
    assert "By provider:\n- NanoBanana Video: 20 net; jobs: 1, of which 0 without a figure" in text_of(
        said["alice"]
    )
    assert "By team:\n- North: 50 net; jobs: 3" in text_of(said["sid"])
    assert '<th scope="row">Bob</th>' in html_of(said["max"])


def test_rows_of_others_change_no_byte_of_ones_letter(people: Cast) -> None:
    """A member's, an auditor's and a manager's; nor do budgets and subscriptions of others."""
    readers = (people.alice, people.audrey, people.max)
    subscribed(*readers)
    a_job(people.nano, people.alice, 20)
    before = [said_to(person) for person in readers]
    a_job(people.other_nano, people.otto, 1000)
    a_job(people.other_nano, None, None)
    a_job(people.other_reel, people.alice, 5, credits_basis="documented")
    subscribed(people.otto, people.sid)
    assert [said_to(person) for person in readers] == before
    a_job(people.nano, people.bob, 33)
    assert said_to(people.alice) == before[0]
    assert said_to(people.max) != before[2]


def test_who_lost_a_team_is_sent_nothing_of_it(people: Cast, post: Post) -> None:
    """And who was switched off nothing at all."""
    a_job(people.nano, people.bob, 33)
    a_job(people.other_nano, people.otto, 44)
    Membership.objects.create(team=people.other_team, user=people.max, role=Role.MANAGER)
    subscribed(people.max, people.bob)
    Membership.objects.filter(team=people.team, user=people.max).delete()
    User.objects.filter(pk=people.bob.pk).update(is_active=False)
    make_round(FIRST)
    (letter,) = post.taken
    assert letter["To"] == "max@example.com"
    assert "Net credits: 44 (1 job" in text_of(letter)
    assert "North" not in text_of(letter)
    assert "Bob" not in text_of(letter)


def test_one_click_ends_it_and_a_link_that_is_opened_does_not(people: Cast, post: Post) -> None:
    """RFC 8058: the mail program posts to the address, without a session."""
    subscribed(people.alice, people.max)
    make_round(FIRST)
    (letter,) = [message for message in post.taken if "alice" in message["To"]]
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = str(letter["List-Unsubscribe"]).strip("<>")
    assert link in text_of(letter)
    assert all(b"\r\nList-Unsubscribe: <https://clips" in content for content in post.raw)
    assert link.startswith("https://clips.example.com/reports/credits/mail/stop/?for=")
    path = link.removeprefix("https://clips.example.com")
    program = Client(enforce_csrf_checks=True)
    assert program.get(path).status_code == 200
    assert ReportSubscription.objects.count() == 2
    assert program.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert ReportSubscription.objects.get().person == people.max
    assert program.post(path).status_code == 200
    forged = path.replace(f"{people.alice.pk}%3A", f"{people.max.pk}%3A")
    assert forged != path
    assert [program.post(one).status_code for one in (forged, path[:-3], "/reports/credits/mail/stop/")] == [
        404
    ] * 3
    assert ReportSubscription.objects.count() == 1
    told = TrailEntry.objects.filter(owner=people.alice).values_list("act", flat=True)
    assert list(told.order_by("pk")) == ["report_subscribed", "report_unsubscribed"]


def test_nobody_without_an_address_subscribes(people: Cast) -> None:
    people.alice.email = ""
    with pytest.raises(NoAddress), acting_as(people.alice):
        subscribe(people.alice)


def printed(*arguments: str) -> str:
    output = StringIO()
    call_command("mail_reports", *arguments, stdout=output)
    return output.getvalue()


def test_the_command_sends_a_month_to_all_who_have_not_had_it(people: Cast, post: Post) -> None:
    """Also to who subscribed since; a dry run sends and notes nothing."""
    subscribed(people.alice, people.max, since=datetime.now(UTC))
    assert printed("--month", "2026-03", "--dry-run") == "2026-03 would be sent to alice, max\n"
    assert (Mailing.objects.count(), post.taken) == (0, [])
    said = printed("--month", "2026-03")
    assert said == (
        "2026-03 asked for by alice, max; of all letters that waited 2 sent, 0 dropped, 0 failed\n"
    )
    assert printed("--month", "2026-03", "--dry-run") == "2026-03 would be sent to nobody\n"
    assert post.addresses() == ["alice@example.com", "max@example.com"]
    with pytest.raises(CommandError, match="2126-11 is not over yet in UTC"):
        printed("--month", "2126-11")
    for wrong in ("soon", "1066-10"):
        with pytest.raises(CommandError, match="is no month"):
            printed("--month", wrong)


@pytest.mark.usefixtures("no_post")
def test_the_command_fails_where_letters_are_not_sent(people: Cast) -> None:
    subscribed(people.alice)
    with pytest.raises(CommandError, match="1 letters were not sent"):
        printed("--month", "2026-03")
    assert Mailing.objects.get().fault.startswith("the mail server can't be reached")
