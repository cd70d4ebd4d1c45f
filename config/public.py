"""The address at which people reach the dashboard, for links in e-mails."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

LOCAL = "http://127.0.0.1:8000"


def public_url(text: str, hosts: Sequence[str], production: bool) -> str:
    """The address without a slash at its end; where none is given, https and the first host that is a name
    (in production), else this machine's. ImproperlyConfigured for what is no web address.
    """
    if not text:
        named = [host for host in hosts if host and not host.startswith(".") and "*" not in host]
        return f"https://{named[0]}" if production and named else LOCAL
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ImproperlyConfigured("PUBLIC_URL is no address.") from None
    odd = parts.query or parts.fragment or parts.username is not None or not text.isascii() or " " in text
    if parts.scheme not in ("http", "https") or not host or odd or not text.isprintable():
        raise ImproperlyConfigured(
            f"PUBLIC_URL is {text!r}; it must be the dashboard's address, like https://clips.example.com"
        )
    return text.rstrip("/")
