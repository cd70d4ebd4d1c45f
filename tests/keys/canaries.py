"""Keys that can be found again wherever one ends up, and a provider that gives them back in every way."""

import base64
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from tests.sync.scripted import Reply, project, video

PREFIXES = {"nanobanana": "nb_", "reelbot": "rb_live_"}
# What keys of other makes hold: characters that addresses, JSON and base64 write in other ways.
ENDS = ("", "+/=", "%2F&x", '"\\', "-._~")


@dataclass(frozen=True)
class Canaries:
    """So many keys of one kind, which share a text that nothing else in the world holds."""

    count: int
    mark: str

    def key(self, number: int) -> str:
        """The key of the account with this number."""
        return f"{PREFIXES[self.provider(number)]}{self.mark}{number:05}{ENDS[number % len(ENDS)]}0000"

    def provider(self, number: int) -> str:
        """Every third account is ReelBot's."""
        return "reelbot" if number % 3 == 0 else "nanobanana"

    def needles(self) -> list[bytes]:
        """The shared text as it is, in hex, and in base64 wherever it begins: alphanumeric, so in addresses
        and JSON it is as it is."""
        mark = self.mark.encode()
        in_hex = mark.hex().encode()
        return [mark, in_hex, in_hex.upper(), *(_in_base64(mark, before) for before in range(3))]

    def in_any(self, texts: Iterable[bytes]) -> bool:
        """Whether any key, or half of one, stands in any of these."""
        return any(needle in text for text in texts for needle in self.needles())

    def found_in(self, text: bytes) -> list[bytes]:
        """The first places of the text where a key stands, with what is around it."""
        places = [text.find(needle) for needle in self.needles()]
        return [text[max(0, place - 80) : place + 80] for place in places if place >= 0]


def new_canaries(count: int) -> Canaries:
    """Keys that were never used before: a database's leftovers hold none."""
    return Canaries(count, secrets.token_hex(8))


def _in_base64(text: bytes, before: int) -> bytes:
    """What of the text stands in base64 whatever surrounds it, when so many bytes (modulo 3) come before."""
    whole = base64.b64encode(bytes(before) + text).rstrip(b"=")
    return whole[(0, 2, 3)[before] : len(whole) - (1 if (before + len(text)) % 3 else 0)]


def forms(key: str) -> list[str]:
    """The key as providers, proxies and their logs may write it."""
    plain = key.encode()
    return [
        key,
        quote(key, safe=""),
        plain.hex(),
        plain.hex().upper(),
        *(base64.b64encode(b"x" * before + plain).decode() for before in range(3)),
        base64.urlsafe_b64encode(plain).decode(),
        f"Authorization: Bearer {key}",
    ]


def escaped(text: str) -> str:
    """The inside of a JSON string, of which everything is escaped that can be."""
    return "".join(f"\\u{ord(character):04x}" for character in text)


def echo(provider: str, external_id: str, kind: int, key: str) -> Reply:
    """An answer of this kind, in which the key comes back."""
    every = " ".join(forms(key))
    headers = {"X-Debug": f"key={key}", "Set-Cookie": f"k={quote(key, safe='')}", "Retry-After": key}
    says = {"success": False, "error": f"no access for {every}", "message": every, "code": key}
    good = (
        video(external_id, title=f"By {key}", description=every, debug={key: [every]})
        if provider == "nanobanana"
        else project(message=every, outputKey=f"users/{key}/video.mp4", debug={key: [every]})
    )
    body = json.dumps(good.body)
    return [
        Reply(200, good.body, headers),
        Reply(200, body.replace(json.dumps(key)[1:-1], escaped(key)).encode(), headers),
        Reply(200, body.replace("/", "\\/").encode(), headers),
        Reply(200, {**good.body, "success": False, "error": every}, headers),
        Reply(200, f"<p>{every}</p>".encode(), headers),
        Reply(403, says, headers),
        Reply(404, {**says, "error": key, "message": key}, headers),
        Reply(400, {"success": False, "error": f"{'x' * 180} {key}"}, headers),
        Reply(500, f"<pre>{every}</pre>".encode(), headers),
        Reply(302, b"", {"Location": f"http://127.0.0.1:9/?key={key}", **headers}),
        Reply(429, says, headers),
        Reply(401, says, headers),
    ][kind]


KINDS = 12
