"""One record for one bearer: found through `access`, made fresher where the request asks for that."""

from django.http import HttpRequest

from auditing.access import Bearer, Refused, acting_as, records_of_id
from auditing.api.freshness import PATIENCE, Patience, fresher, max_age_of
from auditing.models import Generation
from auditing.providers import PROVIDERS
from auditing.records import InvalidId, checked_id


def look_at(
    request: HttpRequest, bearer: Bearer, provider: str, external_id: str, patience: Patience = PATIENCE
) -> Generation:
    """The bearer's record of this id, with its lookup. Raises Refused as the provider would refuse it.

    It opens `acting_as` itself, and waits outside of it (`freshness.py`): call it outside of any transaction.
    """

    def read() -> Generation:
        return records_of_id(bearer, provider, external_id, ("lookup__account",))[0]

    if not can_be_an_id(external_id):
        # The database could not even be asked for some of these (NUL).
        declared = PROVIDERS.get(provider)
        raise Refused(404, declared.missing_text if declared else "There is no such provider")
    with acting_as(bearer):
        record = read()
    max_age = max_age_of(request)
    return record if max_age is None else fresher(bearer, record, max_age, read, patience)


def can_be_an_id(text: str) -> bool:
    """Whether any record could have this id."""
    try:
        checked_id(text)
    except InvalidId:
        return False
    return True
