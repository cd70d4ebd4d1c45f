"""The log: one line a record on standard error, as JSON in production, readable elsewhere, without secrets.

Both formatters redact what they are about to hand out, message, fields and traceback alike, so it does not
matter who logs and how. Each line has the number of the request (or job) in whose course it was written.
"""

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from auditing.origin import current
from auditing.redaction import MASK, is_secret_name, redact

_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


FORMATTERS = {"json": {"()": "config.logs.JsonLine"}, "line": {"()": "config.logs.ReadableLine"}}


def logging_of(level: str, formatter: str) -> dict[str, Any]:
    """Django's LOGGING: all of it goes to standard error, through one of FORMATTERS.

    ImproperlyConfigured for the name of another.
    """
    if formatter not in FORMATTERS:
        raise ImproperlyConfigured(f"LOG_FORMAT is {formatter!r}; it must be json or line.")
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": FORMATTERS,
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": formatter}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "auditing": {"level": level},
            "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
            "django.server": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        },
    }


class JsonLine(logging.Formatter):
    """A record as one JSON object: time, level, logger, message, where it came from, what came as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line; line breaks within are JSON's."""
        origin = current()
        line: dict[str, Any] = {
            "time": _time(record).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": redact(_message(record)),
        }
        named = {"request_id": origin.request_id, "job": origin.job, "address": origin.address}
        line |= {name: value for name, value in named.items() if value}
        line |= {name: clean(name, value) for name, value in vars(record).items() if name not in _USUAL}
        if trace := _trace(self, record):
            line["exception"] = redact(trace)
        return json.dumps(line, ensure_ascii=False)


class ReadableLine(logging.Formatter):
    """A record as a person reads it, with the beginning of the request's number."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, and below it the traceback if there is one."""
        origin = current()
        where = f" [{origin.request_id[:8] or origin.job}]" if origin.request_id or origin.job else ""
        line = (
            f"{_time(record):%Y-%m-%d %H:%M:%S} {record.levelname} {record.name}{where}: {_message(record)}"
        )
        trace = _trace(self, record)
        return redact(f"{line}\n{trace}" if trace else line)


def clean(name: str, value: object) -> Any:
    """A value as JSON may have it, without secrets: what is secret by its name is masked whole."""
    if is_secret_name(name):
        return MASK
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {redact(str(key)): clean(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [clean("", inner) for inner in value]
    return redact(value if isinstance(value, str) else str(value))


def _time(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)


def _message(record: logging.LogRecord) -> str:
    """What was said; a record whose arguments don't fit its text is better said badly than not at all."""
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        return f"{record.msg} {record.args}"


def _trace(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    parts = [formatter.formatException(record.exc_info)] if record.exc_info else []
    if record.stack_info:
        parts.append(formatter.formatStack(record.stack_info))
    return "\n".join(parts)
