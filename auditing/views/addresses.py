"""The addresses of records' pages."""

from collections.abc import Callable
from urllib.parse import quote, urlencode

from django.urls import reverse

from auditing.filters import Shown
from auditing.records import Outcome


def of_generation(provider: str, external_id: str, **query: str) -> str:
    """The address of a record's page.

    The id is one quoted segment: a `/` left bare would let a browser resolve `..` inside an id away.
    """
    path = f"{reverse('generation_list')}{quote(provider, safe='')}/{quote(external_id, safe='')}/"
    return _with_query(path, query)


def of_list(query: str) -> str:
    """The list of generations that this query string asks for."""
    address = reverse("generation_list")
    return f"{address}?{query}" if query else address


def of_row(generation: Shown, in_list: str | None = None) -> str:
    """The address of a record's page, with its team where another team's record could come first; and with
    the query string of the list that it is a row of, which may be empty."""
    return of_rows(in_list)(generation)


def of_rows(in_list: str | None) -> Callable[[Shown], str]:
    """What gives these addresses to the rows of one list: what they share is put together once."""
    beginning = reverse("generation_list")
    end = "" if in_list is None else urlencode({"list": in_list})

    def address(row: Shown) -> str:
        record = f"{beginning}{quote(row.provider, safe='')}/{quote(row.external_id, safe='')}/"
        if row.lookup.outcome == Outcome.OK:
            return f"{record}?{end}" if end else record
        team = urlencode({"team": row.team.slug})
        return f"{record}?{team}&{end}" if end else f"{record}?{team}"

    return address


EVERYTHING = "view=all"
"""The query string of the list of all generations, whichever view the list begins with."""


def of_view(query: str) -> str:
    """The list that a saved view stands for."""
    return of_list(query or EVERYTHING)


def of_download(provider: str, external_id: str, team: str) -> str:
    """Where "Get download link" is sent for a record of this team."""
    return _below("generation_download", provider, external_id, team)


def of_notes(provider: str, external_id: str, team: str) -> str:
    """Where a note on a record of this team is sent."""
    return _below("generation_notes", provider, external_id, team)


def of_tags(provider: str, external_id: str, team: str) -> str:
    """Where a tag for a record of this team is sent."""
    return _below("generation_tags", provider, external_id, team)


def of_correction(provider: str, external_id: str, team: str) -> str:
    """Where a correction of a record of this team is sent."""
    return _below("generation_correct", provider, external_id, team)


def of_refund(provider: str, external_id: str, team: str) -> str:
    """Where a mark on the refund of a record of this team is sent."""
    return _below("generation_refund", provider, external_id, team)


def of_findings(query: str) -> str:
    """The findings that this query string asks for."""
    address = reverse("findings")
    return f"{address}?{query}" if query else address


def of_payload(provider: str, external_id: str, team: str, **which: str) -> str:
    """Where a payload of a record of this team is downloaded: the last good answer's, or `observation`'s."""
    return _below("generation_payload", provider, external_id, team, **which)


def of_link(provider: str, external_id: str, team: str, link: int) -> str:
    """The record's page, showing what became of the wish for a link."""
    return of_generation(provider, external_id, team=team, link=str(link))


def of_account_key(label: str, **query: str) -> str:
    """The page of an account's key."""
    return _with_query(reverse("sync_account_key"), {"account": label, **query})


def of_account_prices(label: str, **query: str) -> str:
    """The page of what an account's credits cost."""
    return _with_query(reverse("sync_account_prices"), {"account": label, **query})


def of_key_test(label: str) -> str:
    """Where "Test this key" is sent."""
    return _with_query(reverse("sync_account_test"), {"account": label})


def of_refresh(provider: str, external_id: str, team: str) -> str:
    """Where "Refresh now" is sent for a record of this team."""
    return _below("generation_refresh", provider, external_id, team)


def of_account_refresh(label: str) -> str:
    """Where "Refresh now" is sent for an account."""
    return _with_query(reverse("sync_refresh"), {"account": label})


def of_trail(**query: str) -> str:
    """The address of the trail of people."""
    return _with_query(reverse("audit"), query)


def of_trail_query(query: str) -> str:
    """The trail with this query string."""
    return f"{reverse('audit')}?{query}" if query else reverse("audit")


def of_exports(**query: str) -> str:
    """The address of a person's exports."""
    return _with_query(reverse("exports"), query)


def of_export(number: int) -> str:
    """That address, at one of them."""
    return f"{reverse('exports')}#export-{number}"


def of_sync(**query: str) -> str:
    """The address of the sync page."""
    return _with_query(reverse("sync"), query)


def _below(route: str, provider: str, external_id: str, team: str, **more: str) -> str:
    of = {"provider": provider, "external_id": external_id, "team": team}
    return _with_query(reverse(route), {**of, **more})


def _with_query(path: str, query: dict[str, str]) -> str:
    return f"{path}?{urlencode(query)}" if query else path
