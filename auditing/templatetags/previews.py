"""Which of a record's pictures and films a page may show. Formats only."""

from django import template
from django.conf import settings

from auditing.media import may_be_shown

register = template.Library()


@register.filter
def media_link(url: str | None) -> str:
    """The address when a page may show what is there (settings.MEDIA_SOURCES), else empty."""
    return (url or "") if may_be_shown(url, settings.MEDIA_SOURCES) else ""
