"""`sealing_key`: prints the public half of the key-encryption key, for web processes of other machines."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.sealing import NoPrivateKey, in_base64, public_half


class Command(BaseCommand):
    """Prints one line."""

    help = (
        "Print the public half of KEY_ENCRYPTION_KEY, to be set as KEY_SEALING_KEY where the web runs: it"
        " seals accounts' keys and opens none."
    )
    requires_system_checks = ()

    def handle(self, *_: Any, **__: Any) -> None:
        """Print it."""
        try:
            self.stdout.write(in_base64(public_half(settings.KEY_ENCRYPTION.private())))
        except NoPrivateKey as fault:
            raise CommandError(str(fault)) from None
