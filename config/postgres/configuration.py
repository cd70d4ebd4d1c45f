"""The server's configuration files, written anew at every start: a new release's settings take effect."""

import os
from pathlib import Path

from config.postgres.privileges import ServerUser
from config.postgres.sockets import PORT

SUPERUSER = "clipledger"

SETTINGS = """\
# Written by Clipledger at every start of the server. To change a setting for good, use ALTER SYSTEM.
listen_addresses = ''
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
port = {port}
max_connections = 100
shared_buffers = '256MB'
# After a checkpoint the first change of each page is logged with all of it: a sync that changes thousands
# of records a second paid a fifth of its time for that with the usual 1GB and 5min.
max_wal_size = '2GB'
checkpoint_timeout = '15min'
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
# The log tells what the server does, not what the rows hold: no statements, no details with values.
log_error_verbosity = terse
log_min_error_statement = panic
"""

# Peer authentication: the kernel says which of the system's users is at the other end of the socket. The
# server's own user and root may be any of the database's roles; everybody else has no line here, and no way
# to the socket either.
ACCESS = "local all all peer map=clipledger\n"
INCLUDE = "include 'clipledger.conf'\n"


def write_configuration(data: Path, user: ServerUser, sockets: Path) -> None:
    """Write our settings, and who may connect, into the data directory of a stopped server."""
    main = data / "postgresql.conf"
    if INCLUDE not in main.read_text():
        _replace(main, main.read_text() + INCLUDE, user)
    _replace(data / "clipledger.conf", SETTINGS.format(sockets=_quoted(sockets), port=PORT), user)
    _replace(data / "pg_hba.conf", ACCESS, user)
    names = sorted({user.name, "root"})
    _replace(data / "pg_ident.conf", "".join(f'clipledger "{name}" all\n' for name in names), user)


def _quoted(path: Path) -> str:
    return str(path).replace("\\", "\\\\").replace("'", "''")


def _replace(path: Path, text: str, user: ServerUser) -> None:
    """Put a new file in the place of `path`: root must not write through a link of the server's user."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    user.give(new)
    new.replace(path)
