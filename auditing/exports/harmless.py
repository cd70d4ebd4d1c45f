"""Text that no spreadsheet takes for a formula: an apostrophe in front of what would begin one.

The rule can be read backwards. A text gets one apostrophe in front if, behind the apostrophes that it begins
with, there is a tab or the end of a line, or a formula's sign, with or without characters before it
that spreadsheets skip or nobody sees. So whoever finds an apostrophe (or several) in front of one of these
takes one away, and has what was written.
"""

import re

from django.db.models import Func
from django.db.models.expressions import Combinable

# Written as code points that Python's and PostgreSQL's regular expressions read alike, whatever the locale:
# control and format characters, all kinds of spaces, and what has no width or no look.
_UNSEEN = (
    r"\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160"
    r"\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f"
    r"\ufeff\uffa0\ufff0-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    r"\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# = + - @, the minus sign, and their small and full-width forms.
_SIGNS = r"=+@\u2212\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20-"
BEGINS_FORMULA = rf"[\t\r\n]|[{_UNSEEN}]*[{_SIGNS}]"
FORMULA = rf"^'*({BEGINS_FORMULA})"
"""What a text must not begin with, as a regular expression that Python and PostgreSQL read alike."""
_FORMULA = re.compile(FORMULA)


# What most text begins with: letters, digits, and what else of ASCII begins nothing. To look for a code
# point in a list is a single step: cheaper than a range's two comparisons, and far cheaper than the
# expression.
_PLAIN = ",".join(str(point) for point in range(48, 127) if chr(point) not in "=@")


def harmless_text(text: str) -> str:
    """One text by the rule above."""
    return f"'{text}" if _FORMULA.match(text) else text


def harmless(column: Combinable) -> Func:
    """The column's text by the rule above."""
    return Func(
        column,
        template=f"CASE WHEN ascii(%(expressions)s) = ANY ('{{{_PLAIN}}}') THEN %(expressions)s "
        rf"WHEN %(expressions)s ~ '{_in_sql(FORMULA)}' THEN '''' || %(expressions)s ELSE %(expressions)s END",
    )


def _in_sql(pattern: str) -> str:
    return pattern.replace("'", "''")
