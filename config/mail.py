"""Django's MAILERS from one address, such as smtp+tls://user:password@mail.example.com:587."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import environ

TIMEOUT_SECONDS = 20
"""A mail server that does not answer holds up a worker for no longer."""

OPTIONS = {
    "EMAIL_HOST": "host",
    "EMAIL_PORT": "port",
    "EMAIL_HOST_USER": "username",
    "EMAIL_HOST_PASSWORD": "password",
    "EMAIL_USE_TLS": "use_tls",
    "EMAIL_USE_SSL": "use_ssl",
    "EMAIL_TIMEOUT": "timeout",
    "EMAIL_FILE_PATH": "file_path",
}


def mailers(url: str) -> dict[str, dict[str, Any]]:
    """The one mailer; ImproperlyConfigured for a scheme that django-environ doesn't know."""
    found = environ.Env.email_url_config(url)
    options = {option: found[name] for name, option in OPTIONS.items() if found.get(name)}
    if "host" in options:
        options.setdefault("timeout", TIMEOUT_SECONDS)
    return {"default": {"BACKEND": found["EMAIL_BACKEND"], "OPTIONS": options}}


def files_below(var: Path) -> str:
    """The address that writes each message into a file: what people are sent is kept out of logs and of what
    commands print, and can be read all the same."""
    return f"filemail:///{quote(str(var / 'mail'))}"
