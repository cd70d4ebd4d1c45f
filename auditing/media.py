"""Whether a preview may be shown: what the policy of the pages lets a browser fetch, told beforehand."""

from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

PORTS = {"http": 80, "https": 443}


def web_parts(url: str | None) -> SplitResult | None:
    """The parts of an address that a browser may follow: http or https with a host; None for another."""
    try:
        parts = urlsplit(url or "")
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.scheme in PORTS and parts.hostname else None


def may_be_shown(url: str | None, sources: Iterable[str]) -> bool:
    """Whether any of these sources of a Content-Security-Policy covers the address."""
    parts = web_parts(url)
    return parts is not None and any(_covers(source, parts) for source in sources)


def _covers(source: str, parts: SplitResult) -> bool:
    """As browsers read a source: an http one covers https, too; `*.` stands for one label or more."""
    if source == "https:":
        return parts.scheme == "https"
    wanted = urlsplit(source.replace(":*", ""))
    if wanted.scheme != parts.scheme and (wanted.scheme, parts.scheme) != ("http", "https"):
        return False
    if not source.endswith(":*") and _port(wanted, parts.scheme) != _port(parts, parts.scheme):
        return False
    host, allowed = parts.hostname or "", wanted.hostname or ""
    return host.endswith(allowed[1:]) if allowed.startswith("*.") else host == allowed


def _port(parts: SplitResult, scheme: str) -> int:
    return parts.port or PORTS[scheme]
