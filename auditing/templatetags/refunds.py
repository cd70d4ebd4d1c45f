"""How refunds look. Formats only."""

from django import template
from django.utils.safestring import SafeString

from auditing.models import RefundState
from auditing.templatetags.states import badge
from auditing.views.words import REFUND_LOOKS

register = template.Library()


@register.simple_tag
def refund_state(word: str) -> SafeString:
    """How a refund stands, as shape, word and colour."""
    state = RefundState(word)
    return badge(state.label, *REFUND_LOOKS[state])
