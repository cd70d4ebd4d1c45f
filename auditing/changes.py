"""What changed between two payloads of one record, field by field."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

type Payload = Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Change:
    """One field that two payloads do not agree on. None: the payload does not have the field at all.

    `field` is the path in the payload (`video.status`); values are as JSON writes them, texts without
    quotes.
    """

    field: str
    old: str | None
    new: str | None


def changes(before: Payload, after: Payload) -> tuple[Change, ...]:
    """The fields in which the payloads differ: those of `after` in its order, then those that went."""
    old, new = dict(_fields(before or {})), dict(_fields(after or {}))
    names = [*new, *(name for name in old if name not in new)]
    return tuple(
        Change(name, _text(old, name), _text(new, name))
        for name in names
        if name not in old or name not in new or not _same(old[name], new[name])
    )


def _fields(payload: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in payload.items():
        if isinstance(value, Mapping) and value:
            yield from _fields(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON: `true` is not 1."""
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _text(fields: Mapping[str, Any], name: str) -> str | None:
    if name not in fields:
        return None
    value = fields[name]
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
