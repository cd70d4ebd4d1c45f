"""What providers said, for good: one row for every payload that differed from the one before."""

from django.db import models

from auditing.models.accounts import Account
from auditing.models.generations import Generation
from auditing.models.people import Team, User


class Observation(models.Model):
    """One payload as it came, a link in its account's hash chain (`history.py` says what is hashed).

    `payload` may be erased later without breaking the chain, which holds the payload's salted digest only.
    Team and owner are the generation's, whose constraints vouch for them; for the account the head of its
    chain does, which is locked while it is appended to and stays once anything hangs on it.
    """

    # Each observation is written once and found by account or generation, which the indexes below begin with.
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="observations", db_constraint=False, db_index=False
    )
    sequence = models.BigIntegerField()
    generation = models.ForeignKey(
        Generation, on_delete=models.PROTECT, related_name="observations", db_index=False
    )
    team = models.ForeignKey(
        Team, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    owner = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    observed_at = models.DateTimeField()
    http_status = models.SmallIntegerField()
    payload = models.JSONField(null=True)
    payload_salt = models.BinaryField(max_length=16)
    payload_digest = models.BinaryField(max_length=32)
    previous_hash = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("account", "sequence"), name="observation_once_a_sequence"),
        )
        indexes = (models.Index(fields=("generation", "observed_at", "id"), name="observation_generation"),)

    def __str__(self) -> str:
        return f"{self.account_id}#{self.sequence}"
