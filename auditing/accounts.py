"""Accounts at providers: made, corrected, given a key."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction

from auditing import trail
from auditing.keys.sealing import store_key
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
    key: str = field(repr=False)
    owner: User | None = None
    base_url: str | None = None
    per_minute: int | None = None


@dataclass(frozen=True, slots=True)
class AccountKept:
    """The account, what became of it, and what its operator should know."""

    account: Account
    change: Change
    warnings: tuple[str, ...]


def accounts_called(labels: Sequence[str]) -> list[Account]:
    """The accounts with these labels in this order, each once; all of them, by label, where none is named.

    Raises InvalidEntry with those there are. Each comes with its team.
    """
    known = {account.label: account for account in Account.objects.select_related("team").order_by("label")}
    if unknown := [label for label in labels if label not in known]:
        there_are = ", ".join(list(known)[:20]) or "none yet"
        raise InvalidEntry(f"account: no account {', '.join(map(repr, unknown))}; there are: {there_are}")
    return [known[label] for label in dict.fromkeys(labels)] if labels else list(known.values())


def keep_account(wanted: AccountWanted, loopback_allowed: bool, by: User | None = None) -> AccountKept:
    """Make the account, or update the one with this label. Raises InvalidEntry.

    Its key is stored anew, whatever it was (nobody here can compare), which ends a pause. `by` is the person
    who does it; None: a command on the server.
    """
    provider = PROVIDERS.get(wanted.provider)
    if provider is None:
        raise InvalidEntry(f"provider: {wanted.provider!r} is none of {', '.join(PROVIDERS)}")
    _check(wanted, loopback_allowed)
    account = Account.objects.filter(label=wanted.label).first()
    change: Change = "updated"
    if account is None:
        account = Account(
            provider=wanted.provider, label=wanted.label, team=wanted.team, base_url=provider.base_url
        )
        change = "added"
    elif (account.provider, account.team_id) != (wanted.provider, wanted.team.pk):
        raise InvalidEntry(
            f"label: {wanted.label!r} is an account of another team or provider; labels are unique"
        )
    _take_over(account, wanted)
    account.save()
    warnings = replace_key(account, wanted.key, by, is_first=change == "added")
    ChainHead.objects.get_or_create(account=account)
    return AccountKept(account, change, warnings)


def add_account(wanted: AccountWanted, loopback_allowed: bool, by: User) -> AccountKept:
    """Make the account, and never change one that there is. Raises InvalidEntry."""
    taken = InvalidEntry(f"label: there is an account {wanted.label!r} already; labels are unique")
    if Account.objects.filter(label=wanted.label).exists():
        raise taken
    try:
        with transaction.atomic():
            return keep_account(wanted, loopback_allowed, by)
    except IntegrityError:
        raise taken from None


def replace_key(
    account: Account, key: str, by: User | None = None, *, is_first: bool = False
) -> tuple[str, ...]:
    """Give the account another key, which ends a pause; what to warn of. Raises InvalidEntry."""
    check_key(key)
    store_key(account, key)
    trail.key_stored(by, account, replaced=not is_first)
    account.paused_at = account.probe_at = account.quarantined_at = None
    account.notice = ""
    account.save(update_fields=["paused_at", "probe_at", "quarantined_at", "notice"])
    provider = PROVIDERS[account.provider]
    return _warnings(provider.key_prefix, key, provider.name)


def _take_over(account: Account, wanted: AccountWanted) -> None:
    """Set what is wanted."""
    values = {
        "owner_id": wanted.owner and wanted.owner.pk,
        "base_url": wanted.base_url and wanted.base_url.rstrip("/"),
        "per_minute": wanted.per_minute,
    }
    for name, value in values.items():
        if value is not None:
            setattr(account, name, value)


def _check(wanted: AccountWanted, loopback_allowed: bool) -> None:
    if not wanted.label or len(wanted.label) > 100 or not wanted.label.isprintable():
        raise InvalidEntry("label: 1 to 100 printable characters are possible")
    check_key(wanted.key)
    if wanted.per_minute is not None and wanted.per_minute < 1:
        raise InvalidEntry("limit: at least 1 request a minute")
    if wanted.base_url is not None:
        check_base_url(wanted.base_url, loopback_allowed)
    if wanted.owner and not Membership.objects.filter(team=wanted.team, user=wanted.owner).exists():
        raise InvalidEntry(
            f"owner: {wanted.owner.username} is not in team {wanted.team.slug}; add_member puts them there"
        )


def check_key(key: str) -> None:
    """Raises InvalidEntry for a text that can't be a key, without saying it."""
    if not key:
        raise InvalidEntry("key: empty; give it by --key-env VAR or on standard input")
    if len(key) > MAX_KEY_LENGTH or not (key.isascii() and key.isprintable()):
        raise InvalidEntry(f"key: at most {MAX_KEY_LENGTH} printable ASCII characters are possible")
    if " " in key:
        raise InvalidEntry("key: a key holds no spaces")


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
