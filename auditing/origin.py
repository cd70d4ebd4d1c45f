"""Where what is being done came from: which request or job asked for it, and from which address.

It accompanies a request (or a worker's job) through the trail, the log and the database, without being
passed from hand to hand.
"""

import ipaddress
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

type NewId = Callable[[], str]

_ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


@dataclass(frozen=True, slots=True)
class Origin:
    """Empty and None: nobody asked from outside, as in a command. `job` is the number of a worker's job; one
    that a request asked for has that request's `request_id`, too."""

    request_id: str = ""
    address: str | None = None
    job: str = ""

    @property
    def name(self) -> str:
        """What statements in the database are named by (`access.acting_as`)."""
        return self.request_id or (f"job-{self.job}" if self.job else "")


NOWHERE = Origin()

_current: ContextVar[Origin] = ContextVar("origin", default=NOWHERE)


def current() -> Origin:
    """The origin of what is being done now."""
    return _current.get()


@contextmanager
def coming_from(origin: Origin) -> Iterator[None]:
    """Everything inside has this origin."""
    token = _current.set(origin)
    try:
        yield
    finally:
        _current.reset(token)


def new_id() -> str:
    """A request's number: 32 hexadecimal digits by chance."""
    return uuid.uuid4().hex


def origin_of(meta: Mapping[str, str], trusted_proxies: int, new_id: NewId = new_id) -> Origin:
    """The origin of a request with these WSGI variables, behind so many proxies of ours.

    Each proxy appends the address it was asked from to X-Forwarded-For: the client's is as many places from
    the end as there are proxies; what lies before it was made up by the client. A request that has passed
    fewer proxies counts as coming from whoever is connected, and its number is not taken from outside.
    """
    hops = [hop for hop in meta.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    if not 0 < trusted_proxies <= len(hops):
        return Origin(new_id(), parsed_address(meta.get("REMOTE_ADDR", "")))
    said = meta.get("HTTP_X_REQUEST_ID", "")
    return Origin(
        said if _ACCEPTABLE_ID.fullmatch(said) else new_id(), parsed_address(hops[-trusted_proxies])
    )


def parsed_address(text: str) -> str | None:
    """An IP address in its usual form, without the port or brackets that proxies put; None for another."""
    bare = text.strip()
    if match := re.fullmatch(r"\[(.+)\](:\d+)?|([\d.]+):\d+", bare):
        bare = match[1] or match[3]
    try:
        return str(ipaddress.ip_address(bare.partition("%")[0]))
    except ValueError:
        return None
