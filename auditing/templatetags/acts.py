"""How entries of the trail look on its page. Formats only."""

from django import template
from django.utils.safestring import SafeString

from auditing.models import Act, TrailEntry
from auditing.templatetags.states import badge
from auditing.views import addresses
from auditing.views.words import ACT_LOOKS, UNKNOWN_ACT

register = template.Library()


@register.simple_tag
def act(word: str) -> SafeString:
    """What a person did, as shape, word and colour; a word that only another version knows, as it is."""
    if word not in Act:
        return badge(word.replace("_", " "), *UNKNOWN_ACT)
    known = Act(word)
    return badge(known.label, *ACT_LOOKS[known])


@register.filter
def asked_address(entry: TrailEntry) -> str:
    """The page of what an entry of the trail is about; empty where it is about no page."""
    if entry.external_id:
        team = {"team": entry.team.slug} if entry.team and entry.act != Act.REFUSED else {}
        return addresses.of_generation(entry.provider, entry.external_id, **team)
    if entry.account_id is not None:
        return addresses.of_sync()
    return ""
