"""The embedded server's life, told by processes that come and go."""

import os
import select
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.postgres import embedded
from config.postgres.errors import InUseError
from tests.config.processes import Visitor, bare_environment, folder, manage, run, runs, visitors


@pytest.fixture(scope="module")
def var() -> Iterator[Path]:
    """A folder whose data directory is made once for this module; the server stops with each test."""
    with folder() as made:
        yield made


@pytest.fixture
def fresh() -> Iterator[Path]:
    """A folder that doesn't exist yet."""
    with folder() as made:
        yield made


def kill(process: int) -> None:
    """Kill a process and wait until it is gone (as far as a container without a reaper lets it go)."""
    descriptor = os.pidfd_open(process)
    os.kill(process, signal.SIGKILL)
    select.select([descriptor], [], [])
    os.close(descriptor)


def test_help_and_the_import_of_the_settings_start_nothing(fresh: Path) -> None:
    environment = bare_environment(CLIPLEDGER_VAR=str(fresh))
    helped = manage("--help", environment=environment)
    imported = run("-c", "import config.settings", environment=environment)
    assert (helped.returncode, imported.returncode, imported.stderr) == (0, 0, "")
    assert not (fresh / "postgres").exists()


def test_the_first_connection_starts_it_and_the_end_of_the_process_stops_it(fresh: Path) -> None:
    with visitors(fresh, 1) as [one]:
        assert not runs(fresh)
        one.tell("ask")
        [answer] = one.answer()
        assert answer.split()[1] == "clipledger"
        assert runs(fresh)
        assert one.leave() == ""
        assert not runs(fresh)


def test_processes_that_begin_at_once_on_an_empty_folder_share_one_server(fresh: Path) -> None:
    with visitors(fresh, 3) as all_of_them:
        for one in all_of_them:
            one.tell("ask")
        answers = [one.answer() for one in all_of_them]
        assert len(answers[0]) == 1
        assert answers == [answers[0]] * 3


def test_the_server_stays_until_the_last_process_leaves(var: Path) -> None:
    with visitors(var, 2) as [first, second]:
        assert first.ask() == second.ask()
        assert first.leave() == ""
        assert runs(var)
        assert second.leave() == ""
        assert not runs(var)


def test_a_killed_server_is_started_anew_by_the_next_connection(var: Path) -> None:
    with visitors(var, 2) as [first, second]:
        killed = first.ask()
        assert second.ask() == killed
        kill(killed)
        started = second.ask()
        assert started != killed
        assert first.ask() == started


def test_a_killed_process_leaves_the_server_to_the_next_one_that_ends(var: Path) -> None:
    with visitors(var, 2) as [first, second]:
        server = first.ask()
        kill(first.process.pid)
        first.leave()
        assert runs(var)
        assert second.ask() == server
        assert second.leave() == ""
        assert not runs(var)


def test_a_pid_file_left_by_a_crash_is_no_obstacle_even_when_its_number_was_given_to_another(
    var: Path,
) -> None:
    with visitors(var, 1) as [one]:
        server = one.ask()
        left = (var / "postgres" / "data" / "postmaster.pid").read_text()
        assert one.leave() == ""
    (var / "postgres" / "data" / "postmaster.pid").write_text(left.replace(str(server), str(os.getpid()), 1))
    with visitors(var, 1) as [one]:
        assert one.ask() not in (server, os.getpid())


def test_a_data_directory_that_was_only_half_made_is_made_anew(fresh: Path) -> None:
    half_made = fresh / "postgres" / "data.new-abc"
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text("18\n")
    with visitors(fresh, 1) as [one]:
        one.ask()
        assert not half_made.exists()


def test_a_forked_child_that_ends_takes_nothing_from_its_parent(var: Path) -> None:
    with visitors(var, 1) as [parent]:
        server = parent.ask()
        parent.tell("fork")
        parent.answer()
        assert parent.ask() == server
        assert parent.ask("ask in child") == server
        assert parent.ask() == server
        assert parent.leave() == ""
        assert not runs(var)


def test_ctrl_c_in_the_terminal_of_the_process_that_started_it_leaves_it_to_the_others(var: Path) -> None:
    starter = Visitor(var, start_new_session=True)
    server = starter.ask()
    with visitors(var, 1) as [other]:
        assert other.ask() == server
        os.killpg(starter.process.pid, signal.SIGINT)
        assert "KeyboardInterrupt" in starter.leave()
        assert other.ask() == server


def test_nothing_on_the_way_to_the_data_becomes_readable_and_nobody_else_reaches_the_socket(
    fresh: Path,
) -> None:
    before = stat.S_IMODE(fresh.parent.stat().st_mode)
    with visitors(fresh, 1) as [one]:
        one.ask()
        data = fresh / "postgres" / "data"
        assert stat.S_IMODE(data.stat().st_mode) == 0o700
        assert (data / ".s.PGSQL.5432").is_socket()
        passed = [fresh / "postgres", fresh, fresh.parent]
        assert {path.stat().st_mode & 0o066 for path in passed} == {0}
        assert stat.S_IMODE(fresh.parent.stat().st_mode) & ~before in (0, 0o001)
        files = [path for path in (fresh / "postgres").iterdir() if path.is_file()]
        assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_a_path_too_long_for_a_socket_gets_a_private_folder_elsewhere(fresh: Path) -> None:
    deep = fresh / ("x" * 100)
    with visitors(deep, 2) as [first, second]:
        server = first.ask()
        sockets = Path((deep / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[4])
        assert not sockets.is_relative_to(deep)
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        assert second.ask() == server
        kill(server)
        assert second.ask() != server


def test_a_data_directory_of_another_major_version_is_refused_with_advice(fresh: Path) -> None:
    data = fresh / "postgres" / "data"
    data.mkdir(parents=True, mode=0o700)
    (data / "PG_VERSION").write_text("17\n")
    os.chown(data, *((65534, 65534) if os.geteuid() == 0 else (-1, -1)))
    refused = Visitor(fresh)
    refused.tell("ask")
    assert refused.answer() == []
    said = refused.leave()
    assert "was made by PostgreSQL 17, and PostgreSQL 18 is installed" in said
    assert "EmbeddedServerError" in said


def test_a_server_that_does_not_start_says_why(fresh: Path) -> None:
    with visitors(fresh, 1) as [one]:
        one.ask()
    with (fresh / "postgres" / "data" / "postgresql.auto.conf").open("a") as file:
        file.write("work_mem = 'plenty'\n")
    refused = Visitor(fresh)
    refused.tell("ask")
    assert refused.answer() == []
    said = refused.leave()
    assert "The embedded PostgreSQL didn't start" in said
    assert 'invalid value for parameter "work_mem": "plenty"' in said
    assert "set DATABASE_URL" in said


def test_it_is_not_removed_while_a_process_uses_it_and_removed_when_none_does(fresh: Path) -> None:
    place = fresh / "postgres"
    assert not embedded.exists(place)
    with visitors(fresh, 1) as [one]:
        server = one.ask()
        assert embedded.exists(place)
        with pytest.raises(InUseError, match="Other processes use the embedded database"):
            embedded.remove(place)
        assert one.ask() == server
    embedded.remove(place)
    assert not embedded.exists(place)
    with visitors(fresh, 1) as [one]:
        assert one.ask() != server


def test_a_server_that_a_killed_process_left_is_removed_too(fresh: Path) -> None:
    one = Visitor(fresh)
    one.ask()
    kill(one.process.pid)
    one.leave()
    assert runs(fresh)
    embedded.remove(fresh / "postgres")
    assert not runs(fresh)
    assert not embedded.exists(fresh / "postgres")
