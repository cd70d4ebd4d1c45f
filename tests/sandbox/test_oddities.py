"""Each kind of oddity, seen over HTTP with the key that its id was kept under."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import httpx
import pytest

from auditing.sandbox.world import World
from tests.sandbox.conftest import Clock, Serve, bearer

type LookUp = Callable[[str], httpx.Response]
type Facts = dict[str, object]


@pytest.fixture
def look_up(serve: Serve, world: World) -> LookUp:
    """Looks an id up with the key of the last account that it was kept under."""
    client = serve(world, per_minute=10_000)
    accounts = {
        entry.external_id: account for account in world.accounts for entry in world.entries[account.label]
    }

    def get(external_id: str) -> httpx.Response:
        account = accounts[external_id]
        if account.provider == "nanobanana":
            path, headers = f"/api/v1/video-status.php?video_id={external_id}", bearer(account.api_key)
        else:
            path, headers = f"/api/v1/video/status/{external_id}", {"X-API-Key": account.api_key}
        return client.get(path, headers=headers)

    return get


def facts(answer: httpx.Response) -> Facts:
    """What a 200 says, without NanoBanana's envelope."""
    assert answer.status_code == 200, answer.text
    body: Facts = answer.json()
    video = body.get("video", body)
    assert isinstance(video, dict)
    return video


def nanobanana(ids: Iterable[str]) -> list[str]:
    return [name for name in ids if name.startswith("vid_")]


def reelbot(ids: Iterable[str]) -> list[str]:
    return [name for name in ids if not name.startswith("vid_")]


def test_some_failures_cost_credits_for_good(look_up: LookUp, world: World, clock: Clock) -> None:
    for _ in range(2):
        for name in world.oddities.failed_with_credits:
            video = facts(look_up(name))
            assert video["status"] == "failed"
            assert isinstance(video["credits_used"], int | float)
            assert video["credits_used"] > 0
        clock.forward(days=1)


def test_some_of_them_are_refunded_at_the_second_look(look_up: LookUp, world: World) -> None:
    for name in world.oddities.refunded_later:
        first, second, third = (facts(look_up(name)) for _ in range(3))
        assert isinstance(first["credits_used"], int | float)
        assert first["credits_used"] > 0
        assert second == third == first | {"credits_used": 0}


def test_a_refund_is_there_at_the_first_look_once_its_time_has_come(
    look_up: LookUp, world: World, clock: Clock
) -> None:
    clock.forward(minutes=15)
    assert {facts(look_up(name))["credits_used"] for name in world.oddities.refunded_later} == {0}


def test_some_completed_records_change_without_a_word(look_up: LookUp, world: World) -> None:
    changed: set[str] = set()
    for name in world.oddities.changed_after_completion:
        first, second = facts(look_up(name)), facts(look_up(name))
        assert first["status"] == second["status"] == "completed"
        changed |= {field for field in first if first[field] != second[field]}
    assert changed == {"resolution", "output_url", "outputKey"}


def test_some_completed_records_are_processing_again(look_up: LookUp, world: World) -> None:
    for name in world.oddities.reopened:
        assert [facts(look_up(name))["status"] for _ in range(2)] == ["completed", "processing"]


def test_stuck_jobs_process_for_ever(look_up: LookUp, world: World, clock: Clock) -> None:
    clock.forward(days=30)
    assert {facts(look_up(name))["status"] for name in world.oddities.stuck} == {"processing"}


def test_impossible_times_run_backwards(look_up: LookUp, world: World) -> None:
    for name in nanobanana(world.oddities.impossible_times):
        video = facts(look_up(name))
        assert str(video["processing_completed_at"]) < str(video["processing_started_at"])
    for name in reelbot(world.oddities.impossible_times):
        project = facts(look_up(name))
        assert str(project["updatedAt"]) < str(project["createdAt"])


def test_naive_times_have_no_zone(look_up: LookUp, world: World) -> None:
    for name in world.oddities.naive_times:
        video = facts(look_up(name))
        times = [str(value) for field, value in video.items() if field.endswith("_at")]
        assert len(times) == 4
        assert all(datetime.fromisoformat(time).tzinfo is None for time in times)


def test_unknown_status_words_are_used(look_up: LookUp, world: World) -> None:
    words = {facts(look_up(name))["status"] for name in world.oddities.unknown_status}
    assert words == {"under_review", "cancelled"}


def test_some_credits_and_some_outputs_are_missing(look_up: LookUp, world: World) -> None:
    unpriced = [facts(look_up(name)) for name in world.oddities.unreported_credits]
    assert {(video["status"], video["credits_used"]) for video in unpriced} == {("completed", None)}
    lost = [facts(look_up(name)) for name in world.oddities.completed_without_output]
    assert {v["status"] for v in lost} == {"completed"}
    assert {v.get("output_url", v.get("outputKey")) for v in lost} == {None}


@pytest.mark.parametrize("kind", ["strangers", "other_teams", "other_accounts"])
def test_what_belongs_to_others_is_refused_in_each_providers_way(
    look_up: LookUp, world: World, kind: str
) -> None:
    ids = getattr(world.oddities, kind)
    assert {look_up(name).status_code for name in nanobanana(ids)} == {403}
    assert {look_up(name).status_code for name in reelbot(ids)} <= {404}


def test_what_was_kept_under_the_wrong_account_belongs_to_another_of_the_team(world: World) -> None:
    by_key = {account.api_key: account for account in world.accounts}
    kept = {
        entry.external_id: account for account in world.accounts for entry in world.entries[account.label]
    }
    for name in world.oddities.other_accounts:
        owner = by_key[str(world.jobs["nanobanana"][name].api_key)]
        assert owner != kept[name]
        assert owner.team == kept[name].team


def test_vanished_jobs_are_not_found(look_up: LookUp, world: World) -> None:
    assert {look_up(name).status_code for name in world.oddities.vanished} == {404}


def test_live_jobs_come_to_their_end_within_the_hour(look_up: LookUp, world: World, clock: Clock) -> None:
    order = ("pending", "queued", "processing", "completed", "failed")
    steps: dict[str, list[int]] = {name: [] for name in world.live}
    for _ in range(13):
        for name in world.live:
            steps[name].append(order.index(str(facts(look_up(name))["status"])))
        clock.forward(minutes=5)
    assert all(seen == sorted(seen) for seen in steps.values())
    assert {seen[0] for seen in steps.values()} <= {0, 1, 2}
    assert {seen[-1] for seen in steps.values()} == {3, 4}
    assert clock.now == world.now + timedelta(minutes=65)
