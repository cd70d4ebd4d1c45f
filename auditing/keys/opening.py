"""The opening half, for workers and their commands alone (`tests/test_layers.py` sees to it)."""

from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from auditing.keys.sealing import NONCE_LENGTH, SUITE, identity_of, name_of
from auditing.models import Account, Credential
from config.sealing import NoPrivateKey, public_half


class KeyUnreadable(Exception):
    """An account's key can't be opened: it has none, the private half is missing, or the row was altered."""


@dataclass(frozen=True, slots=True)
class OpenKey:
    """An account's key, to be sent and forgotten. Only `text` gives it away: no representation does."""

    text: str = field(repr=False)

    def __str__(self) -> str:
        return "(an account's key)"


def open_key(account: Account) -> OpenKey:
    """The account's key. Raises KeyUnreadable with what to do."""
    credential = Credential.objects.filter(account=account).first()
    if credential is None:
        raise KeyUnreadable(f"account {account.label} has no key; set one with add_account")
    return opened(credential, account)


def opened(credential: Credential, account: Account) -> OpenKey:
    """The key that this row holds. Raises KeyUnreadable with what to do."""
    bound_to, sealed = identity_of(account), bytes(credential.sealed_key)
    try:
        data_key = data_key_of(credential, account)
        key = AESGCM(data_key).decrypt(sealed[:NONCE_LENGTH], sealed[NONCE_LENGTH:], bound_to)
    except InvalidTag:
        raise KeyUnreadable(
            f"the key of account {account.label} does not open with this KEY_ENCRYPTION_KEY: it was altered,"
            " or moved from another row; store the key again with add_account"
        ) from None
    return OpenKey(key.decode())


def data_key_of(credential: Credential, account: Account) -> bytes:
    """The data key of a row, unwrapped. Raises KeyUnreadable with what to do, and InvalidTag."""
    try:
        private = private_keys().get(credential.wrapped_for)
    except NoPrivateKey as fault:
        raise KeyUnreadable(f"the key of account {account.label} does not open: {fault}") from None
    if private is None:
        raise KeyUnreadable(
            f"the key of account {account.label} does not open with this KEY_ENCRYPTION_KEY: it was sealed"
            f" for another one (public half {credential.wrapped_for}); name that in KEY_ENCRYPTION_KEY_OLD,"
            " or store the key again with add_account"
        )
    return SUITE.decrypt(
        bytes(credential.wrapped_data_key),
        X25519PrivateKey.from_private_bytes(private),
        info=identity_of(account),
    )


def private_keys() -> dict[str, bytes]:
    """The private halves that open rows here, by their public half's name. Raises NoPrivateKey."""
    found = settings.KEY_ENCRYPTION
    return {name_of(public_half(key)): key for key in (found.private(), *found.former())}
