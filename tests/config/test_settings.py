"""The settings: safe with nothing set, and clear about what makes no sense."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from config.mail import mailers
from tests.config.processes import bare_environment, manage, run


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"REPORT_TIME_ZONE": "Europe/Atlantis"}, "REPORT_TIME_ZONE is 'Europe/Atlantis'"),
        ({"REPORT_TIME_ZONE": "../etc/passwd"}, "REPORT_TIME_ZONE is '../etc/passwd'"),
        ({"CLIPLEDGER_ENV": "prod"}, "CLIPLEDGER_ENV is 'prod'; it must be local or production."),
        ({"HEARTBEAT_URL": "http://example.com/secret"}, "HEARTBEAT_URL must begin with https://"),
    ],
)
def test_what_makes_no_sense_is_refused_at_the_start(
    tmp_path: Path, given: dict[str, str], complaint: str
) -> None:
    done = manage("check", environment=bare_environment(CLIPLEDGER_VAR=str(tmp_path), **given))
    assert done.returncode == 1
    assert complaint in done.stderr.splitlines()[-1]


def test_a_file_of_settings_is_honoured_and_the_environment_goes_before_it(tmp_path: Path) -> None:
    (tmp_path / "env").write_text("REPORT_TIME_ZONE=Europe/Paris\nDEBUG=true\n")
    environment = bare_environment(CLIPLEDGER_VAR=str(tmp_path), DEBUG="false")
    environment["CLIPLEDGER_ENV_FILE"] = str(tmp_path / "env")
    done = run(
        "-c", "from config import settings as s; print(s.REPORT_TIME_ZONE, s.DEBUG)", environment=environment
    )
    assert (done.stdout, done.stderr) == ("Europe/Paris False\n", "")


def test_with_nothing_set_it_serves_loopback_only_and_shows_no_debugging_pages() -> None:
    hosts = {"localhost", ".localhost", "127.0.0.1", "[::1]"}
    assert (
        set(settings.ALLOWED_HOSTS) - {"testserver"} == hosts
    )  # "testserver" comes from Django's test runner
    assert settings.DEBUG is False


@pytest.mark.django_db
def test_every_page_is_fenced_in_by_a_policy_without_unsafe_parts(client: Client) -> None:
    answer = client.get("/accounts/login/")
    policy = answer.headers["Content-Security-Policy"]
    assert answer.status_code == 200
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["X-Frame-Options"] == "DENY"


@pytest.mark.django_db
def test_nobody_signs_up(client: Client) -> None:
    given = {
        "username": "mallory",
        "email": "m@example.com",
        "password1": "long enough 1",
        "password2": "long enough 1",
    }
    client.post("/accounts/signup/", given)
    assert not client.login(username="mallory", password="long enough 1")


def test_the_mail_address_becomes_django_s_mailer() -> None:
    assert mailers("smtp+tls://ann:word@mail.example.com:587")["default"] == {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": "mail.example.com",
            "port": 587,
            "username": "ann",
            "password": "word",
            "use_tls": True,
            "timeout": 20,
        },
    }
