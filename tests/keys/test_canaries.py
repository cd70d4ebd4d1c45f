"""A thousand keys, stored and used as in earnest by providers that give them back: none is found anywhere."""

import logging
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from auditing.access import SYSTEM, acting_as
from auditing.keys.opening import OpenKey, open_key
from auditing.models import Account, Generation, Lookup, Role, User
from auditing.records import Flag
from auditing.sync.run import Order, run
from config.postgres import binaries
from tests.conftest import administer
from tests.keys.canaries import KINDS, Canaries, echo, forms, new_canaries
from tests.stage import a_person, a_team, registered
from tests.sync.scripted import VIDEO_NOT_FOUND, Asked, Reply, ScriptedProvider, listening
from tests.test_tasks import worker

AT_ONCE = 50  # accounts in one run
LINKS = 5


@pytest.fixture
def canaries(request: pytest.FixtureRequest) -> Canaries:
    """As many keys as `--canaries` says."""
    return new_canaries(request.config.getoption("--canaries"))


class Echoing(ScriptedProvider):
    """Both providers, which give back the key of whoever asks; how, the id says."""

    def __init__(self, canaries: Canaries) -> None:
        super().__init__(lambda _: VIDEO_NOT_FOUND)
        self._canaries = canaries

    def reply(self, asked: Asked) -> Reply:
        """Its kind is at the id's end; the id that keys are tested with has none."""
        assert asked.key is not None
        key = asked.key.removeprefix("Bearer ")
        number, _, kind = asked.external_id.removeprefix("vid").partition("x")
        if not number.isdecimal():
            return Reply(404, {"success": False, "error": " ".join(forms(key))})
        return echo(self._canaries.provider(int(number)), asked.external_id, int(kind), key)


@pytest.fixture
def provider(canaries: Canaries) -> Iterator[ScriptedProvider]:
    """The providers, listening."""
    with listening(Echoing(canaries)) as provider:
        yield provider


@pytest.fixture
def log() -> Iterator[StringIO]:
    """Everything that anything logs in this process."""
    said = StringIO()
    handler = logging.StreamHandler(said)
    handler.setFormatter(logging.Formatter("%(name)s %(message)s %(args)s %(pathname)s"))
    loggers = [logging.getLogger(), *map(logging.getLogger, ("auditing", "django", "django.db.backends"))]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    loggers[0].addHandler(handler)
    loggers[2].addHandler(handler)
    yield said
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)
        logger.removeHandler(handler)


@pytest.fixture
def manager(committed_db: str) -> Client:  # noqa: ARG001 - the person is in it
    """The browser of the team's manager."""
    client = Client(raise_request_exception=False)
    client.force_login(a_person("max", a_team(), Role.MANAGER))
    return client


def stored(canaries: Canaries, provider: ScriptedProvider, manager: Client, patch: pytest.MonkeyPatch) -> str:
    """Every key stored, half by the command and half by the page; then a quarter replaced. What was said."""
    said = StringIO()
    for number in range(canaries.count):
        key, label = canaries.key(number), f"account {number}"
        if number % 2:
            form = {"provider": canaries.provider(number), "label": label, "team": "studio", "key": key}
            form |= {"base_url": provider.url, "per_minute": "60000"}
            assert manager.post("/sync/accounts/add/", form).status_code == 302
        else:
            patch.setenv("CANARY", key)
            add = ("add_account", canaries.provider(number), label, "--team", "studio", "--key-env", "CANARY")
            options = ("--base-url", provider.url, "--limit", "60000")
            call_command(*add, *options, stdout=said, stderr=said)
        if number % 4 == 0:
            page = manager.post(f"/sync/accounts/key/?account=account+{number}", {"key": key})
            assert page.status_code == 302
    patch.delenv("CANARY")
    return said.getvalue()


def used(canaries: Canaries) -> str:
    """Every account looked up: good answers first, what ends a turn last. What the commands said."""
    said = StringIO()
    for number in range(canaries.count):
        account = Account.objects.get(label=f"account {number}")
        kinds = {number % 5, 5 + number % 5, 10 + number % 2} if number % KINDS else {KINDS - 1}
        registered(account, [f"vid{number}x{kind}" for kind in sorted(kinds)], "max")
    accounts = list(Account.objects.select_related("team").order_by("pk"))
    for start in range(0, len(accounts), AT_ONCE):
        said.write(repr(run(Order(accounts[start : start + AT_ONCE]))))
    return said.getvalue()


def worked(database: str, manager: Client) -> str:
    """Some keys tested and some links asked for, by a worker. What it said."""
    for account in Account.objects.filter(label__endswith="7"):
        Account.objects.filter(pk=account.pk).update(paused_at=None, blocked_until=None)
        manager.post("/sync/accounts/test/", query_params={"account": account.label})
    completed = Generation.objects.filter(provider="reelbot", status="completed")
    for generation in completed.order_by("pk")[:LINKS]:
        Account.objects.filter(pk=generation.account_id).update(paused_at=None, blocked_until=None)
        asked = {"provider": "reelbot", "external_id": generation.external_id}
        assert manager.post("/generations/download/", query_params=asked).status_code == 302
    said, _ = worker(database, "--one-shot").communicate(timeout=300)
    return said


def pages(manager: Client) -> Iterator[bytes]:
    """Pages of every kind that may show an answer or an account, for whoever sees the most."""
    manager.force_login(User.objects.create_superuser("rita"))
    addresses = ["/", "/generations/", "/generations/?q=key", "/sync/", "/help/", "/sync/accounts/add/"]
    addresses += ["/admin/auditing/account/", "/admin/auditing/account/?all="]
    for account in Account.objects.order_by("pk")[: KINDS * 5]:
        addresses.append(f"/sync/accounts/key/?account={account.label}")
        addresses.append(f"/admin/auditing/account/{account.pk}/change/")
    for provider, external_id in Generation.objects.order_by("pk").values_list("provider", "external_id")[
        :150
    ]:
        addresses.append(f"/generations/{provider}/{external_id}/")
    for address in addresses:
        response = manager.get(address)
        assert response.status_code == 200, address
        yield response.content


def exports(manager: Client, folder: Path) -> Iterator[bytes]:
    """Every row in every format, by page and by command."""
    for form in ("csv", "ndjson"):
        yield manager.get(f"/generations/?format={form}").getvalue()
    for form in ("csv", "ndjson", "xlsx"):
        file = folder / f"rows.{form}"
        call_command("export", format=form, output=file, stdout=StringIO(), stderr=StringIO())
        yield file.read_bytes()
    with zipfile.ZipFile(BytesIO((folder / "rows.xlsx").read_bytes())) as book:
        yield from map(book.read, book.namelist())


def dumped(database: str) -> bytes:
    """The whole database as pg_dump writes it, job arguments and sessions included."""
    program = binaries.installation() / "bin" / "pg_dump"
    return subprocess.run(
        [program, "--dbname", database.replace("clipledger_web@", "clipledger@")],
        capture_output=True,
        check=True,
    ).stdout


def on_disk() -> Iterator[bytes]:
    """The write-ahead log, the tables' files and the log of our own server."""
    administer("CHECKPOINT")
    with connection.cursor() as cursor:
        cursor.execute("SELECT oid FROM pg_database WHERE datname = current_database()")
        (number,) = cursor.fetchone()
    folder = Path(django_settings.DATABASES["default"]["EMBEDDED_DIRECTORY"])
    files = [*(folder / "data" / "pg_wal").glob("0*"), *(folder / "data" / "base" / str(number)).iterdir()]
    assert len(files) > 100
    for file in [*files, folder / "server.log"]:
        if file.is_file():
            yield file.read_bytes()


def test_no_key_is_found_anywhere(
    canaries: Canaries,
    provider: ScriptedProvider,
    manager: Client,
    committed_db: str,
    log: StringIO,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nor in hex, in base64 or as a part. (`--canaries` says how many keys.)"""
    said = [stored(canaries, provider, manager, monkeypatch), used(canaries), worked(committed_db, manager)]
    asked_with = {asked.key.removeprefix("Bearer ") for asked in provider.asked if asked.key}
    assert asked_with == {canaries.key(number) for number in range(canaries.count)}
    assert Generation.objects.filter(flags__contains=[Flag.KEY_REMOVED]).count() > canaries.count // 3
    assert Lookup.objects.filter(reason__contains="[key]").count() > canaries.count // 2
    dump = dumped(committed_db)
    assert b"[key]" in dump
    assert b"procrastinate_jobs" in dump
    assert canaries.found_in(dump) == []
    assert not canaries.in_any(text.encode() for text in said)
    assert not canaries.in_any(pages(manager))
    assert not canaries.in_any(exports(manager, tmp_path))
    assert "procrastinate" in log.getvalue()
    assert not canaries.in_any([log.getvalue().encode()])
    if "EMBEDDED_DIRECTORY" in django_settings.DATABASES["default"]:
        assert not canaries.in_any(on_disk())


def test_what_searches_for_them_would_find_one(canaries: Canaries, committed_db: str) -> None:
    """In each form, and in the dump, the write-ahead log and the tables."""
    key = canaries.key(1)
    for form in forms(key):
        assert canaries.in_any([b"before" + form.encode() + b"after"]), form
    assert not canaries.in_any([b"nb_0123456789abcdef", *map(str.encode, forms("nb_0123456789abcdef"))])
    a_team(slug="leak")
    with acting_as(SYSTEM), connection.cursor() as cursor:
        cursor.execute("UPDATE auditing_team SET name = %s", [key])
    assert canaries.in_any([dumped(committed_db)])
    if "EMBEDDED_DIRECTORY" in django_settings.DATABASES["default"]:
        assert canaries.in_any(on_disk())


class Broken:
    """The key-encryption key, which can't be had."""

    def public(self) -> bytes:
        """Fail as nothing foresees."""
        raise RuntimeError("the disk is gone")

    private = former = public


def reported(act: Any, filter_used: type[SafeExceptionReporterFilter] | None = None) -> list[bytes]:
    """The error reports, as a page and as text, of what this raises."""
    try:
        act()
    except Exception:
        reporter = ExceptionReporter(None, *sys.exc_info())
        if filter_used:
            reporter.filter = filter_used()
        return [reporter.get_traceback_html().encode(), reporter.get_traceback_text().encode()]
    raise AssertionError("nothing was raised")


def test_no_error_report_shows_a_key(canaries: Canaries, settings: Any) -> None:
    """Not even of a frame in which a library put it into a header; Django's own would."""
    key = OpenKey(canaries.key(1))

    def sent() -> None:
        headers = {"X-API-Key": key.text}  # noqa: F841 - stands in the frame, as in a library's
        raise RuntimeError("no route")

    for debug in (True, False):
        settings.DEBUG = debug
        assert canaries.in_any(reported(sent, SafeExceptionReporterFilter))
        assert not canaries.in_any(reported(sent))


@pytest.mark.parametrize("debug", [True, False])
def test_no_error_page_shows_a_key_that_was_typed(
    canaries: Canaries, manager: Client, settings: Any, debug: bool
) -> None:
    """A 500 in the middle of storing it; the frames and the form's fields are in Django's page."""
    settings.DEBUG, settings.KEY_ENCRYPTION = debug, Broken()
    form = {"provider": "nanobanana", "label": "one", "team": "studio", "key": canaries.key(1)}
    response = manager.post("/sync/accounts/add/", form)
    assert response.status_code == 500
    assert bool(re.search(b"store_key", response.content)) is debug
    assert not canaries.in_any([response.content])


def test_a_failure_while_a_key_is_opened_does_not_show_it(
    canaries: Canaries, manager: Client, settings: Any
) -> None:
    form = {"provider": "nanobanana", "label": "one", "team": "studio", "key": canaries.key(1)}
    assert manager.post("/sync/accounts/add/", form).status_code == 302
    account = Account.objects.get()
    settings.KEY_ENCRYPTION = Broken()

    def opened() -> None:
        with acting_as(SYSTEM):
            open_key(account)

    assert not canaries.in_any(reported(opened))
