"""Moves every account's key to the present key-encryption key, one row at a time."""

from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from django.conf import settings

from auditing.access import SYSTEM, acting_as
from auditing.keys.opening import KeyUnreadable, data_key_of
from auditing.keys.sealing import identity_of, name_of, wrapped
from auditing.models import Credential
from config.sealing import public_half


@dataclass(frozen=True, slots=True)
class Rotated:
    """How many rows were wrapped anew, how many were already, and why some could not be, in words."""

    moved: int
    present: int
    unreadable: tuple[str, ...]


def rotate() -> Rotated:
    """Wrap every data key for the present key-encryption key; the sealed keys stay as they are.

    Each row is a transaction of its own, and is changed only if it still is what was read: killed anywhere it
    loses nothing, the next run does the rest, and a key that a person stores meanwhile wins. Raises
    NoPrivateKey.
    """
    public = public_half(settings.KEY_ENCRYPTION.private())
    with acting_as(SYSTEM):
        everything = list(Credential.objects.order_by("pk").values_list("pk", flat=True))
    moved, unreadable = 0, []
    for pk in everything:
        with acting_as(SYSTEM):
            try:
                moved += _move(pk, public)
            except KeyUnreadable as fault:
                unreadable.append(str(fault))
    return Rotated(moved, len(everything) - moved - len(unreadable), tuple(unreadable))


def _move(pk: int, public: bytes) -> int:
    """1 when this row was wrapped anew. Raises KeyUnreadable."""
    credential = Credential.objects.select_related("account").get(pk=pk)
    if credential.wrapped_for == name_of(public):
        return 0
    account = credential.account
    try:
        data_key = data_key_of(credential, account)
    except InvalidTag:
        raise KeyUnreadable(
            f"the key of account {account.label} was altered, or moved from another row; store it again with"
            " add_account"
        ) from None
    as_read = Credential.objects.filter(
        pk=pk, wrapped_for=credential.wrapped_for, wrapped_data_key=credential.wrapped_data_key
    )
    return as_read.update(
        wrapped_data_key=wrapped(data_key, public, identity_of(account)), wrapped_for=name_of(public)
    )
