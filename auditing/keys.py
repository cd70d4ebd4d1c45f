"""Accounts' keys: sealed before they reach the database, opened only to send.

AES-256-GCM twice: a fresh data key seals the account's key, the key-encryption key (KEY_ENCRYPTION_KEY, 32
bytes, never SECRET_KEY) wraps the data key. Both carry the account's identity as associated data, so that
sealed bytes moved to another row don't open.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from auditing.models import Account, Credential

NONCE_LENGTH = 12


class KeyUnreadable(Exception):
    """An account's key can't be opened: the key-encryption key is another one, or the row was altered."""


def store_key(account: Account, key: str) -> Credential:
    """Seal this key for this account, replacing the one before."""
    data_key = AESGCM.generate_key(bit_length=256)
    bound_to = _bound_to(account)
    credential, _ = Credential.objects.update_or_create(
        account=account,
        defaults={
            "wrapped_data_key": _seal(settings.KEY_ENCRYPTION_KEY, data_key, bound_to),
            "sealed_key": _seal(data_key, key.encode(), bound_to),
            "last_four": key[-4:] if len(key) >= 12 else "",
        },
    )
    return credential


def open_key(account: Account) -> str:
    """The account's key, to be sent and forgotten. Raises KeyUnreadable with what to do."""
    credential = Credential.objects.filter(account=account).first()
    if credential is None:
        raise KeyUnreadable(f"account {account.label} has no key; set one with add_account")
    bound_to = _bound_to(account)
    try:
        data_key = _open(settings.KEY_ENCRYPTION_KEY, bytes(credential.wrapped_data_key), bound_to)
        return _open(data_key, bytes(credential.sealed_key), bound_to).decode()
    except InvalidTag:
        raise KeyUnreadable(
            f"the key of account {account.label} does not open with this KEY_ENCRYPTION_KEY; restore the"
            " one it was stored under, or store the key again with add_account"
        ) from None


def _bound_to(account: Account) -> bytes:
    return f"clipledger:credential:{account.pk}:{account.provider}".encode()


def _seal(key: bytes, plain: bytes, bound_to: bytes) -> bytes:
    nonce = os.urandom(NONCE_LENGTH)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound_to)


def _open(key: bytes, sealed: bytes, bound_to: bytes) -> bytes:
    return AESGCM(key).decrypt(sealed[:NONCE_LENGTH], sealed[NONCE_LENGTH:], bound_to)
