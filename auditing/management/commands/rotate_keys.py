"""`rotate_keys`: wraps every account's key for the present KEY_ENCRYPTION_KEY."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from auditing.keys.rotation import rotate
from config.sealing import NoPrivateKey


class Command(BaseCommand):
    """Calls `keys.rotation.rotate`, prints what became of the rows."""

    help = (
        "Move every account's key from the keys in KEY_ENCRYPTION_KEY_OLD to KEY_ENCRYPTION_KEY. It may be"
        " killed and run again, beside workers and people. Exit codes: 0 all are moved; 1 some don't open."
    )

    def handle(self, *_: Any, **__: Any) -> None:
        """Rotate."""
        try:
            done = rotate()
        except NoPrivateKey as fault:
            raise CommandError(str(fault)) from None
        self.stdout.write(f"{done.moved} keys moved, {done.present} were moved already.")
        for words in done.unreadable:
            self.stderr.write(self.style.ERROR(f"Not moved: {words}."))
        if done.unreadable:
            raise CommandError(f"{len(done.unreadable)} keys were not moved; keep the old key until they are")
