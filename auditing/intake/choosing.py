"""Which account an id is for, when a program sends it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from auditing.models import Account
from auditing.providers import PROVIDERS

LABELS_NAMED = 5


class NoAccount(ValueError):
    """An item that names no account for which this person may register ids; the message names those."""


class Accounts:
    """The accounts that one person may register ids for, and which of them an item means.

    That is the one it names; else the only one at the provider that it names, or whose generation response it
    is; else the default; else the only one there is.
    """

    def __init__(self, accounts: Iterable[Account], defaults: Mapping[str, str]) -> None:
        """Raises NoAccount when the default account or provider is none of theirs."""
        self._accounts = {account.label: account for account in accounts}
        said = {key: defaults[key] for key in ("account", "provider") if key in defaults}
        self._default = self._said(said) if said else None

    def meant_by(self, item: Mapping[str, Any]) -> Account:
        """The account that an item is for. Raises NoAccount."""
        said = {key: item[key] for key in ("account", "provider") if item.get(key) is not None}
        if said:
            return self._said(said)
        if self._default:
            return self._default
        answered = [key for key, provider in PROVIDERS.items() if provider.intake_id(item) is not None]
        if len(answered) == 1:
            return self._only("provider", self._at(answered[0]))
        return self._only("account", list(self._accounts.values()))

    def _said(self, said: Mapping[str, Any]) -> Account:
        for key, value in said.items():
            if not isinstance(value, str):
                raise NoAccount(f"{key}: expected text, got {type(value).__name__}")
        provider = said.get("provider")
        if provider is not None and provider not in PROVIDERS:
            raise NoAccount(f"provider: there is no {provider[:64]!r}; there are {', '.join(PROVIDERS)}")
        if "account" not in said:
            return self._only("provider", self._at(said["provider"]))
        account = self._accounts.get(said["account"])
        if account is None or provider not in (None, account.provider):
            there = list(self._accounts.values()) if provider is None else self._at(provider)
            raise NoAccount(f"account: none is called {said['account'][:100]!r} here; {_named(there)}")
        return account

    def _at(self, provider: str) -> list[Account]:
        return [account for account in self._accounts.values() if account.provider == provider]

    def _only(self, key: str, accounts: Sequence[Account]) -> Account:
        if len(accounts) == 1:
            return accounts[0]
        which = "say which account it is for" if accounts else "there is no account that it could be for"
        raise NoAccount(f"{key}: {which}; {_named(accounts or list(self._accounts.values()))}")


def _named(accounts: Sequence[Account]) -> str:
    if not accounts:
        return "there is none that you may register ids for"
    labels = [f"{account.label} ({account.provider})" for account in accounts[:LABELS_NAMED]]
    more = f" and {len(accounts) - LABELS_NAMED} more" if len(accounts) > LABELS_NAMED else ""
    return f"you may choose {', '.join(labels)}{more}"
