"""Takes secrets out of texts that are about to be written somewhere: keys, tokens, signatures, passwords.

It goes by form, and does not need to know them: the names they stand behind (a header, a query's key, a
variable), and the prefixes that keys and tokens begin with.
"""

import re

MASK = "[redacted]"

# Names whose values are secret wherever they stand: `name=…`, `name: …`, `'name': '…'`, `('name', b'…')`.
_NAMES = (
    r"(?:proxy-)?authorization|x-api-key|(?:set-)?cookie|x-csrf-?token|csrfmiddlewaretoken|session_?(?:id|key)"
    r"|passwords?\d?|passwd|pwd|[a-z_]*secret(?:_key)?|secret|api_?key|access_?key(?:_?id)?|private_?key"
    r"|key_encryption_key|checkpoint_signing_key|token_pepper|pepper|(?:access_|refresh_|id_)?token|sig|signature|credential|hmac"
)
# Parts of a query that open what they are part of: S3, Google, CloudFront, Azure, and whoever says "sig".
_SIGNATURES = (
    r"x-amz-(?:signature|credential|security-token)|x-goog-(?:signature|credential)|signature|sig|hmac|policy"
    r"|key-pair-id|awsaccesskeyid|googleaccessid|key|auth|jwt|hdnts|hdnea|st|se|skoid|sktid"
)
_BETWEEN = r"""\\?["']?\s*(?:=>?|:|,)\s*(?:b(?=["']))?\\?["']?"""
_SECRETS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(rf"(?i)((?:[?&;]|&amp;|\\u0026)(?:{_SIGNATURES})=)[^&;\s\"'<>#\\]+"), rf"\1{MASK}"),
    (re.compile(r"(?i)\b((?:set-)?cookie" + _BETWEEN + r")[^\"'\r\n\\]+"), rf"\1{MASK}"),
    (
        re.compile(
            rf"(?i)(?<![a-z0-9])((?:{_NAMES}){_BETWEEN})(?:(?:bearer|basic|token)\s+)?(?:\[redacted\]|[^\s\"',;&<>(){{}}\[\]\\]+)"
        ),
        rf"\1{MASK}",
    ),
    (re.compile(r"(?i)\b(bearer|basic|token)\s+[A-Za-z0-9._~+/=-]{8,}"), rf"\1 {MASK}"),
    (re.compile(r"(?<![A-Za-z0-9])(clip_|nb_|rb_live_)[A-Za-z0-9_-]{8,}"), rf"\1{MASK}"),
    (re.compile(r"(://[^\s/:@\"']*:)[^\s/@\"']+@"), rf"\1{MASK}@"),
)


def redact(text: str) -> str:
    """The text without what looks like a secret; where it was, MASK stands. Twice is as good as once."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


_SECRET_NAME = re.compile(rf"(?i)^(?:.*[_-])?(?:{_NAMES}|key|keys)$")


def is_secret_name(name: str) -> bool:
    """Whether what goes by this name is never written, whatever it looks like."""
    return _SECRET_NAME.match(name) is not None
