"""Parts of pages that are the same for everybody: made once a process for the values they depend on."""

from collections.abc import Hashable
from functools import lru_cache
from typing import Any

from django import template
from django.template import Context, Node, NodeList
from django.template.base import FilterExpression, Parser, Template, Token, token_kwargs
from django.template.exceptions import TemplateSyntaxError
from django.urls import get_script_prefix
from django.utils.safestring import SafeString

register = template.Library()

MOST, CONDITION = 32, "if"


class OnceNode(Node):
    """What stands between `{% once %}` and `{% endonce %}`. It knows nothing but the values that the tag
    names, neither who asks nor when; so it can't show anybody what is another's."""

    def __init__(self, nodelist: NodeList, inputs: dict[str, FilterExpression]) -> None:
        self.nodelist = nodelist
        self._condition = inputs.pop(CONDITION, None)
        self._inputs = inputs
        self._made = lru_cache(maxsize=MOST)(self._make)

    def render(self, context: Context) -> SafeString:
        """As it was made for these values (hashable ones), or is now."""
        values = tuple([value.resolve(context) for value in self._inputs.values()])
        is_kept = self._condition is None or self._condition.resolve(context)
        make = self._made if is_kept else self._make
        return make(get_script_prefix(), values)

    def _make(self, _prefix: str, values: tuple[Hashable, ...]) -> SafeString:
        """The addresses in it begin with the prefix that the server was asked below."""
        within, context = Template(""), Context(dict(zip(self._inputs, values, strict=True)))
        with context.bind_template(within), context.render_context.push_state(within):
            return self.nodelist.render(context)


@register.tag
def once(parser: Parser, token: Token) -> OnceNode:
    """`{% once name=value … %}` to `{% endonce %}`: made of these values alone, and kept for the latest. With
    `if=condition` nothing is kept where that is not met: what one person asks for is nobody else's."""
    words: list[Any] = token.split_contents()[1:]
    inputs = token_kwargs(words, parser)
    if words:
        raise TemplateSyntaxError("once takes values by name alone: {% once name=value %}")
    nodelist = parser.parse(("endonce",))
    parser.delete_first_token()
    return OnceNode(nodelist, inputs)
