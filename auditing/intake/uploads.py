"""A file that a person uploads, or ids that they paste: registered, with a report that is theirs to read."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import BinaryIO

from django.db.models import QuerySet
from django.db.models.functions import Left

from auditing.access import acting_as
from auditing.intake.formats import Format, read_entries
from auditing.intake.register import Intake
from auditing.models import Account, Upload, User
from auditing.providers import PROVIDERS

MOST_REJECTIONS_KEPT = 100_000
REJECTIONS_SHOWN = 20
BYTES_SHOWN = REJECTIONS_SHOWN * 400
REPORTS_KEPT_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What was uploaded or pasted, and what its person said of it; without an `owner`, as `Intake` says."""

    stream: BinaryIO
    name: str
    form: Format
    account: Account
    owner: str | None


def take_in(person: User, given: Given, now: datetime) -> Upload:
    """Register what is in the stream, a batch a transaction, in flat memory; the report is kept for 30 days.

    Call it outside of any transaction. Raises, before anything is registered: MayNotAdd, UnknownOwner, and
    csv.Error where the format is CSV and the header isn't one.
    """
    intake = Intake(given.account, person, given.owner)
    rejections = intake.register(read_entries(given.stream, PROVIDERS[given.account.provider], given.form))
    kept = "".join(f"{rejection}\n" for rejection in islice(rejections, MOST_REJECTIONS_KEPT))
    for _ in rejections:  # they count, and are not kept
        pass
    with acting_as(person):
        Upload.objects.filter(person=person, registered_at__lt=now - REPORTS_KEPT_FOR).delete()
        return Upload.objects.create(
            person=person,
            team_id=given.account.team_id,
            account=given.account,
            name=given.name[:255],
            registered_at=now,
            new=intake.report.new,
            known=intake.report.known,
            rejected=intake.report.rejected,
            rejections=kept,
        )


def uploads_of(person: User) -> QuerySet[Upload]:
    """This person's own reports, without the rejections but for the first (`first_rejections`)."""
    rows = Upload.objects.filter(person=person).select_related("account")
    return rows.defer("rejections").annotate(beginning=Left("rejections", BYTES_SHOWN))


def first_rejections(upload: Upload) -> list[str]:
    """The first rejected lines of one of `uploads_of`, in words."""
    beginning: str = upload.beginning  # type: ignore[attr-defined]  # uploads_of
    return beginning.splitlines()[:REJECTIONS_SHOWN]
