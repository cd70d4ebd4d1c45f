"""A provider that gives the account's key back: it is taken out before anything of the answer is read."""

import base64
import json
import re
from urllib.parse import quote

from auditing.keys.opening import OpenKey

INSTEAD = "[key]"
SHORTEST_HIDDEN_KEY = 8

# A pair of backslash and character, so that an escaped backslash before `u0041` isn't taken for an escape.
_ESCAPE = re.compile(rb"\\(?:u00([2-7][0-9a-fA-F])|.)", re.DOTALL)


class Hiding:
    """Takes one key out of bodies and sentences, in every form in which it is likely to come.

    A key as short as a word is left in bodies: without it, records could not be read.
    """

    def __init__(self, key: OpenKey) -> None:
        self._key = key.text
        self._forms = _forms(key.text) if len(key.text) >= SHORTEST_HIDDEN_KEY else ()

    def out_of_body(self, body: bytes) -> bytes:
        """The body, with `[key]` wherever it held the key; the very same object where it did not."""
        if b"\\u00" in body and self._holds(plain := _ESCAPE.sub(_unescaped, body)):
            body = plain
        for form in self._forms:
            if form in body:
                body = body.replace(form, INSTEAD.encode())
        return body

    def out_of_text(self, text: str) -> str:
        """A sentence for people, without the key."""
        return text.replace(self._key, INSTEAD)

    def _holds(self, body: bytes) -> bool:
        return any(form in body for form in self._forms)


def _forms(key: str) -> tuple[bytes, ...]:
    """The key plain, in JSON's strings (some write `/` as `\\/`), in an address, in hex, in base64."""
    quoted = json.dumps(key)[1:-1]
    in_address, in_hex = quote(key, safe=""), key.encode().hex()
    texts = {key, quoted, quoted.replace("/", "\\/"), in_address, in_hex, in_hex.upper()}
    texts.add(re.sub("%..", lambda found: found[0].lower(), in_address))
    for before in range(3):
        inner = _in_base64(key.encode(), before)
        texts |= {inner, inner.replace("/", "\\/"), inner.replace("+", "-").replace("/", "_")}
    return tuple(sorted((text.encode() for text in texts), key=len, reverse=True))


def _in_base64(key: bytes, before: int) -> str:
    """What base64 shows of the key, and of nothing else, when so many bytes (modulo 3) stand before it."""
    text = base64.b64encode(bytes(before) + key).decode().rstrip("=")
    ends_within = (before + len(key)) % 3
    return text[(0, 2, 3)[before] : len(text) - (1 if ends_within else 0)]


def _unescaped(found: re.Match[bytes]) -> bytes:
    """The character that `\\u00XX` stands for, as a JSON string has it when it is not put so."""
    if not found[1]:
        return found[0]
    character = bytes.fromhex(found[1].decode())
    return b"\\" + character if character in b'"\\' else character
