"""Django's MAILERS from one address, such as smtp+tls://user:password@mail.example.com:587."""

from typing import Any

import environ

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
    return {"default": {"BACKEND": found["EMAIL_BACKEND"], "OPTIONS": options}}
