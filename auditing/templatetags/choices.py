"""What a field of a form offers to choose from. Formats only, in Python: a page has dozens of them."""

from collections.abc import Iterable

from django import template
from django.utils.safestring import SafeString

from auditing.templatetags.markup import html, joined

register = template.Library()


@register.simple_tag
def options(names: Iterable[tuple[str, str, bool]]) -> SafeString:
    """Each value, its words, and whether it is chosen."""
    return joined(
        html('<option value="{}"{}>{}</option>', value, " selected" if selected else "", words)
        for value, words, selected in names
    )
