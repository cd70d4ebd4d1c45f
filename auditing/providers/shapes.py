"""A payload becomes a provider's wire struct, or a fault that names the field."""

import re
from typing import Annotated, Any

import msgspec

from auditing.providers.payloads import Malformed

# Nothing is ever cut to fit: a longer one is refused. Vendors publish no lengths; their words have at most
# 14 characters, their titles a few words. S3 keys end at 1,024 bytes. Prompts and messages may be any length.
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Title = Annotated[str, msgspec.Meta(max_length=500)]
Url = Annotated[str, msgspec.Meta(max_length=4096)]
ObjectKey = Annotated[str, msgspec.Meta(max_length=1024)]
Number = int | float

_MISSING = re.compile(r"Object missing required field `(?P<field>.+?)`(?: - at `\$\.(?P<place>.+)`)?")
_TYPE = re.compile(r"Expected `(?P<wanted>.+?)`, got `(?P<got>.+?)`(?: - at `\$\.(?P<place>.+)`)?")
_LENGTH = re.compile(r"Expected `str` of length (?P<bound>[<>]=) (?P<size>\d+) - at `\$\.(?P<place>.+)`")
_KINDS = {
    "array": "a list",
    "bool": "true or false",
    "float": "a number",
    "int": "a number",
    "int | float": "a number",
    "object": "an object",
    "str": "a string",
}


def typed[Shape](payload: dict[str, Any], shape: type[Shape]) -> Shape:
    """The payload as a wire struct; raises Malformed with the field, what it should be and what it is."""
    try:
        return msgspec.convert(payload, shape)
    except msgspec.ValidationError as refusal:
        raise Malformed(in_words(str(refusal))) from None


def in_words(refusal: str) -> str:
    """msgspec's refusal with the field first: `video.credits_used: expected a number, got a string`."""
    if found := _MISSING.fullmatch(refusal):
        place = f"{found['place']}." if found["place"] else ""
        return f"{place}{found['field']}: missing"
    if found := _TYPE.fullmatch(refusal):
        wanted, got = found["wanted"].removesuffix(" | null"), found["got"]
        return f"{found['place']}: expected {_KINDS.get(wanted, wanted)}, got {_KINDS.get(got, got)}"
    if found := _LENGTH.fullmatch(refusal):
        fault = f"over {found['size']} characters" if found["bound"] == "<=" else "an empty string"
        return f"{found['place']}: {fault}"
    return refusal
