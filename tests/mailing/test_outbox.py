"""Letters go over a real mail server, once each; what it does not take is tried again, and said."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from threading import Barrier

import pytest
from django.core.mail import InvalidMailer
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections, transaction
from pytest_django.fixtures import Settings

from auditing.access import acting_as
from auditing.budgets import note_crossings
from auditing.mailing import Sent, send_due, subscribe, unsent_to, unsubscribe
from auditing.mailing.outbox import HELD, MOST_TRIES
from auditing.models import (
    BudgetNotice,
    Mailing,
    Membership,
    NoticeDismissal,
    ReportSubscription,
    User,
)
from tests.budgets.stage import DECEMBER, MIDDLE, a_budget, a_job
from tests.mailing.conftest import Post, everybody, html_of, text_of
from tests.views.cast import Cast

SENDERS = 6


def reached(people: Cast, *owners: User) -> None:
    """Budgets of these people are used to 85 %, which is noted."""
    for owner in owners:
        a_budget(people.max, people.team, owner=owner)
        a_job(people.nano, owner, 85)
    note_crossings(MIDDLE)


def test_a_letter_says_what_was_used_and_where_to_look(people: Cast, post: Post) -> None:
    """Plain text, and the same as HTML, with the jobs that nobody knows the cost of."""
    a_job(people.nano, people.alice, None)
    reached(people, people.alice)
    assert send_due(MIDDLE) == Sent(sent=2)
    assert post.addresses() == ["alice@example.com", "max@example.com"]
    (letter,) = [message for message in post.taken if "alice" in message["To"]]
    assert letter["Subject"] == "Alice in North: 80 % of the budget for November 2126"
    assert letter["From"] == "clipledger@localhost"
    assert str(letter["Message-ID"]).endswith("@clips.example.com>")
    assert letter["Auto-Submitted"] == "auto-generated"
    text = text_of(letter)
    assert "Alice in North has used 85.0 % of its budget for November 2126:\n85 of 100 credits" in text
    assert "1 job of the month has no figure: what it costs is in no sum." in text
    link = "https://clips.example.com/reports/credits/?period=2126-11&owner=alice&team=north"
    assert (
        f"\n{link}\n" in text
        or f"\n{link.replace('owner=alice&team=north', 'team=north&owner=alice')}\n" in text
    )
    assert "<strong>85.0 %</strong>" in html_of(letter)
    assert send_due(MIDDLE) == Sent()
    assert len(post.taken) == 2


def test_names_are_text_in_a_letter(people: Cast, post: Post) -> None:
    """And no line of its head."""
    User.objects.filter(pk=people.alice.pk).update(first_name="<b>Al</b>\nBcc: x@example.com")
    reached(people, people.alice)
    send_due(MIDDLE)
    assert len(post.taken) == 2
    for letter in post.taken:
        assert letter["Bcc"] is None
        assert "&lt;b&gt;Al&lt;/b&gt;" in html_of(letter)
        assert "<b>Al</b>" in text_of(letter)


@pytest.mark.usefixtures("no_post")
def test_what_could_not_be_sent_is_said_and_tried_again_later(
    people: Cast, request: pytest.FixtureRequest
) -> None:
    """Where no server answers the first attempt is enough; then after two minutes, or at a command's wish."""
    reached(people, people.alice)
    failed = send_due(MIDDLE)
    assert (failed.sent, failed.failed) == (0, 1)
    assert failed.fault.startswith("the mail server can't be reached")
    with acting_as(people.alice):
        (unsent,) = unsent_to(people.alice)
        assert unsent.fault == failed.fault
    with acting_as(people.max):
        assert unsent_to(people.max) == []
    with pytest.raises(CommandError, match=r"1 letters were not sent .* they are tried again"):
        call_command("notify_budgets", stdout=StringIO())
    Mailing.objects.update(next_try_at=MIDDLE + timedelta(minutes=2))
    post: Post = request.getfixturevalue("post")
    assert send_due(MIDDLE + timedelta(minutes=1)) == Sent()
    assert send_due(MIDDLE + timedelta(minutes=2)) == Sent(sent=2)
    assert len(post.taken) == 2
    with acting_as(people.alice):
        assert unsent_to(people.alice) == []


def test_an_address_that_is_refused_holds_up_nobody_and_is_given_up(people: Cast, post: Post) -> None:
    """After twelve attempts, of which each waits longer; what a command tries before that is not counted."""
    post.refuses = {"alice@example.com"}
    reached(people, people.alice)
    assert send_due(MIDDLE) == Sent(sent=1, failed=1, fault="the mail server refused the address")
    assert post.addresses() == ["max@example.com"]
    now, letter = MIDDLE, Mailing.objects.get(person=people.alice)
    for _ in range(MOST_TRIES - 1):
        assert send_due(now, at_once=True).failed == 1
        now = letter.next_try_at
        assert send_due(now).failed == 1
        letter.refresh_from_db()
    assert send_due(now, at_once=True) == Sent()
    assert (letter.tries, letter.dropped_at) == (MOST_TRIES, now)
    assert timedelta(hours=24) < now - MIDDLE < timedelta(hours=48)
    with acting_as(people.alice):
        assert unsent_to(people.alice) == [letter]


@pytest.mark.usefixtures("committed_db")
def test_of_many_senders_each_letter_has_one(post: Post) -> None:
    """All at the same moment, each on a connection of its own."""
    people = everybody()
    reached(people, people.alice, people.bob)
    barrier = Barrier(SENDERS)

    def send(_: int) -> Sent:
        barrier.wait()
        try:
            return send_due(MIDDLE)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(SENDERS) as threads:
        sent = list(threads.map(send, range(SENDERS)))
    assert sum(one.sent for one in sent) == len(post.taken) == 4
    assert len({message["Message-ID"] for message in post.taken}) == 4


def test_a_letter_of_a_sender_that_died_is_sent_by_another(people: Cast, post: Post) -> None:
    """When it has had its time; not before, for it may still be at it."""
    reached(people, people.alice)
    Mailing.objects.update(claimed_until=MIDDLE + HELD)
    assert send_due(MIDDLE, at_once=True) == Sent()
    assert send_due(MIDDLE + HELD) == Sent(sent=2)
    assert len(post.taken) == 2


def test_a_letter_is_held_from_the_moment_at_which_it_is_taken_up(
    people: Cast, settings: Settings, request: pytest.FixtureRequest
) -> None:
    """Not from when its sender began with those before it: with many, that is long ago."""
    reached(people, people.alice)
    settings.MAILERS = {"default": {"BACKEND": "no.such.Backend"}}
    times = iter((0.0, HELD.total_seconds()))
    with pytest.raises(InvalidMailer):
        send_due(MIDDLE, clock=lambda: next(times))
    post: Post = request.getfixturevalue("post")
    assert send_due(MIDDLE + HELD) == Sent(sent=1)
    assert send_due(MIDDLE + 2 * HELD) == Sent(sent=1)
    assert len(post.taken) == 2


def test_who_may_not_read_it_any_more_is_not_sent_it(people: Cast, post: Post) -> None:
    """They left the team, manage it no more, or were switched off since it was asked for."""
    reached(people, people.alice, people.bob)
    Membership.objects.filter(user=people.alice).delete()
    Membership.objects.filter(user=people.max).update(role="auditor")
    User.objects.filter(pk=people.bob.pk).update(is_active=False)
    assert send_due(MIDDLE) == Sent(dropped=4)
    assert post.taken == []
    assert send_due(MIDDLE) == Sent()


def test_who_ended_the_report_meanwhile_is_not_sent_it(people: Cast, post: Post) -> None:
    with acting_as(people.alice):
        subscribe(people.alice)
        unsubscribe(people.alice)
    Mailing.objects.create(person=people.alice, month=DECEMBER)
    assert send_due(MIDDLE) == Sent(dropped=1)
    assert post.taken == []


def test_the_command_notes_and_sends_and_may_be_repeated(people: Cast, post: Post) -> None:
    """As of the clock: nothing of months that no clock has reached."""
    reached(people, people.alice)
    said = [StringIO(), StringIO()]
    for output in said:
        call_command("notify_budgets", stdout=output)
    assert [output.getvalue() for output in said] == [
        "0 thresholds reached, 0 letters asked for; 2 sent, 0 dropped, 0 failed\n",
        "0 thresholds reached, 0 letters asked for; 0 sent, 0 dropped, 0 failed\n",
    ]
    assert len(post.taken) == 2


def test_the_database_shows_nobody_anothers_letters(people: Cast) -> None:
    """Whatever the program asks for; nobody asks for letters, or subscribes, in another's name."""
    reached(people, people.alice)
    with acting_as(people.alice):
        subscribe(people.alice)
    for person in (people.bob, people.audrey, people.otto, people.sid, people.rita):
        with acting_as(person):
            assert (Mailing.objects.count(), ReportSubscription.objects.count()) == (0, 0)
            assert ReportSubscription.objects.all().delete()[0] == 0
        with pytest.raises(DatabaseError), transaction.atomic(), acting_as(person):
            ReportSubscription.objects.create(person=people.max)
    for model in (Mailing, BudgetNotice):
        with pytest.raises(DatabaseError), transaction.atomic(), acting_as(people.rita):
            model.objects.all().delete()
    with pytest.raises(DatabaseError), transaction.atomic(), acting_as(people.max):
        Mailing.objects.create(person=people.max, month=DECEMBER)
    number = BudgetNotice.objects.get(threshold=80).pk
    with acting_as(people.bob):
        assert (BudgetNotice.objects.count(), NoticeDismissal.objects.count()) == (0, 0)
    with pytest.raises(DatabaseError), transaction.atomic(), acting_as(people.bob):
        NoticeDismissal.objects.create(notice_id=number, person=people.bob)
    assert ReportSubscription.objects.get().person == people.alice
