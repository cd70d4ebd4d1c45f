"""The log: one line a record, with the request's number, and never a secret."""

import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import Client, RequestFactory

from auditing.access import SYSTEM, acting_as
from auditing.accounts import AccountWanted
from auditing.models import Team
from auditing.origin import Origin, coming_from, origin_of, parsed_address
from auditing.redaction import MASK, redact
from config.logs import JsonLine, ReadableLine, logging_of
from config.tracebacks import RedactingFilter, RedactingReporter

CANARY = "kAn4RybIrD0123456789"
SECRETS = [
    f"Authorization: Bearer {CANARY}",
    f"{{'Authorization': 'Bearer {CANARY}', 'Accept': '*/*'}}",
    f"{{'X-API-Key': '{CANARY}'}}",
    f"[(b'x-api-key', b'{CANARY}')]",
    f'{{"headers": {{"X-API-Key": "{CANARY}"}}}}',
    f"Cookie: a=b; clipledger_session={CANARY}; c=d",
    f"the key is nb_{CANARY}",
    f"the key is rb_live_{CANARY}.",
    f"with clip_{CANARY}-x_y",
    f"GET https://b.s3.example/v.mp4?X-Amz-Date=2026&X-Amz-Signature={CANARY}&x=1",
    f"https://b.s3.example/v.mp4?X-Amz-Credential={CANARY}%2F2026&amp;X-Amz-Signature={CANARY}",
    f"https://storage.example/v?X-Goog-Signature={CANARY}",
    f"https://cdn.example/v?Expires=1&Signature={CANARY}&Key-Pair-Id={CANARY}",
    f"https://blob.example/v?sv=2026&sig={CANARY}",
    f"postgresql://web:{CANARY}@db.example/clipledger",
    f"AccountWanted(provider='nanobanana', api_key='{CANARY}')",
    f"password={CANARY}",
    f'"password": "{CANARY}"',
    f"SECRET_KEY={CANARY} KEY_ENCRYPTION_KEY={CANARY}",
    f"csrfmiddlewaretoken={CANARY}&login=ada",
]


@contextmanager
def log_through(formatter: logging.Formatter) -> Iterator[tuple[logging.Logger, Callable[[], str]]]:
    """A logger of its own with this formatter, and what it has written."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    logger = logging.Logger("auditing.test")
    logger.addHandler(handler)
    yield logger, stream.getvalue


@pytest.mark.parametrize("formatter", [JsonLine(), ReadableLine()], ids=["json", "line"])
@pytest.mark.parametrize("said", SECRETS)
def test_no_secret_gets_into_the_log(formatter: logging.Formatter, said: str) -> None:
    """As message, argument, exception, its cause, its note, extra of any depth, or a value by its name."""
    with log_through(formatter) as (log, written):
        log.warning(said)
        log.warning("it was %s and %r", said, {"headers": said})
        log.warning("x", extra={"about": said, "deep": [{"er": (said,)}], "api_key": CANARY})
        try:
            try:
                raise ValueError(said)
            except ValueError as cause:
                fault = RuntimeError("again", said)
                fault.add_note(said)
                raise fault from cause
        except RuntimeError:
            log.exception("failed", stack_info=True)
    assert CANARY not in written()
    assert MASK in written()


def test_what_is_no_secret_stays() -> None:
    """Ids, addresses, words; redacting twice changes nothing more."""
    for text in (
        "GET /generations/nanobanana/vid_a1b2c3d4e5f6/?team=north: 200 in 12 ms",
        "account north-nano has no key; set one with add_account",
        "https://cdn.example/v.mp4?width=640&height=360",
        "the token was refused",
        "keyset paging by created_at",
    ):
        assert redact(text) == text
    for text in SECRETS:
        assert redact(redact(text)) == redact(text)


def test_a_json_record_is_one_object_a_line_with_its_origin() -> None:
    """Also when it has a traceback; `extra` comes as fields."""
    with log_through(JsonLine()) as (log, written), coming_from(Origin("r" * 32, "192.0.2.1", "7")):
        try:
            raise ValueError("two\nlines")
        except ValueError:
            log.exception("could not\nfinish %s", "it", extra={"account": 5, "at": {"a": None}})
    (line,) = written().splitlines()
    said = json.loads(line)
    assert said.pop("time").endswith("Z")
    assert said.pop("exception").endswith("ValueError: two\nlines")
    assert said == {
        "level": "ERROR",
        "logger": "auditing.test",
        "message": "could not\nfinish it",
        "request_id": "r" * 32,
        "address": "192.0.2.1",
        "job": "7",
        "account": 5,
        "at": {"a": None},
    }


def test_a_record_that_does_not_fit_its_arguments_is_said_all_the_same() -> None:
    """Losing it would be worse."""
    with log_through(ReadableLine()) as (log, written), coming_from(Origin("abcdef0123456789")):
        log.warning("%d items", "many")
    assert written().endswith(" WARNING auditing.test [abcdef01]: %d items ('many',)\n")


def test_an_unknown_format_is_refused() -> None:
    """By its name."""
    with pytest.raises(ImproperlyConfigured, match="LOG_FORMAT is 'xml'"):
        logging_of("INFO", "xml")


@pytest.mark.django_db
def test_each_answer_says_its_requests_number() -> None:
    """Made here, whatever a client claims."""
    first, second = (Client().get("/accounts/login/", headers={"X-Request-ID": "mine-0001"}) for _ in "ab")
    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]
    assert "mine" not in first.headers["X-Request-ID"] + second.headers["X-Request-ID"]


@pytest.mark.parametrize(
    ("meta", "proxies", "number", "address"),
    [
        ({"HTTP_X_REQUEST_ID": "edge-12345"}, 0, "made", "10.0.0.9"),
        ({"HTTP_X_REQUEST_ID": "edge-12345"}, 1, "made", "10.0.0.9"),
        (
            {"HTTP_X_REQUEST_ID": "edge-12345", "HTTP_X_FORWARDED_FOR": "192.0.2.1"},
            1,
            "edge-12345",
            "192.0.2.1",
        ),
        ({"HTTP_X_REQUEST_ID": "a b\n", "HTTP_X_FORWARDED_FOR": "192.0.2.1"}, 1, "made", "192.0.2.1"),
        ({"HTTP_X_REQUEST_ID": "x" * 65, "HTTP_X_FORWARDED_FOR": "192.0.2.1"}, 1, "made", "192.0.2.1"),
        ({"HTTP_X_FORWARDED_FOR": "6.6.6.6, 192.0.2.1"}, 1, "made", "192.0.2.1"),
        ({"HTTP_X_FORWARDED_FOR": "6.6.6.6, 192.0.2.1, 10.0.0.2"}, 2, "made", "192.0.2.1"),
        ({"HTTP_X_FORWARDED_FOR": "192.0.2.1"}, 2, "made", "10.0.0.9"),
        ({"HTTP_X_FORWARDED_FOR": "nonsense"}, 1, "made", None),
    ],
)
def test_a_requests_origin_is_what_trusted_proxies_say(
    meta: dict[str, str], proxies: int, number: str, address: str | None
) -> None:
    """And nobody else."""
    origin = origin_of({"REMOTE_ADDR": "10.0.0.9", **meta}, proxies, lambda: "made")
    assert origin == Origin(number, address)


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("192.0.2.1:4711", "192.0.2.1"),
        ("[2001:DB8::1]:443", "2001:db8::1"),
        ("2001:db8:0::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("", None),
        ("unix:", None),
    ],
)
def test_addresses_are_read_as_proxies_write_them(said: str, address: str | None) -> None:
    """With ports and brackets."""
    assert parsed_address(said) == address


@pytest.mark.django_db
def test_the_database_knows_the_number_for_as_long_as_the_transaction_lasts() -> None:
    """In the application's name, which its log and its list of activities show; cut to what it can hold."""
    with connection.cursor() as cursor:
        for origin, ending in (
            (Origin("a" * 32), " " + "a" * 32),
            (Origin(job="12"), " job-12"),
            (Origin(), connection.settings_dict["OPTIONS"]["application_name"]),
            (Origin("b" * 64), "b" * 40),
        ):
            with coming_from(origin), acting_as(SYSTEM):
                cursor.execute("SELECT pg_stat_clear_snapshot()")
                cursor.execute("SELECT application_name FROM pg_stat_activity WHERE pid = pg_backend_pid()")
                assert cursor.fetchone()[0].endswith(ending)


@pytest.mark.django_db
def test_an_error_page_gives_the_number_and_the_log_the_fault() -> None:
    """The page names nothing else."""
    client = Client(raise_request_exception=False)

    def refuse(*_: object) -> None:
        raise RuntimeError(f"nb_{CANARY}")

    with connection.execute_wrapper(refuse):
        response = client.get("/accounts/login/", headers={"Cookie": "clipledger_session=x"})
    assert response.status_code == 500
    page = response.content.decode()
    assert f"<code>{response.headers['X-Request-ID']}</code>" in page
    assert CANARY not in page


def test_an_error_report_shows_no_secret_even_while_debugging(settings: object, rf: RequestFactory) -> None:
    """Neither of a frame's variables, nor of what a client or a form says of itself."""
    settings.DEBUG = True  # type: ignore[attr-defined]
    request = rf.post("/x?sig=" + CANARY, {"password": CANARY}, headers={"X-API-Key": CANARY})
    request.exception_reporter_filter = RedactingFilter()

    def fail(key: str, headers: dict[str, str], wanted: AccountWanted) -> None:
        raise ValueError(len(key) + len(headers) + len(wanted.label))

    try:
        wanted = AccountWanted(provider="reelbot", label="x", team=Team(slug="t"), key=CANARY)
        fail(CANARY, {"X-API-Key": CANARY}, wanted)
    except ValueError:
        report = RedactingReporter(request, *sys.exc_info())
    text = report.get_traceback_text()
    data = report.get_traceback_data()
    frames = [value for frame in data["frames"] for _, value in frame["vars"]]
    assert frames
    inner = data["frames"][-1]["vars"]
    assert CANARY not in str(inner)
    assert "(AccountWanted)" in str(inner)
    page = report.get_traceback_html()
    assert CANARY not in text
    assert CANARY not in page, page[page.index(CANARY) - 300 : page.index(CANARY)]
