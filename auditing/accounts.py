"""Accounts at providers: made, corrected, given a key."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from auditing.keys import KeyUnreadable, open_key, store_key
from auditing.models import Account, ChainHead, Membership, Team, User
from auditing.providers import PROVIDERS
from auditing.teams import Change, InvalidEntry

MAX_KEY_LENGTH = 500


@dataclass(frozen=True, slots=True)
class AccountWanted:
    """What an account should be. None: as it is already, or for a new one as the provider declares."""

    provider: str
    label: str
    team: Team
    key: str
    owner: User | None = None
    base_url: str | None = None
    per_minute: int | None = None


@dataclass(frozen=True, slots=True)
class AccountKept:
    """The account, what became of it, and what its operator should know."""

    account: Account
    change: Change
    warnings: tuple[str, ...]


def keep_account(wanted: AccountWanted, loopback_allowed: bool) -> AccountKept:
    """Make the account, or update the one with this label; a new key ends a pause. Raises InvalidEntry."""
    provider = PROVIDERS.get(wanted.provider)
    if provider is None:
        raise InvalidEntry(f"provider: {wanted.provider!r} is none of {', '.join(PROVIDERS)}")
    _check(wanted, loopback_allowed)
    account = Account.objects.filter(label=wanted.label).first()
    change: Change = "unchanged"
    if account is None:
        account = Account(
            provider=wanted.provider, label=wanted.label, team=wanted.team, base_url=provider.base_url
        )
        change = "added"
    elif (account.provider, account.team_id) != (wanted.provider, wanted.team.pk):
        raise InvalidEntry(
            f"label: {wanted.label!r} is an account of another team or provider; labels are unique"
        )
    if _take_over(account, wanted) and change != "added":
        change = "updated"
    if not _has_key(account, wanted.key):
        account.paused_at = account.probe_at = account.quarantined_at = None
        account.notice = ""
        change = change if change == "added" else "updated"
        account.save()
        store_key(account, wanted.key)
    elif change == "updated":
        account.save()
    ChainHead.objects.get_or_create(account=account)
    return AccountKept(account, change, _warnings(provider.key_prefix, wanted.key, provider.name))


def _take_over(account: Account, wanted: AccountWanted) -> bool:
    """Set what is wanted and differs; True when anything did."""
    values = {
        "owner_id": wanted.owner and wanted.owner.pk,
        "base_url": wanted.base_url and wanted.base_url.rstrip("/"),
        "per_minute": wanted.per_minute,
    }
    differing = {
        name: value for name, value in values.items() if value is not None and getattr(account, name) != value
    }
    for name, value in differing.items():
        setattr(account, name, value)
    return bool(differing)


def _has_key(account: Account, key: str) -> bool:
    if account.pk is None:
        return False
    try:
        return open_key(account) == key
    except KeyUnreadable:
        return False


def _check(wanted: AccountWanted, loopback_allowed: bool) -> None:
    if not wanted.label or len(wanted.label) > 100 or not wanted.label.isprintable():
        raise InvalidEntry("label: 1 to 100 printable characters are possible")
    if not wanted.key:
        raise InvalidEntry("key: empty; give it by --key-env VAR or on standard input")
    if len(wanted.key) > MAX_KEY_LENGTH or not (wanted.key.isascii() and wanted.key.isprintable()):
        raise InvalidEntry(f"key: at most {MAX_KEY_LENGTH} printable ASCII characters are possible")
    if " " in wanted.key:
        raise InvalidEntry("key: a key holds no spaces")
    if wanted.per_minute is not None and wanted.per_minute < 1:
        raise InvalidEntry("limit: at least 1 request a minute")
    if wanted.base_url is not None:
        check_base_url(wanted.base_url, loopback_allowed)
    if wanted.owner and not Membership.objects.filter(team=wanted.team, user=wanted.owner).exists():
        raise InvalidEntry(
            f"owner: {wanted.owner.username} is not in team {wanted.team.slug}; add_member puts them there"
        )


def check_base_url(url: str, loopback_allowed: bool) -> None:
    """https anywhere, http to loopback where that is allowed; raises InvalidEntry.

    A query, fragment or sign-in in the address would travel with every request, or be cut off by it.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise InvalidEntry(f"base URL: {error}") from None
    if not host or parts.query or parts.fragment or parts.username or parts.password:
        raise InvalidEntry(
            "base URL: only scheme, host, port and path are possible, as in https://example.com"
        )
    if len(url) > 500 or not url.isascii() or not url.isprintable() or " " in url:
        raise InvalidEntry("base URL: at most 500 printable ASCII characters without spaces are possible")
    if parts.scheme == "https":
        return
    if parts.scheme != "http" or not _is_loopback(host):
        raise InvalidEntry(f"base URL: {url!r} is neither https nor http to this machine (127.0.0.1)")
    if not loopback_allowed:
        raise InvalidEntry("base URL: http to this machine needs ALLOW_LOOPBACK_PROVIDERS=true")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _warnings(prefix: str, key: str, name: str) -> tuple[str, ...]:
    if key.startswith(prefix):
        return ()
    return (
        f"the key does not begin with {prefix}, as keys of {name} usually do; it was stored all the same",
    )
