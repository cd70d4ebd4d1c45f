"""What the pages' headers allow: scripts and styles of our own, pictures and films of the providers'."""

import re
from collections.abc import Iterable

from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

from auditing.providers import PROVIDERS

LOOPBACK = ("http://127.0.0.1:*", "http://localhost:*")
# A scheme, or a host with an optional wildcard label in front and an optional port; nothing that could end
# the directive or allow more than media from there.
_SOURCE = re.compile(r"https:|(https?://)(\*\.)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:(\d{1,5}|\*))?")


def media_sources(configured: Iterable[str], loopback_allowed: bool) -> tuple[str, ...]:
    """Where previews may come from: as configured, else the hosts that the providers declare.

    They are not taken from the records: whoever can put an address into a payload would then decide whom
    every browser that opens the list tells of it. ImproperlyConfigured for what is no source of media.
    """
    sources = tuple(configured)
    for source in sources:
        if not _SOURCE.fullmatch(source):
            raise ImproperlyConfigured(
                f"MEDIA_SOURCES holds {source!r}; each must be like https://cdn.example.com,"
                " https://*.example.com or https:"
            )
    if sources:
        return sources
    declared = tuple(source for provider in PROVIDERS.values() for source in provider.media_sources)
    return (*declared, *LOOPBACK) if loopback_allowed else declared


def content_security_policy(media: tuple[str, ...]) -> dict[str, list[str]]:
    """Django's SECURE_CSP: nothing but what is listed, and nothing inline."""
    return {
        "default-src": [CSP.NONE],
        "script-src": [CSP.SELF],
        "style-src": [CSP.SELF],
        "connect-src": [CSP.SELF],
        "font-src": [CSP.SELF],
        "img-src": [CSP.SELF, *media],
        "media-src": [CSP.SELF, *media],
        "form-action": [CSP.SELF],
        "base-uri": [CSP.NONE],
        "frame-ancestors": [CSP.NONE],
    }
