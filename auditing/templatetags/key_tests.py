"""How the test of an account's key looks: a badge, and a sentence."""

from django import template
from django.utils.safestring import SafeString

from auditing.models import Credential
from auditing.templatetags.states import badge
from auditing.views.words import KEY_TEST_LOOKS, KEY_TEST_WORDS

register = template.Library()


@register.simple_tag
def key_test(word: str) -> SafeString:
    """What a test showed, as shape, word and colour."""
    return badge(word, *KEY_TEST_LOOKS[Credential.Result(word)])


@register.filter
def key_test_words(word: str) -> str:
    """What that means, as the end of a sentence."""
    return KEY_TEST_WORDS[Credential.Result(word)]
