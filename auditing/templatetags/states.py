"""How states look: of generations, lookups, runs, accounts, tokens and statements. Formats only."""

from collections.abc import Callable
from functools import lru_cache

from django import template
from django.utils.safestring import SafeString

from auditing.models import Run
from auditing.records import Flag, Outcome, Status
from auditing.templatetags.markup import html
from auditing.templatetags.showing import icon as drawn
from auditing.tokens import Standing
from auditing.views.words import (
    ACCOUNT_LOOKS,
    FLAG_WORDS,
    OUTCOME_LOOKS,
    OUTCOME_NEXT,
    OUTCOME_WORDS,
    RUN_LOOKS,
    STATEMENT_LOOKS,
    STATUS_ICONS,
    TOKEN_LOOKS,
    UNKNOWN_ICON,
)

register = template.Library()

type Icon = Callable[[str, int], SafeString]
"""What draws an icon, by its name and size."""


@register.simple_tag
def status(word: str | None, provider_status: str | None = None) -> SafeString:
    """A status as shape, word and colour. None: its first good lookup is still to come."""
    return status_badge(word, provider_status, drawn)


@lru_cache(maxsize=1000)
def status_badge(word: str | None, provider_status: str | None, icon: Icon) -> SafeString:
    """The same, its shape drawn by `icon`."""
    if word is None:
        return html(
            '<span class="badge" title="no good lookup yet">{}Not yet known</span>', icon(UNKNOWN_ICON, 14)
        )
    known = Status(word)
    said = f"the provider says: {provider_status}" if provider_status not in (None, "", word) else ""
    return html(
        '<span class="badge is-{}"{}>{}{}</span>',
        known.value,
        html(' title="{}"', said) if said else "",
        icon(STATUS_ICONS[known], 14),
        known.value.capitalize(),
    )


@register.simple_tag
def outcome(word: str | None) -> SafeString:
    """How a lookup went, as shape, word and colour. None: never looked up."""
    return outcome_badge(word, drawn)


@lru_cache(maxsize=100)
def outcome_badge(word: str | None, icon: Icon) -> SafeString:
    """The same, its shape drawn by `icon`."""
    if word is None:
        return html('<span class="badge">{}Never looked up</span>', icon(UNKNOWN_ICON, 14))
    known = Outcome(word)
    look, shape = OUTCOME_LOOKS[known]
    shown = "OK" if known is Outcome.OK else known.value.replace("_", " ").capitalize()
    return html(
        '<span class="badge is-{}" title="{}">{}{}</span>',
        look,
        OUTCOME_WORDS[known],
        icon(shape, 14),
        shown,
    )


@register.simple_tag
def run_state(word: str) -> SafeString:
    """How a run stands, as shape, word and colour."""
    return badge(word, *RUN_LOOKS[Run.State(word)])


@register.simple_tag
def account_state(word: str) -> SafeString:
    """The one thing to know about an account (`sync_health.AccountHealth.state`)."""
    said, look, shape = ACCOUNT_LOOKS[word]
    return badge(said, look, shape)


@register.simple_tag
def token_state(standing: Standing) -> SafeString:
    """How a personal token stands."""
    return badge(*TOKEN_LOOKS[standing])


@register.simple_tag
def statement_state(word: str) -> SafeString:
    """How a provider's statement stands to ours."""
    return badge(*STATEMENT_LOOKS[word])


def badge(word: str, look: str, shape: str) -> SafeString:
    """A word with its shape and colour."""
    return html('<span class="badge is-{}">{}{}</span>', look, drawn(shape, 14), word.capitalize())


@register.filter
def outcome_words(word: str | None) -> str:
    """What a lookup's outcome means, as a sentence."""
    return OUTCOME_WORDS[Outcome(word)] if word else "It has not been looked up yet."


@register.filter
def outcome_next(word: str) -> str:
    """Whether a lookup with this outcome is made again, or rests."""
    return OUTCOME_NEXT[Outcome(word)]


@register.filter
def flag_words(word: str) -> str:
    """What a flag means, as a sentence; a flag that this version doesn't know shows as its word."""
    return FLAG_WORDS[Flag(word)] if word in list(Flag) else word
