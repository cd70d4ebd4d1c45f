"""What can go wrong with the embedded server, split by what a caller does about it.

EmbeddedServerError          it can't be used; the message says what to do (an OperationalError: Django's own
│                            handling of an unreachable database applies)
└── InUseError               other processes are using it: try again when they have ended
"""

from django.db.utils import OperationalError


class EmbeddedServerError(OperationalError):
    """The embedded PostgreSQL can't be used; the message names the cause and a way out."""


class InUseError(EmbeddedServerError):
    """Other processes use this embedded PostgreSQL right now."""
