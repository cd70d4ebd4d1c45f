"""The sample world: the same for a seed and a moment, believable, and odd where it says so."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditing.sandbox.world import Job, World, build_world
from tests.sandbox.conftest import NOW


def finals(world: World, provider: str) -> Iterator[dict[str, object]]:
    """The last words about every job of a provider."""
    for name, jobs in world.jobs.items():
        if name == provider:
            yield from (dict(job.timeline[-1].payload) for job in jobs.values())


def created(job: Job) -> datetime:
    return job.timeline[0].since


def test_a_seed_and_a_moment_make_the_same_world_every_time(world: World) -> None:
    assert build_world(7, NOW) == world
    assert build_world(7, NOW.astimezone(timezone(timedelta(hours=9)))) == world


def test_another_seed_makes_another_world(world: World) -> None:
    other = build_world(8, NOW)
    assert not world.jobs["nanobanana"].keys() & other.jobs["nanobanana"].keys()
    assert not {a.api_key for a in world.accounts} & {a.api_key for a in other.accounts}


def test_a_naive_anchor_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        build_world(7, NOW.replace(tzinfo=None))


def test_three_teams_and_a_dozen_people_with_roles(world: World) -> None:
    assert [(team.slug, team.name) for team in world.teams] == [
        ("northlight", "Northlight Studio"),
        ("harbor", "Harbor & Pine"),
        ("kitefilm", "Kite Film"),
    ]
    assert len(world.people) == len({person.username for person in world.people}) == 13
    roles = {(team, role) for person in world.people for team, role in person.memberships}
    assert roles == {(t.slug, role) for t in world.teams for role in ("manager", "auditor", "member")}


def test_accounts_have_keys_in_the_usual_form_and_the_published_limits(world: World) -> None:
    for account in world.accounts:
        nano = account.provider == "nanobanana"
        assert account.api_key.startswith("nb_" if nano else "rb_live_")
        assert account.per_minute == (None if nano else 60)
        if account.owner is not None:
            owner = next(person for person in world.people if person.username == account.owner)
            assert owner.role_in(account.team) == "member"
    assert {a.provider for a in world.accounts if a.owner is not None} == {"nanobanana", "reelbot"}
    assert len({account.label for account in world.accounts}) == len(world.accounts)


def test_about_2500_ids_over_120_days_mostly_with_owners_and_projects(world: World) -> None:
    entries = [entry for kept in world.entries.values() for entry in kept]
    assert 2450 <= len(entries) <= 2550
    jobs = [job for kept in world.jobs.values() for job in kept.values()]
    assert NOW - timedelta(days=120) <= min(map(created, jobs)) < NOW - timedelta(days=117)
    assert max(map(created, jobs)) <= NOW
    assert 0.85 < sum(entry.project is not None for entry in entries) / len(entries) < 0.97
    unowned = [
        e for a in world.accounts if a.owner is None for e in world.entries[a.label] if e.owner is None
    ]
    assert 0 < len(unowned) < 0.1 * len(entries)


def test_owners_belong_to_the_team_and_are_no_auditors(world: World) -> None:
    people = {person.username: person for person in world.people}
    for account in world.accounts:
        owners = {entry.owner for entry in world.entries[account.label]} - {None}
        assert {people[str(owner)].role_in(account.team) for owner in owners} <= {"member", "manager"}


def test_work_is_done_in_office_hours_and_hardly_on_weekends(world: World) -> None:
    zones = {team.slug: timezone(timedelta(hours=team.utc_offset_hours)) for team in world.teams}
    team_of = {account.api_key: account.team for account in world.accounts}
    local = [
        created(job).astimezone(zones[team_of[job.api_key]])
        for jobs in world.jobs.values()
        for job in jobs.values()
        if job.api_key is not None
    ]
    days = Counter(moment.weekday() for moment in local)
    assert days[5] + days[6] < 0.3 * days[2]
    assert sum(9 <= moment.hour < 19 for moment in local) > 0.7 * len(local)


def test_videos_are_varied_and_credits_follow_size_length_and_mode(world: World) -> None:
    videos = list(finals(world, "nanobanana"))
    assert {video["mode"] for video in videos} == {"text-to-video", "image-to-video"}
    assert {video["resolution"] for video in videos} == {"480p", "720p", "1080p", "4k"}
    assert len({video["duration_seconds"] for video in videos}) >= 6
    assert len({video["description"] for video in videos}) > 0.9 * len(videos)
    assert len({video["title"] for video in videos}) > 300
    amounts = [video["credits_used"] for video in videos if isinstance(video["credits_used"], int | float)]
    assert all(amount * 2 == int(amount * 2) for amount in amounts)
    assert 20 < sum(amount != int(amount) for amount in amounts) < 0.2 * len(amounts)
    full_hd = {
        (v["mode"], v["credits_used"])
        for v in videos
        if (v["resolution"], v["duration_seconds"], v["status"]) == ("1080p", 5, "completed")
    }
    assert full_hd - {(mode, None) for mode, _ in full_hd} == {("text-to-video", 7), ("image-to-video", 5)}


def test_processing_takes_a_while_with_a_long_tail(world: World) -> None:
    ordinary = [
        job.timeline
        for job in world.jobs["nanobanana"].values()
        if len(job.timeline) == 3 and job.external_id not in world.live
    ]
    seconds = sorted((end.since - start.since).total_seconds() for _, start, end in ordinary)
    assert 10 < seconds[len(seconds) // 2] < 60
    assert 300 < seconds[-1] <= 2400


def test_every_live_job_has_begun_and_has_not_ended(world: World) -> None:
    jobs = {**world.jobs["nanobanana"], **world.jobs["reelbot"]}
    live = [jobs[name] for name in world.live]
    assert len(live) == 36
    assert {str(job.timeline[-1].payload["status"]) for job in live} == {"completed", "failed"}
    assert all(created(job) <= NOW < job.timeline[-1].since <= NOW + timedelta(hours=1) for job in live)
    states = {str(version.payload["status"]) for job in live if (version := job.version_at(NOW))}
    assert states == {"pending", "queued", "processing"}


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**64), now=st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)))  # noqa: DTZ001
def test_any_seed_at_any_time_makes_a_complete_world(seed: int, now: datetime) -> None:
    now = now.replace(tzinfo=NOW.tzinfo)
    world = build_world(seed, now)
    kinds = {name: getattr(world.oddities, name) for name in world.oddities.__slots__}
    assert all(len(ids) == len(set(ids)) >= 2 for ids in kinds.values())
    assert max(Counter(name for ids in kinds.values() for name in ids).values()) == 1
    kept = {entry.external_id for entries in world.entries.values() for entry in entries}
    assert kept >= {name for ids in kinds.values() for name in ids}
    known = {name for jobs in world.jobs.values() for name in jobs}
    assert kept - known == set(world.oddities.vanished)
