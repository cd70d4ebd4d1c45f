"""A record asked for by its id: shown, or refused as its provider refuses it."""

from collections.abc import Iterable

from django.db import connection

from auditing.access.acting import Person
from auditing.access.seeing import visible_to
from auditing.models import Generation
from auditing.providers import PROVIDERS
from auditing.records import Outcome


class Refused(Exception):
    """A record that this person gets no sight of: `http_status` and `text` are the provider's own words."""

    def __init__(self, http_status: int, text: str) -> None:
        super().__init__(text)
        self.http_status = http_status
        self.text = text


def records_of_id(
    person: Person, provider_key: str, external_id: str, related: Iterable[str] = ()
) -> list[Generation]:
    """Every record of this id that the person may see, the one whose lookup is `ok` first.

    Raises Refused as the provider would: NanoBanana says 403 for what exists and isn't theirs, ReelBot 404
    for both, with the same queries either way; a missing id is 404 for both.
    """
    provider = PROVIDERS.get(provider_key)
    if provider is None:
        raise Refused(404, "There is no such provider")
    rows = (
        visible_to(person)
        .filter(provider=provider_key, external_id=external_id)
        .select_related("team", "lookup", *related)
        .order_by("team__slug")
    )
    if records := sorted(rows, key=lambda record: record.lookup.outcome != Outcome.OK):
        return records
    if provider.refusal.http_status == 403 and _exists(provider_key, external_id):
        raise Refused(provider.refusal.http_status, provider.refusal.text)
    raise Refused(404, provider.missing_text)


def _exists(provider_key: str, external_id: str) -> bool:
    """Whether any team registered this id. Asked only to choose between 403 and 404."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT auditing_is_registered(%s, %s)", [provider_key, external_id])
        return bool(cursor.fetchone()[0])
