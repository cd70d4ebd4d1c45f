"""The ordinary work of the teams: who asked which provider for what, when, and how it went."""

from dataclasses import dataclass
from datetime import datetime
from math import ceil
from random import Random

from auditing.sandbox import cast, payloads, prompts, rhythm, timings
from auditing.sandbox.campaigns import CAMPAIGNS, Campaign, campaigns_of
from auditing.sandbox.cast import Account
from auditing.sandbox.chance import stream
from auditing.sandbox.payloads import Span, Take
from auditing.sandbox.timeline import Job

_JOBS = {"northlight": 1140, "harbor": 845, "kitefilm": 480}
_SHARES = {  # of its team's jobs
    "northlight-nano": 55,
    "northlight-nano-jonas": 12,
    "northlight-reel": 33,
    "harbor-nano": 50,
    "harbor-nano-lucia": 15,
    "harbor-reel": 35,
    "kite-nano": 58,
    "kite-reel": 27,
    "kite-reel-noor": 15,
}
_RESOLUTIONS = {"480p": 15, "720p": 40, "1080p": 38, "4k": 7}
_DURATIONS = {4: 10, 5: 40, 6: 8, 8: 18, 10: 14, 12: 6, 15: 4}
_CREDITS_A_SECOND = {"480p": 0.5, "720p": 0.8, "1080p": 1.4, "4k": 3.2}
_MAKERS = ("member", "manager")  # auditors only look
_REELBOT_ERRORS = (
    "Failed to process B-roll asset: file not found",
    "Voiceover synthesis timed out",
    "Render worker ran out of memory",
    "Source clip could not be decoded: moov atom not found",
    "Caption track is longer than the video",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """An id as a team kept it: for whom and for which project, as far as anybody wrote that down."""

    external_id: str
    owner: str | None
    project: str | None


@dataclass(frozen=True, slots=True)
class Order:
    """The id that was kept of a job, the account it was kept under, and the job; None if nobody knows it."""

    account: Account
    entry: Entry
    job: Job | None


def ordinary_orders(accounts: tuple[Account, ...], seed: int, now: datetime) -> list[Order]:
    """All finished jobs of the last 120 days before `now`, team by team, oldest first."""
    orders: list[Order] = []
    for team in cast.TEAMS:
        chance = stream(seed, f"production {team.slug}")
        calendar = rhythm.rhythm(chance, now, team.utc_offset_hours)
        ours = [account for account in accounts if account.team == team.slug]
        shares = [_SHARES[account.label] for account in ours]
        for moment in calendar.moments(chance, _JOBS[team.slug]):
            account = chance.choices(ours, shares)[0]
            orders.append(_ordinary_order(chance, account, moment, now))
    return orders


def live_order(account: Account, seed: int, number: int, now: datetime) -> Order:
    """A job created just now, which goes on while the world is served; one in eight will fail."""
    chance = stream(seed, f"live {account.label} {number}")
    campaign = _campaign(chance, account.team, 0)
    take = _take(chance, campaign)
    return _placed(chance, account, campaign, take, timings.live_span(chance, now), chance.random() < 0.125)


def _ordinary_order(chance: Random, account: Account, moment: datetime, now: datetime) -> Order:
    campaign = _campaign(chance, account.team, (now - moment).days)
    take = _take(chance, campaign)
    if account.provider == "nanobanana":
        span = timings.nanobanana_span(chance, take, moment, now)
    else:
        span = timings.reelbot_span(chance, moment, now)
    failed = chance.random() < (0.4 if rhythm.in_incident(moment, now) else 0.055)
    return _placed(chance, account, campaign, take, span, failed)


def _placed(
    chance: Random, account: Account, campaign: Campaign, take: Take, span: Span, failed: bool
) -> Order:
    if account.provider == "nanobanana":
        external_id = nanobanana_id(chance)
        timeline = payloads.nanobanana_timeline(external_id, take, span, failed=failed)
    else:
        external_id = reelbot_id(chance, span.created)
        error = chance.choice(_REELBOT_ERRORS) if failed else None
        timeline = payloads.reelbot_timeline(output_key(account.api_key, external_id), span, error=error)
    entry = Entry(external_id, _owner(chance, account), campaign.name if chance.random() < 0.92 else None)
    return Order(account, entry, Job(external_id, account.api_key, timeline))


def nanobanana_id(chance: Random) -> str:
    """Such as `vid_a1b2c3d4e5f6`."""
    return f"vid_{chance.getrandbits(48):012x}"


def reelbot_id(chance: Random, created: datetime) -> str:
    """24 hex digits of which the first eight tell the second of creation, as document stores make them."""
    return f"{int(created.timestamp()):08x}{chance.getrandbits(64):016x}"


def output_key(api_key: str, external_id: str, edition: str = "") -> str:
    """ReelBot's storage key, which names the user that the API key belongs to."""
    return f"users/{api_key[-8:]}/output/video-{external_id[-10:]}{edition}.mp4"


def price(mode: str, resolution: str, seconds: int) -> int | float:
    """Credits of a completed NanoBanana job: whole for text, in halves for pictures, which cost less."""
    full = _CREDITS_A_SECOND[resolution] * seconds
    halves = round(full * 0.75 * 2) if mode == "image-to-video" else ceil(round(full, 3)) * 2
    return halves // 2 if halves % 2 == 0 else halves / 2


def _campaign(chance: Random, team: str, days_ago: int) -> Campaign:
    running = campaigns_of(team, days_ago) or tuple(c for c in CAMPAIGNS if c.team == team)
    return chance.choice(running)


def _take(chance: Random, campaign: Campaign) -> Take:
    mode = chance.choices(("text-to-video", "image-to-video"), (68, 32))[0]
    resolution = chance.choices(tuple(_RESOLUTIONS), tuple(_RESOLUTIONS.values()))[0]
    seconds = chance.choices(tuple(_DURATIONS), tuple(_DURATIONS.values()))[0]
    return Take(
        title=prompts.title(chance, campaign, mode),
        description=prompts.prompt(chance, campaign, mode),
        mode=mode,
        resolution=resolution,
        duration_seconds=seconds,
        credits_used=price(mode, resolution, seconds),
    )


def _owner(chance: Random, account: Account) -> str | None:
    """Who asked: nobody needs to say so for a person's own key, and now and then nobody did for a team's."""
    if account.owner is not None or chance.random() < 0.05:
        return None
    roles = {person.username: person.role_in(account.team) for person in cast.PEOPLE}
    weights = {name: 5 if role == "member" else 1 for name, role in roles.items() if role in _MAKERS}
    return chance.choices(tuple(weights), tuple(weights.values()))[0]
