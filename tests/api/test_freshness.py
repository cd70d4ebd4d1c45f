"""`Cache-Control: max-age=N`: a worker looks a live record up first, and the request waits a little."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test import RequestFactory
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker

from auditing.access import Bearer, Refused
from auditing.api.freshness import LONGEST_WAIT_SECONDS, Patience, max_age_of
from auditing.api.looking import look_at
from auditing.models import Account, Generation, Lookup, Role, Run, Scope, User
from tests.api.asking import a_token, asked, asked_reelbot
from tests.stage import a_person, a_team, an_account
from tests.stage import registered as register
from tests.sync.scripted import project, scripted
from tests.test_tasks import worker
from tests.views.cast import Cast, assemble, completed, registered
from tests.views.queue import a_worker, end_all, take_all
from tests.waiting import until

AGO = timedelta(minutes=5)


def processing(account: Account, external_id: str, owner: User | None) -> Generation:
    """A live record that was looked up five minutes ago."""
    generation = registered(account, external_id, owner, status="processing", provider_status="processing")
    generation.lookup.looked_up_at = generation.lookup.synced_at = timezone.now() - AGO
    generation.lookup.save()
    return generation


def looked_up(generation: Generation, status: str = "completed") -> None:
    """As a worker would store a good answer."""
    now = timezone.now() + timedelta(seconds=1)
    Generation.objects.filter(pk=generation.pk).update(status=status)
    Lookup.objects.filter(pk=generation.pk).update(outcome="ok", looked_up_at=now, synced_at=now)


def nothing() -> None:
    """What happens in a pause when nothing does."""


@dataclass
class Waited:
    """A patience whose seconds go by in its pauses only; `meanwhile` is what others do in the first one."""

    meanwhile: Callable[[], None] = nothing
    pauses: int = 0

    def pause(self) -> None:
        self.pauses += 1
        if self.pauses == 1:
            self.meanwhile()

    @property
    def patience(self) -> Patience:
        return Patience(clock=lambda: float(self.pauses), pause=self.pause)


def look(
    person: User, cast: Cast, generation: Generation, patience: Patience, max_age: int = 60
) -> Generation:
    """Look as this person's program does, which takes no answer older than `max_age`."""
    request = RequestFactory().get("/", headers={"Cache-Control": f"max-age={max_age}"})
    bearer = Bearer(person, cast.team.pk, frozenset(Scope), token_id=1)
    return look_at(request, bearer, generation.provider, generation.external_id, patience)


def wishes() -> list[tuple[int, list[str], str]]:
    jobs = ProcrastinateJob.objects.order_by("pk")
    return [(job.args["started_by"], job.args["ids"], job.args["trigger"]) for job in jobs]


def test_an_answer_that_comes_in_time_is_waited_for(people: Cast) -> None:
    """It is asked for as the person's wish, before what is merely due."""
    generation = processing(people.reel, "rb-live", people.alice)
    a_worker()
    waited = Waited(lambda: looked_up(generation))
    assert look(people.alice, people, generation, waited.patience).status == "completed"
    assert (waited.pauses, wishes()) == (1, [(people.alice.pk, ["rb-live"], "api")])


def test_patience_ends_and_the_stored_answer_is_given(people: Cast) -> None:
    """The wish stays; whoever asks next waits for the same one."""
    generation = processing(people.reel, "rb-live", people.alice)
    a_worker()
    waited = Waited()
    for _ in range(2):
        assert look(people.alice, people, generation, waited.patience).status == "processing"
    assert waited.pauses == 2 * LONGEST_WAIT_SECONDS
    assert len(wishes()) == 1


def test_nobody_waits_without_a_worker(people: Cast) -> None:
    """The wish is kept for one."""
    generation = processing(people.reel, "rb-live", people.alice)
    waited = Waited()
    assert look(people.alice, people, generation, waited.patience).status == "processing"
    assert (waited.pauses, len(wishes())) == (0, 1)


def test_a_turn_that_ended_without_an_answer_is_not_waited_for(people: Cast) -> None:
    generation = processing(people.reel, "rb-live", people.alice)
    a_worker()

    def taken_and_ended() -> None:
        take_all()
        end_all()

    waited = Waited(taken_and_ended)
    assert look(people.alice, people, generation, waited.patience).status == "processing"
    assert waited.pauses == 1


def test_an_answer_that_is_fresh_enough_is_given_at_once(people: Cast) -> None:
    generation = processing(people.reel, "rb-live", people.alice)
    waited = Waited()
    look(people.alice, people, generation, waited.patience, max_age=3600)
    assert wishes() == []
    look(people.alice, people, generation, waited.patience, max_age=299)
    assert len(wishes()) == 1


@pytest.mark.parametrize("provider", ["nano", "reel"])
def test_a_record_is_looked_up_no_more_often_than_its_provider_wants_polls(
    people: Cast, provider: str
) -> None:
    """However its last lookup went."""
    generation = processing(getattr(people, provider), "live", people.alice)
    every = {"nano": 10, "reel": 5}[provider]
    for seconds, wished in ((every - 2, 0), (every + 2, 1)):
        looked_up_at = timezone.now() - timedelta(seconds=seconds)
        Lookup.objects.update(looked_up_at=looked_up_at, outcome="unreachable")
        look(people.alice, people, generation, Waited().patience, max_age=0)
        assert len(wishes()) == wished


def test_what_is_final_is_not_looked_up_for_a_reader(people: Cast) -> None:
    generation = completed(people.reel, "rb-done", people.alice)
    Lookup.objects.update(looked_up_at=timezone.now() - AGO, synced_at=timezone.now() - AGO)
    look(people.alice, people, generation, Waited().patience, max_age=0)
    assert wishes() == []


def test_a_record_that_was_never_looked_up_is(people: Cast) -> None:
    generation = registered(people.nano, "vid_fresh", people.alice, outcome=None)
    look(people.alice, people, generation, Waited().patience)
    assert wishes() == [(people.alice.pk, ["vid_fresh"], "api")]


def test_only_who_may_refresh_has_it_looked_up(people: Cast) -> None:
    """Members their own, managers the team's; auditors and site auditors read what is stored."""
    generation = processing(people.reel, "rb-live", people.alice)
    for person in (people.audrey, people.sid):
        assert look(person, people, generation, Waited().patience).status == "processing"
    assert wishes() == []
    look(people.max, people, generation, Waited().patience)
    assert wishes() == [(people.max.pk, ["rb-live"], "api")]


@pytest.mark.parametrize(
    "obstacle",
    [
        {"blocked_until": AGO},
        {"paused_at": -AGO, "probe_at": AGO},
        {"quarantined_at": -AGO},
    ],
    ids=["blocked", "paused", "quarantined"],
)
def test_an_account_that_nothing_is_sent_for_is_not_asked(
    people: Cast, obstacle: dict[str, timedelta]
) -> None:
    generation = processing(people.reel, "rb-live", people.alice)
    at = {name: timezone.now() + by for name, by in obstacle.items()}
    Account.objects.filter(pk=people.reel.pk).update(**at)
    assert look(people.alice, people, generation, Waited().patience).status == "processing"
    assert wishes() == []


def test_who_finds_no_place_to_wait_is_answered_at_once(people: Cast) -> None:
    """The worker is asked all the same; places are given back, also by those who end in a refusal."""
    generation = processing(people.reel, "rb-live", people.alice)
    a_worker()

    def taken_from_her() -> None:
        Generation.objects.filter(pk=generation.pk).update(owner=people.bob)

    waited = Waited(taken_from_her)
    patience = replace(waited.patience, places=threading.Semaphore(0))
    look(people.alice, people, generation, patience)
    assert (waited.pauses, len(wishes())) == (0, 1)
    patience.places.release()
    with pytest.raises(Refused):
        look(people.alice, people, generation, patience)
    assert patience.places.acquire(blocking=False)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("max-age=5", 5),
        ("no-cache, Max-Age=0", 0),
        ("max-age=5,no-transform", 5),
        ("", None),
        ("no-cache", None),
        ("max-age=", None),
        ("max-age=-1", None),
        ("max-age=1e3", None),
        ("s-max-age=5", None),
        ("max-age=99999999999999999999", None),
    ],
)
def test_the_header_is_read_as_http_has_it(header: str, seconds: int | None) -> None:
    """What can't be meant is ignored, as the rules for this header want."""
    request = RequestFactory().get("/", headers={"Cache-Control": header})
    assert max_age_of(request) == (None if seconds is None else timedelta(seconds=seconds))


def test_a_worker_looks_it_up_while_a_request_waits(committed_db: str) -> None:
    """All of it: through the queue, by a worker in its own process, from a provider over HTTP."""
    with scripted(lambda _: project("processing")) as provider:
        team = a_team()
        max_ = a_person("max", team, Role.MANAGER)
        account = an_account("reelbot", team=team, base_url=provider.url)
        register(account, ["rb-live"])
        text = a_token(max_, team)
        process = worker(committed_db, "--queues", "sync")
        try:
            until(ProcrastinateWorker.objects.exists)
            answers = [asked_reelbot("rb-live", text, cache_control="max-age=0")]
            until(Lookup.objects.filter(outcome="ok").exists)
        finally:
            process.terminate()
            process.communicate(timeout=60)
    answers.append(asked_reelbot("rb-live", text))
    assert answers[-1].as_said == (200, project("processing").body)
    assert answers[0].status == 200
    assert provider.asked_ids == ["rb-live"]
    assert [(run.trigger, run.started_by_id) for run in Run.objects.all()] == [("api", max_.pk)]


@pytest.mark.usefixtures("committed_db")
def test_a_request_that_waits_holds_no_connection_and_no_transaction() -> None:
    """Seen from within its pause."""
    cast = assemble()
    generation = processing(cast.reel, "rb-live", cast.alice)
    a_worker()
    held: list[object] = []

    def pause() -> None:
        held.append(connection.in_atomic_block)
        looked_up(generation)

    patience = Patience(clock=lambda: 0.0, pause=pause)
    assert look(cast.alice, cast, generation, patience).status == "completed"
    assert held == [False]
    Patience().pause()
    assert connection.connection is None


def test_all_three_lookups_take_the_header(people: Cast) -> None:
    """Without it nothing is ever asked for."""
    processing(people.nano, "vid_live", people.alice)
    processing(people.reel, "rb-live", people.alice)
    text = a_token(people.alice, people.team)
    addresses = ("/api/v1/video-status.php?video_id=vid_live", "/api/v1/generations/nanobanana/vid_live")
    for address in addresses:
        asked(address, text)
    asked_reelbot("rb-live", text)
    assert wishes() == []
    for address in addresses:
        asked(address, text, cache_control="max-age=1")
    asked_reelbot("rb-live", text, cache_control="max-age=1")
    assert [ids for _, ids, _ in wishes()] == [["vid_live"], ["rb-live"]]
