"""A run: what is due is asked for once, what differs is stored, and every number adds up."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.db import connection

from auditing.access import SYSTEM, acting_as, visible_to
from auditing.accounts import AccountWanted, keep_account
from auditing.models import Account, Generation, Lookup, Observation, Run
from auditing.records import Outcome
from auditing.sync.run import Order, run
from auditing.sync.summary import ExitCode, RunSummary
from auditing.sync.turn import Limits
from tests.stage import KEYS, a_team, an_account, registered
from tests.sync.scripted import (
    ACCESS_DENIED,
    KEY_REQUIRED,
    VIDEO_NOT_FOUND,
    Reply,
    ScriptedProvider,
    project,
    scripted,
    video,
)

pytestmark = pytest.mark.usefixtures("committed_db")

WORDS_OF_REELBOT = {"success": False, "message": "Project not found", "code": "NOT_FOUND"}


@pytest.fixture
def nanobanana() -> Iterator[ScriptedProvider]:
    with scripted(video) as provider:
        yield provider


def synced(account: Account, **options: object) -> RunSummary:
    """One run over this account as it is stored now, which always adds up."""
    with acting_as(SYSTEM):
        account = Account.objects.select_related("team").get(pk=account.pk)
    summary = run(Order([account], **options))  # type: ignore[arg-type]
    for part in summary.parts:
        answered = sum(getattr(part, outcome) for outcome in Outcome)
        assert part.requested == answered + part.not_reached
    return summary


def made_due(account: Account) -> None:
    with acting_as(SYSTEM):
        Lookup.objects.filter(account=account).update(due_at=datetime(2026, 1, 1, tzinfo=UTC), resting="")


def row(external_id: str) -> Generation:
    with acting_as(SYSTEM):
        return visible_to(SYSTEM).select_related("lookup", "account").get(external_id=external_id)


def account_now(account: Account) -> Account:
    with acting_as(SYSTEM):
        return Account.objects.get(pk=account.pk)


def test_a_first_run_stores_what_the_provider_says(nanobanana: ScriptedProvider) -> None:
    account = an_account(base_url=nanobanana.url)
    registered(account, ["vid_a"])
    summary = synced(account)
    assert (summary.exit_code, summary.total("requested"), summary.total("ok")) == (0, 1, 1)
    stored = row("vid_a")
    assert stored.status == "completed"
    assert (stored.credits_thousandths, stored.credits_basis) == (7000, "reported")
    assert stored.duration_milliseconds == 5000
    assert stored.created_at == datetime(2026, 5, 5, 16, 0, tzinfo=UTC)
    assert stored.payload == video("vid_a").body
    assert stored.lookup.synced_at == stored.lookup.looked_up_at
    assert nanobanana.asked[0].key == f"Bearer {KEYS['nanobanana']}"


def test_a_run_leaves_nothing_to_fold_for_reports(nanobanana: ScriptedProvider) -> None:
    account = an_account(base_url=nanobanana.url)
    registered(account, ["vid_a", "vid_b"])
    synced(account)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM auditing_rollupdelta")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT sum(jobs), sum(credits) FROM auditing_rollup GROUP BY cuboid")
        assert set(cursor.fetchall()) == {(2, 14_000)}


def test_what_a_job_cost_at_its_most_is_kept(nanobanana: ScriptedProvider) -> None:
    account = an_account(base_url=nanobanana.url)
    registered(account, ["vid_a"])
    most = []
    for charged in (7, 9, None, 2):
        nanobanana.script = partial(video, credits_used=charged)
        synced(account, force=True)
        stored = row("vid_a")
        most.append((stored.credits_thousandths, stored.credits_most_thousandths, "refunded" in stored.flags))
    assert most == [(7000, 7000, False), (9000, 9000, False), (None, 9000, False), (2000, 9000, True)]


def test_an_id_of_any_form_reaches_the_provider_as_one_segment() -> None:
    with scripted(lambda _: project()) as provider:
        account = an_account("reelbot", base_url=provider.url)
        odd = ["a/b?c#d", "ünï cödé", "100%", "..a"]
        registered(account, odd)
        synced(account)
    assert sorted(provider.asked_ids) == sorted(odd)


def test_a_second_run_asks_for_nothing_that_is_not_due_and_force_asks_for_everything(
    nanobanana: ScriptedProvider,
) -> None:
    account = an_account(base_url=nanobanana.url)
    registered(account, ["vid_a", "vid_b"])
    synced(account)
    assert synced(account).total("requested") == 0
    assert synced(account, force=True).total("requested") == 2
    assert synced(account, force=True, ids=("vid_b",)).total("requested") == 1
    assert sorted(nanobanana.asked_ids) == ["vid_a", "vid_a", "vid_b", "vid_b", "vid_b"]


def test_an_unchanged_answer_rewrites_no_record_and_adds_no_observation(nanobanana: ScriptedProvider) -> None:
    account = an_account(base_url=nanobanana.url)
    registered(account, ["vid_a"])
    synced(account)
    version = "SELECT xmin::text::bigint AS id, id AS generation FROM auditing_generation"
    before = [found.pk for found in Generation.objects.raw(version)]
    assert synced(account, force=True).total("changed") == 0
    assert [found.pk for found in Generation.objects.raw(version)] == before
    assert Observation.objects.count() == 1


def test_a_changed_answer_is_stored_flagged_and_observed(nanobanana: ScriptedProvider) -> None:
    account = an_account(base_url=nanobanana.url)
    registered(account, ["vid_a"])
    nanobanana.script = lambda key: video(key, status="failed")
    synced(account)
    nanobanana.script = lambda key: video(key, status="failed", credits_used=0)
    assert synced(account, force=True).total("changed") == 1
    stored = row("vid_a")
    assert stored.credits_thousandths == 0
    assert stored.flags == ["changed_after_completion", "credits_changed", "refunded"]
    with acting_as(SYSTEM):
        seen = list(
            Observation.objects.order_by("sequence").values_list("payload__video__credits_used", flat=True)
        )
    assert seen == [7, 0]


@pytest.mark.parametrize(("later", "flags"), [(9, ["credits_changed"]), (None, ["credits_changed"])])
def test_credits_that_rose_or_are_not_known_any_more_are_no_refund(
    nanobanana: ScriptedProvider, later: int | None, flags: list[str]
) -> None:
    account = an_account(base_url=nanobanana.url)
    registered(account, ["vid_a"])
    nanobanana.script = lambda key: video(key, status="processing")
    synced(account)
    nanobanana.script = lambda key: video(key, status="processing", credits_used=later)
    synced(account, force=True)
    assert row("vid_a").flags == flags


def test_a_status_that_moves_back_counts_and_is_flagged(nanobanana: ScriptedProvider) -> None:
    account = an_account(base_url=nanobanana.url)
    registered(account, ["vid_a"])
    synced(account)
    nanobanana.script = lambda key: video(key, status="processing")
    synced(account, force=True)
    stored = row("vid_a")
    assert stored.status == "processing"
    assert stored.flags == ["changed_after_completion", "status_went_back"]


@pytest.mark.parametrize(
    ("reply", "outcome", "exit_code"),
    [
        (ACCESS_DENIED, Outcome.DENIED, ExitCode.ALL_WELL),
        (VIDEO_NOT_FOUND, Outcome.MISSING, ExitCode.ALL_WELL),
        (Reply(400, {"success": False, "error": "video_id parameter is required"}), Outcome.REJECTED, 3),
        (Reply(405, {"success": False, "error": "Method not allowed"}), Outcome.REJECTED, 3),
        (Reply(500, {"success": False, "error": "Upstream failed"}), Outcome.UNREACHABLE, 3),
        (Reply(503, b"<html>Bad gateway</html>"), Outcome.UNREACHABLE, 3),
        (Reply(404, b"<html>Not the provider</html>"), Outcome.UNREACHABLE, 3),
        (Reply(302, b"", {"Location": "http://127.0.0.1:1/"}), Outcome.UNREACHABLE, 3),
        (Reply(200, b"<html>Welcome</html>"), Outcome.MALFORMED, 3),
        (Reply(200, {"success": True, "video": {"id": "another", "status": "failed"}}), Outcome.MALFORMED, 3),
        (Reply(200, b'{"video": "' + b"x" * 1_100_000 + b'"}'), Outcome.MALFORMED, 3),
        (
            Reply(429, {"success": False, "error": "Slow down"}, {"Retry-After": "60"}),
            Outcome.RATE_LIMITED,
            0,
        ),
        (KEY_REQUIRED, Outcome.UNAUTHORIZED, ExitCode.ACCOUNT_REFUSED),
        (Reply(402, {"success": False, "error": "Quota exceeded"}), Outcome.UNAUTHORIZED, 4),
    ],
)
def test_only_a_good_answer_changes_a_record(
    nanobanana: ScriptedProvider, reply: Reply, outcome: Outcome, exit_code: int
) -> None:
    account = an_account(base_url=nanobanana.url)
    registered(account, ["vid_a"])
    synced(account)
    before = row("vid_a")
    nanobanana.script = lambda _: reply
    summary = synced(account, force=True)
    after = row("vid_a")
    assert (summary.exit_code, summary.total(outcome)) == (exit_code, 1)
    assert after.lookup.outcome == outcome
    assert after.lookup.reason != ""
    assert after.lookup.synced_at == before.lookup.synced_at
    assert (after.status, after.payload, after.flags) == (before.status, before.payload, before.flags)
    assert Observation.objects.count() == 1


def test_a_refused_key_is_used_once_and_the_account_is_paused_with_a_notice(
    nanobanana: ScriptedProvider,
) -> None:
    account = an_account(base_url=nanobanana.url)
    registered(account, [f"vid_{number}" for number in range(50)])
    nanobanana.script = lambda _: KEY_REQUIRED
    summary = synced(account)
    assert len(nanobanana.asked) == 1
    assert (summary.exit_code, summary.total("unauthorized"), summary.total("not_reached")) == (4, 1, 49)
    paused = account_now(account)
    assert paused.paused_at is not None
    assert "refused this account's key" in paused.notice
    assert synced(account, force=True).exit_code == ExitCode.ACCOUNT_REFUSED
    assert len(nanobanana.asked) == 1


def test_a_new_key_ends_the_pause(nanobanana: ScriptedProvider) -> None:
    account = an_account(base_url=nanobanana.url)
    registered(account, ["vid_a"])
    nanobanana.script = lambda _: KEY_REQUIRED
    synced(account)
    nanobanana.script = video
    with acting_as(SYSTEM):
        keep_account(
            AccountWanted("nanobanana", account.label, account.team, "nb_another_key_0123"),
            loopback_allowed=True,
        )
    assert synced(account).exit_code == ExitCode.ALL_WELL
    assert nanobanana.asked[-1].key == "Bearer nb_another_key_0123"
    assert account_now(account).notice == ""


def test_the_daily_probe_sends_one_request_and_resumes_the_account_when_it_is_answered(
    nanobanana: ScriptedProvider,
) -> None:
    account = an_account(base_url=nanobanana.url)
    registered(account, ["vid_a", "vid_b", "vid_c"])
    nanobanana.script = lambda _: KEY_REQUIRED
    synced(account)
    Account.objects.update(probe_at=datetime.now(UTC) - timedelta(seconds=1))
    assert synced(account).total("unauthorized") == 1
    assert len(nanobanana.asked) == 2
    Account.objects.update(probe_at=datetime.now(UTC) - timedelta(seconds=1))
    nanobanana.script = video
    assert synced(account).total("ok") == 3
    assert (account_now(account).paused_at, account_now(account).notice) == (None, "")


def test_a_probe_without_an_answer_leaves_the_account_paused(nanobanana: ScriptedProvider) -> None:
    account = an_account(base_url=nanobanana.url)
    registered(account, ["vid_a"])
    nanobanana.script = lambda _: KEY_REQUIRED
    synced(account)
    Account.objects.update(probe_at=datetime.now(UTC) - timedelta(seconds=1))
    nanobanana.script = lambda _: Reply(503, b"")
    synced(account)
    assert account_now(account).paused_at is not None
    assert "refused this account's key" in account_now(account).notice


def test_after_a_429_nothing_is_sent_before_the_reset(nanobanana: ScriptedProvider) -> None:
    account = an_account(base_url=nanobanana.url)
    registered(account, [f"vid_{number}" for number in range(20)])
    nanobanana.script = lambda _: Reply(429, {"success": False, "error": "Slow"}, {"Retry-After": "120"})
    summary = synced(account)
    assert len(nanobanana.asked) == 1
    assert (summary.total("rate_limited"), summary.total("not_reached")) == (1, 19)
    blocked_until = account_now(account).blocked_until
    assert blocked_until is not None
    assert timedelta(seconds=100) < blocked_until - datetime.now(UTC) < timedelta(seconds=125)
    nanobanana.script = video
    assert synced(account, force=True).total("not_reached") == 20
    assert len(nanobanana.asked) == 1
    Account.objects.update(blocked_until=datetime.now(UTC))
    assert synced(account).total("ok") == 19


def test_twenty_without_an_answer_in_a_row_end_the_turn() -> None:
    account = an_account(base_url="http://127.0.0.1:9")
    registered(account, [f"vid_{number}" for number in range(100)])
    summary = synced(account, limits=Limits(concurrency=1))
    assert (summary.total("unreachable"), summary.total("not_reached")) == (20, 80)
    assert summary.exit_code == ExitCode.SOME_LOOKUPS_FAILED
    assert "No answer twenty times in a row" in summary.parts[0].ended


def test_first_answers_that_are_all_403_pause_the_account_and_touch_no_record(
    nanobanana: ScriptedProvider,
) -> None:
    account = an_account(base_url=nanobanana.url)
    registered(account, [f"vid_{number}" for number in range(100)])
    nanobanana.script = lambda _: ACCESS_DENIED
    summary = synced(account)
    assert summary.exit_code == ExitCode.ACCOUNT_REFUSED
    assert summary.total("denied") == len(nanobanana.asked) < 60
    assert not Lookup.objects.exclude(outcome=None).exists()
    assert "plan" in account_now(account).notice


def test_a_few_strangers_ids_among_others_are_denied_one_by_one(nanobanana: ScriptedProvider) -> None:
    account = an_account(base_url=nanobanana.url)
    registered(account, [f"vid_{number:02}" for number in range(40)])
    nanobanana.script = lambda key: ACCESS_DENIED if key < "vid_10" else video(key)
    summary = synced(account, limits=Limits(concurrency=1))
    assert (summary.exit_code, summary.total("denied"), summary.total("ok")) == (0, 10, 30)
    assert Lookup.objects.filter(outcome="denied").count() == 10
    assert account_now(account).notice == ""


def test_an_id_that_one_account_is_denied_is_asked_for_with_the_others_of_its_team(
    nanobanana: ScriptedProvider,
) -> None:
    keys = {"first": "nb_first_key_00001", "second": "nb_second_key_0002", "third": "nb_third_key_00003"}
    accounts = {
        label: an_account(label=label, base_url=nanobanana.url, key=key) for label, key in keys.items()
    }
    an_account(label="foreign", team=a_team("rivals"), base_url=nanobanana.url, key="nb_foreign_key_004")
    registered(accounts["first"], ["vid_a"])

    def owned_by_third(external_id: str) -> Reply:
        asked_with = nanobanana.asked[-1].key
        return video(external_id) if asked_with == f"Bearer {keys['third']}" else ACCESS_DENIED

    nanobanana.script = owned_by_third
    for account in accounts.values():
        synced(account)
    assert [asked.key for asked in nanobanana.asked] == [f"Bearer {key}" for key in keys.values()]
    stored = row("vid_a")
    assert (stored.status, stored.account.label) == ("completed", "third")
    assert (stored.lookup.account_id, stored.lookup.denied_by) == (accounts["third"].pk, [])
    assert Observation.objects.get().account == accounts["third"]


def test_an_id_that_every_account_of_the_team_is_denied_goes_back_to_its_own_and_waits(
    nanobanana: ScriptedProvider,
) -> None:
    first = an_account(label="first", base_url=nanobanana.url)
    second = an_account(label="second", base_url=nanobanana.url, key="nb_second_key_0002")
    registered(first, ["vid_a"])
    nanobanana.script = lambda _: ACCESS_DENIED
    for account in (first, second):
        synced(account)
    lookup = row("vid_a").lookup
    assert (lookup.account_id, lookup.denied_by, lookup.attempts) == (first.pk, [], 1)
    assert lookup.due_at is not None
    assert lookup.due_at - datetime.now(UTC) > timedelta(hours=23)
    assert synced(first).total("requested") == synced(second).total("requested") == 0


def test_an_account_that_only_ever_met_404_is_flagged() -> None:
    with scripted(lambda _: Reply(404, WORDS_OF_REELBOT)) as provider:
        account = an_account("reelbot", base_url=provider.url, per_minute=60_000)
        registered(account, [f"id{number}" for number in range(25)])
        summary = synced(account)
    assert (summary.exit_code, summary.total("missing")) == (0, 25)
    assert "wrong address or key?" in account_now(account).notice


def test_a_missing_id_keeps_its_record_and_rests_after_three_confirmations(
    nanobanana: ScriptedProvider,
) -> None:
    account = an_account(base_url=nanobanana.url)
    registered(account, ["vid_a"])
    synced(account)
    nanobanana.script = lambda _: VIDEO_NOT_FOUND
    for _ in range(4):
        made_due(account)
        synced(account)
    stored = row("vid_a")
    assert (stored.lookup.attempts, stored.lookup.due_at) == (4, None)
    assert stored.lookup.resting == "missing, confirmed three times"
    assert stored.status == "completed"


def test_reelbot_credits_are_documented_and_unknown_until_the_end() -> None:
    replies = {
        "done": project("completed"),
        "broken": project("failed", error="?"),
        "live": project("queued"),
    }
    with scripted(lambda key: replies[key]) as provider:
        account = an_account("reelbot", base_url=provider.url, per_minute=60_000)
        registered(account, list(replies))
        synced(account)
    figures = {key: (row(key).credits_thousandths, row(key).credits_basis) for key in replies}
    assert figures == {"done": (1000, "documented"), "broken": (0, "documented"), "live": (None, None)}


def test_a_key_that_does_not_open_sends_nothing_and_fails(nanobanana: ScriptedProvider) -> None:
    account = an_account(base_url=nanobanana.url)
    registered(account, ["vid_a"])
    with acting_as(SYSTEM):
        account.credential.sealed_key = bytes(60)
        account.credential.save()
    summary = synced(account)
    assert (summary.exit_code, summary.total("not_reached"), nanobanana.asked) == (ExitCode.FAILED, 1, [])
    assert "does not open with this KEY_ENCRYPTION_KEY" in summary.parts[0].ended


def test_several_accounts_of_both_providers_are_asked_side_by_side(nanobanana: ScriptedProvider) -> None:
    with scripted(lambda _: project()) as reelbot:
        first = an_account(base_url=nanobanana.url)
        second = an_account("reelbot", base_url=reelbot.url, per_minute=60_000)
        registered(first, [f"vid_{number}" for number in range(300)])
        registered(second, [f"id{number}" for number in range(300)])
        summary = run(Order([first, second], limits=Limits(batch_size=50)))
    assert (summary.total("ok"), summary.state) == (600, Run.State.FINISHED)
    assert len(set(nanobanana.asked_ids)) == len(nanobanana.asked) == 300


def test_a_run_out_of_time_stops_with_what_it_has_and_the_next_goes_on(nanobanana: ScriptedProvider) -> None:
    account = an_account(base_url=nanobanana.url, per_minute=600)
    registered(account, [f"vid_{number}" for number in range(60)])
    summary = synced(account, max_seconds=1.0)
    assert (summary.state, summary.exit_code) == (Run.State.STOPPED, 0)
    done = summary.total("ok")
    assert 0 < done < 60
    assert summary.total("not_reached") == 60 - done
    assert synced(account, max_seconds=30).total("ok") == 60 - done
    assert len(set(nanobanana.asked_ids)) == 60


def test_a_database_that_refuses_a_batch_fails_the_run_and_loses_nothing(
    nanobanana: ScriptedProvider,
) -> None:
    account = an_account(base_url=nanobanana.url)
    registered(account, ["vid_a"])
    nanobanana.script = lambda key: video(key, title="fits", resolution="720p")
    with acting_as(SYSTEM):
        account.chain_head.delete()
    with pytest.raises(ExceptionGroup):
        synced(account)
    assert Run.objects.get().state == Run.State.FAILED
    assert row("vid_a").lookup.outcome is None


def test_a_provider_that_echoes_the_key_does_not_give_it_away(nanobanana: ScriptedProvider) -> None:
    key = "nb_0123456789abcdef"
    account = an_account(base_url=nanobanana.url, key=key)
    registered(account, ["vid_a"])
    nanobanana.script = lambda _: Reply(400, {"success": False, "error": f"bad request by {key}"})
    synced(account)
    assert key not in row("vid_a").lookup.reason
    assert "bad request by" in row("vid_a").lookup.reason
