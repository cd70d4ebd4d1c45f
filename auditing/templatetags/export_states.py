"""How exports stand, as their page shows it. Formats only."""

from django import template
from django.utils.safestring import SafeString

from auditing.exports.recording import State
from auditing.templatetags.states import badge
from auditing.views.words import EXPORT_LOOKS

register = template.Library()


@register.simple_tag
def export_state(state: State) -> SafeString:
    """How a file stands, as shape, word and colour."""
    return badge(state.value, *EXPORT_LOOKS[state])
