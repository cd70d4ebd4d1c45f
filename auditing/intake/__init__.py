"""How ids come in: `formats` reads them from files, logs and responses, `register` keeps them."""

from auditing.intake.formats import Entry, Format, Rejection, read_entries
from auditing.intake.register import Intake, IntakeReport, UnknownOwner

__all__ = ["Entry", "Format", "Intake", "IntakeReport", "Rejection", "UnknownOwner", "read_entries"]
