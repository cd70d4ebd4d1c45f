"""Trouble on demand: a share of the requests is answered by a fault, the same ones for the same seed."""

from dataclasses import dataclass
from itertools import accumulate

from auditing.sandbox.chance import stream
from auditing.sandbox.reply import Reply

FAULTS = {
    "401": "the key is suddenly refused",
    "402": "ReelBot: QUOTA_EXCEEDED",
    "403": "NanoBanana: the key's plan no longer includes the API",
    "429": "too many requests, reset in 5 seconds",
    "500": "the provider's own internal error",
    "503": "ReelBot: SERVICE_UNAVAILABLE",
    "slow": "the right answer, 3 seconds late",
    "html": "200 with an HTML maintenance page",
    "json": "200 with JSON that breaks off",
    "proxy": "403 with a firewall's HTML page",
    "redirect": "302 to another host",
    "reset": "the connection is reset without an answer",
}
SLOW_SECONDS = 3.0
RESET_SECONDS = 5

_PAGE = "<!doctype html><title>{0}</title><h1>{0}</h1>\n"
_ANYBODYS = {
    "html": Reply(200, _PAGE.format("Down for maintenance").encode(), "text/html"),
    "json": Reply(200, b'{"success": true, "video": {"id": "vid_'),
    "proxy": Reply(403, _PAGE.format("Blocked by the firewall").encode(), "text/html"),
    "redirect": Reply(302, b"", "text/html", {"Location": "http://localhost/elsewhere"}),
}


@dataclass(frozen=True, slots=True)
class FaultSpec:
    """Which faults strike which share of the lookups, between 0 and 1."""

    shares: tuple[tuple[str, float], ...] = ()

    @classmethod
    def parse(cls, text: str) -> "FaultSpec":
        """Read `429=0.01,slow=0.05`; ValueError says what is wrong with it."""
        shares: dict[str, float] = {}
        for part in filter(None, (part.strip() for part in text.split(","))):
            name, separator, share = (word.strip() for word in part.partition("="))
            if name not in FAULTS:
                raise ValueError(f"unknown fault {name!r}: use {', '.join(FAULTS)}")
            if name in shares:
                raise ValueError(f"fault {name!r} is given twice")
            if not separator:
                raise ValueError(f"fault {name!r} needs a share, such as {name}=0.01")
            shares[name] = _share(name, share)
        if sum(shares.values()) > 1 + 1e-9:
            raise ValueError("the shares of all faults come to more than 1")
        return cls(tuple(shares.items()))


NO_FAULTS = FaultSpec()


class Faults:
    """Draws, request by request, whether a fault strikes and which."""

    def __init__(self, spec: FaultSpec, seed: int) -> None:
        self._names = [name for name, _ in spec.shares]
        self._bounds = list(accumulate(share for _, share in spec.shares))
        self._chance = stream(seed, "faults")

    def draw(self) -> str | None:
        """The fault that strikes the next request; None for most."""
        if not self._names:
            return None
        point = self._chance.random()
        return next(
            (name for name, bound in zip(self._names, self._bounds, strict=True) if point < bound), None
        )


def anybodys_fault(name: str | None) -> Reply | None:
    """The answer of a fault that doesn't come from the provider itself; None for all other faults."""
    return None if name is None else _ANYBODYS.get(name)


def _share(name: str, text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        raise ValueError(f"the share of fault {name!r} is not a number: {text!r}") from None
    if not 0 <= share <= 1:
        raise ValueError(f"the share of fault {name!r} is not between 0 and 1: {text}")
    return share
