"""What a program sends, as JSON or as NDJSON: ids, each for an account, each answered with a result."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO

from auditing.access import Person, accounts_to_add_to, acting_as
from auditing.intake.choosing import Accounts, NoAccount
from auditing.intake.formats import Entry, NotJson, Rejection, entry_of, json_lines, json_value, lines_of
from auditing.intake.register import Intake, Registered, UnknownOwner
from auditing.models import Account
from auditing.providers import PROVIDERS

MOST_ITEMS = 100_000
LIST_KEY = "generations"
DEFAULTS = ("account", "provider", "owner")


class BadRequest(ValueError):
    """What was sent can't be read as a whole, or would be registered for nobody knows whom; nothing was."""


class TooMany(ValueError):
    """More items than one request may have; nothing was registered."""


@dataclass(frozen=True, slots=True)
class Sent:
    """Items with their numbers, from 1 (of lines, in NDJSON), and the defaults that were said beside them."""

    items: Sequence[tuple[int, Any]]
    defaults: Mapping[str, str]


def sent_as_json(body: bytes, defaults: Mapping[str, str]) -> Sent:
    """One id or generation response, a list of them, or `{"generations": [ … ]}` with defaults beside it.

    Raises BadRequest, naming the line or the field, and TooMany.
    """
    try:
        found = json_value(body)
    except NotJson as error:
        raise BadRequest(_with_line(body, str(error))) from None
    if isinstance(found, Mapping) and LIST_KEY in found:
        said = {key: found[key] for key in DEFAULTS if found.get(key) is not None}
        defaults, found = {**defaults, **said}, found[LIST_KEY]
        if not isinstance(found, list):
            raise BadRequest(f"{LIST_KEY}: expected a list, got {type(found).__name__}")
    items = found if isinstance(found, list) else [found]
    return _sent(list(enumerate(islice(items, MOST_ITEMS + 1), start=1)), defaults)


def sent_as_ndjson(stream: BinaryIO, defaults: Mapping[str, str]) -> Sent:
    """A line an item; a line that can't be read is that item's Rejection. Raises BadRequest and TooMany."""
    return _sent(list(islice(json_lines(lines_of(stream)), MOST_ITEMS + 1)), defaults)


def _sent(items: Sequence[tuple[int, Any]], defaults: Mapping[str, Any]) -> Sent:
    if len(items) > MOST_ITEMS:
        raise TooMany
    for key, value in defaults.items():
        if not isinstance(value, str):
            raise BadRequest(f"{key}: expected text, got {type(value).__name__}")
    return Sent(items, defaults)


def _with_line(body: bytes, reason: str) -> str:
    """The reason with the line in place of the byte, where it names one."""
    at = re.search(r" \(byte (\d+)\)$", reason)
    return f"line {body[: int(at[1])].count(b'\n') + 1}: {reason[: at.start()]}" if at else reason


def register_sent(person: Person, sent: Sent) -> list[Registered | Rejection]:
    """Register every item, and say what became of each, in their order.

    An account's ids are registered a transaction each 10,000; sending the same again is always safe. Raises
    BadRequest when a default is no account, provider or owner that this person could mean.
    """
    try:
        with acting_as(person):
            accounts = Accounts(accounts_to_add_to(person).select_related("team"), sent.defaults)
    except NoAccount as error:
        raise BadRequest(str(error)) from None
    results: dict[int, Registered | Rejection] = {}
    entries: dict[Account, list[Entry]] = defaultdict(list)
    for number, value in sent.items:
        placed = _placed(number, value, accounts)
        if isinstance(placed, Rejection):
            results[number] = placed
        else:
            entries[placed[0]].append(placed[1])
    for account, intake in _intakes(person, entries, sent.defaults.get("owner")):
        results.update((result.line, result) for result in intake.results(entries[account]))
    return [results[number] for number, _ in sent.items]


def _placed(number: int, value: Any, accounts: Accounts) -> tuple[Account, Entry] | Rejection:
    if isinstance(value, Rejection):
        return value
    try:
        account = accounts.meant_by(value if isinstance(value, Mapping) else {})
    except NoAccount as error:
        return Rejection(number, str(error))
    entry = entry_of(number, value, PROVIDERS[account.provider])
    return entry if isinstance(entry, Rejection) else (account, entry)


def _intakes(person: Person, accounts: Iterable[Account], owner: str | None) -> list[tuple[Account, Intake]]:
    """One for each account; all of them before any registers, so that a bad owner leaves nothing behind."""
    try:
        return [(account, Intake(account, person, owner)) for account in accounts]
    except UnknownOwner as error:
        raise BadRequest(str(error)) from None
