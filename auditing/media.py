"""Whether a preview may be shown, told beforehand: what the pages' policy lets a browser fetch, how long."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import SplitResult, parse_qsl, urlsplit

PORTS = {"http": 80, "https": 443}

_ORIGIN = re.compile(r"[\0- ]*https?://[^/?#]*", re.IGNORECASE)


def web_parts(url: str | None) -> SplitResult | None:
    """The parts of an address that a browser may follow: http or https with a host; None for another."""
    try:
        parts = urlsplit(url or "")
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.scheme in PORTS and parts.hostname else None


@dataclass(frozen=True, slots=True)
class Source:
    """A source of a Content-Security-Policy that names hosts. `port` is None for that of the scheme."""

    scheme: str
    host: str
    port: int | None
    any_port: bool

    def covers(self, parts: SplitResult) -> bool:
        """As browsers read it: an http source covers https, too; `*.` stands for one label or more."""
        if self.scheme != parts.scheme and (self.scheme, parts.scheme) != ("http", "https"):
            return False
        usual = PORTS[parts.scheme]
        if not self.any_port and (self.port or usual) != (parts.port or usual):
            return False
        host = parts.hostname or ""
        return host.endswith(self.host[1:]) if self.host.startswith("*.") else host == self.host


def may_be_shown(url: str | None, sources: tuple[str, ...]) -> bool:
    """Whether any of these sources of a Content-Security-Policy covers the address."""
    origin = _ORIGIN.match(url or "")
    return origin is not None and _is_covered(origin[0], sources)


@lru_cache(maxsize=1000)
def _is_covered(origin: str, sources: tuple[str, ...]) -> bool:
    """The same of what all addresses of a host begin with: few, and asked for each row of a list."""
    parts = web_parts(origin)
    return parts is not None and any(_covers(source, parts) for source in sources)


def _covers(source: str, parts: SplitResult) -> bool:
    return parts.scheme == "https" if source == "https:" else _read(source).covers(parts)


def _read(source: str) -> Source:
    """The source's parts."""
    any_port = source.endswith(":*")
    wanted = urlsplit(source.removesuffix(":*"))
    return Source(wanted.scheme, wanted.hostname or "", wanted.port, any_port)


def expires_at(url: str | None) -> datetime | None:
    """When a signed address stops to open, as far as it says so itself; None for one that does not say.

    Read: S3 and Google (a date and the seconds from it), Azure (`se`), CloudFront and others (`Expires`,
    `exp`: seconds since 1970).
    """
    parts = web_parts(url)
    said = {name.lower(): value for name, value in parse_qsl(parts.query)} if parts else {}
    for of in ("x-amz", "x-goog"):
        if f"{of}-date" in said and f"{of}-expires" in said:
            return _from_date(said[f"{of}-date"], said[f"{of}-expires"])
    if "se" in said and "sig" in said:
        return _from_iso(said["se"])
    return _from_seconds(said.get("expires") or said.get("exp") or "")


def _from_date(date: str, lasts: str) -> datetime | None:
    try:
        begins = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return begins + timedelta(seconds=int(lasts))
    except (ValueError, OverflowError):
        return None


def _from_iso(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _from_seconds(text: str) -> datetime | None:
    """Nine to eleven digits: what is shorter or longer counts something else."""
    if not (text.isascii() and text.isdecimal() and 9 <= len(text) <= 11):
        return None
    return datetime.fromtimestamp(int(text), UTC)
