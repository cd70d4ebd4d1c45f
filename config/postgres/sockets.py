"""Where the server's Unix socket is: in a folder that only the server's user may enter."""

import hashlib
import os
import re
import tempfile
from pathlib import Path

from config.postgres import privileges
from config.postgres.errors import EmbeddedServerError
from config.postgres.privileges import ServerUser

PORT = 5432  # a part of the socket's name; there is no TCP
LONGEST_SOCKET_PATH = 103  # bytes; Linux takes 107, macOS 103


def socket_directory(data: Path, user: ServerUser) -> Path:
    """The data directory itself, unless its path is too long or too odd: then a private folder elsewhere."""
    fits = len(os.fsencode(data / f".s.PGSQL.{PORT}")) <= LONGEST_SOCKET_PATH
    if fits and re.fullmatch(r"/[\w./+@~ -]+", str(data)):
        return data
    return private_directory(data, user, Path(tempfile.gettempdir()).resolve())


def private_directory(data: Path, user: ServerUser, below: Path) -> Path:
    """A folder in a place that all may write to, which only `user` may enter; the same for the same data.

    EmbeddedServerError when somebody else has made a folder of that name.
    """
    digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    folder = below / f"clipledger-{user.uid}-{digest}"
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        pass
    else:
        user.give(folder)
    found = folder.lstat()
    if folder.is_symlink() or not folder.is_dir() or found.st_uid != user.uid or found.st_mode & 0o077:
        raise EmbeddedServerError(
            f"{folder} should be a private folder of {user.name}, for the database's socket, and is not: "
            "somebody else may have made it. Delete it, or set TMPDIR or CLIPLEDGER_VAR to another place."
        )
    privileges.open_the_way(user, below)
    return folder
