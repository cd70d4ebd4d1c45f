"""The address of a dead-man's-switch service, checked when the settings are read."""

import ipaddress
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured


def heartbeat_url(text: str, loopback_allowed: bool) -> str:
    """The address, or "" for none: https, or http to this machine where that is allowed.

    ImproperlyConfigured without the address: its path is what lets anybody report in this one's name.
    """
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise ImproperlyConfigured("HEARTBEAT_URL is no address.") from None
    plain = parts.scheme == "http" and loopback_allowed and _is_loopback(host)
    if not host or not (parts.scheme == "https" or plain):
        raise ImproperlyConfigured(
            "HEARTBEAT_URL must begin with https://, or with http:// to this machine where"
            " ALLOW_LOOPBACK_PROVIDERS is true."
        )
    if parts.username is not None or not text.isascii() or not text.isprintable() or " " in text:
        raise ImproperlyConfigured(
            "HEARTBEAT_URL must be printable ASCII without spaces, and hold no sign-in."
        )
    return text


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
