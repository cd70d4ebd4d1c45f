"""The addresses of records' pages."""

from urllib.parse import quote, urlencode

from django.urls import reverse


def of_generation(provider: str, external_id: str) -> str:
    """The address of a record's page.

    The id is one quoted segment: a `/` left bare would let a browser resolve `..` inside an id away.
    """
    return f"{reverse('generation_list')}{quote(provider, safe='')}/{quote(external_id, safe='')}/"


def of_download(provider: str, external_id: str, team: str) -> str:
    """Where "Get download link" is sent for a record of this team."""
    query = urlencode({"provider": provider, "external_id": external_id, "team": team})
    return f"{reverse('generation_download')}?{query}"
