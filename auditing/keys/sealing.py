"""The closing half: an account's key is sealed before it reaches the database, and nobody here can open it.

A data key of its own seals each account's key (AES-256-GCM). HPKE (RFC 9180, base mode: X25519, HKDF-SHA256,
AES-256-GCM) wraps the data key for the public half of the key-encryption key. Both are bound to the account's
identity, so that sealed bytes moved to another row don't open.
"""

import hashlib
import os

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from django.conf import settings
from django.db.models.functions import Now

from auditing.models import Account, Credential

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
NONCE_LENGTH = 12
SHOWN_FROM_LENGTH = 12  # of a shorter key, four characters would say too much


def store_key(account: Account, key: str) -> None:
    """Seal this key for this account in place of the one before, whose test counts for nothing any more.

    It writes without reading, as the web's database role may.
    """
    data_key, bound_to = AESGCM.generate_key(bit_length=256), identity_of(account)
    public, nonce = settings.KEY_ENCRYPTION.public(), os.urandom(NONCE_LENGTH)
    values = {
        "wrapped_data_key": wrapped(data_key, public, bound_to),
        "wrapped_for": name_of(public),
        "sealed_key": nonce + AESGCM(data_key).encrypt(nonce, key.encode(), bound_to),
        "last_four": key[-4:] if len(key) >= SHOWN_FROM_LENGTH else "",
        "stored_at": Now(),
        "tested_at": None,
        "test_result": "",
        "test_words": "",
    }
    Account.objects.select_for_update(no_key=True).get(pk=account.pk)  # one writer at a time
    if not Credential.objects.filter(account=account).update(**values):
        Credential.objects.bulk_create([Credential(account=account, **values)])


def wrapped(data_key: bytes, public: bytes, bound_to: bytes) -> bytes:
    """The data key, for the owner of the private half to this public one."""
    return SUITE.encrypt(data_key, X25519PublicKey.from_public_bytes(public), info=bound_to)


def name_of(public: bytes) -> str:
    """A short name for a public key, to tell by which private half a row opens."""
    return hashlib.sha256(public).hexdigest()[:16]


def identity_of(account: Account) -> bytes:
    """What an account's sealed key is bound to."""
    return f"clipledger:credential:{account.pk}:{account.provider}".encode()
