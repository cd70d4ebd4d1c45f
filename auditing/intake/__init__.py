"""How ids come in: `formats` reads them from files, logs and responses, `sending` from what programs send;
`register` keeps them."""

from auditing.intake.formats import Entry, Format, Rejection, read_entries
from auditing.intake.register import Intake, IntakeReport, MayNotAdd, Registered, UnknownOwner

__all__ = [
    "Entry",
    "Format",
    "Intake",
    "IntakeReport",
    "MayNotAdd",
    "Registered",
    "Rejection",
    "UnknownOwner",
    "read_entries",
]
