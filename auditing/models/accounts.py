"""Accounts at providers, and their keys, which only ever lie here encrypted."""

from django.db import models

from auditing.models.people import Team, User


class Account(models.Model):
    """One API key at one provider, belonging to a team; `owner` where it is a person's own key.

    `per_minute` is this key's own request limit; null means the provider's published one. While
    `paused_at` is set nothing is sent but one probe from `probe_at` on. `blocked_until` is the reset time
    of the last 429. `quarantined_at` keeps it out of the plan: its turns kept dying with their workers.
    `notice` says in words what an operator should look at; empty when nothing.
    """

    provider = models.CharField(max_length=32)
    label = models.CharField(max_length=100, unique=True)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="accounts")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="own_accounts")
    base_url = models.URLField(max_length=500)
    per_minute = models.PositiveIntegerField(null=True)
    added_at = models.DateTimeField(auto_now_add=True)
    last_ok_at = models.DateTimeField(null=True)
    last_run_at = models.DateTimeField(null=True)
    blocked_until = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    probe_at = models.DateTimeField(null=True)
    quarantined_at = models.DateTimeField(null=True)
    notice = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ("label",)
        constraints = (
            models.UniqueConstraint(fields=("id", "team"), name="account_and_its_team"),
            models.CheckConstraint(condition=models.Q(per_minute__gt=0), name="account_pace_positive"),
        )

    def __str__(self) -> str:
        return self.label


class Credential(models.Model):
    """An account's key: sealed with a data key of its own, which is wrapped for workers (`keys/`).

    `wrapped_for` names the public key that it was wrapped for. The last test of this very key: when its
    answer came, and what it showed; null and empty before the first.
    """

    class Result(models.TextChoices):
        """What a test shows. `unclear`: an answer that proves neither, such as "wait"."""

        WORKS = "works"
        REFUSED = "refused"
        UNREACHABLE = "unreachable"
        UNCLEAR = "unclear"

    account = models.OneToOneField(
        Account, on_delete=models.CASCADE, primary_key=True, related_name="credential"
    )
    wrapped_data_key = models.BinaryField()
    wrapped_for = models.CharField(max_length=16)
    sealed_key = models.BinaryField()
    last_four = models.CharField(max_length=4)
    stored_at = models.DateTimeField()
    tested_at = models.DateTimeField(null=True)
    test_result = models.CharField(max_length=16, choices=Result, blank=True, default="")
    test_words = models.CharField(max_length=500, blank=True, default="")

    def __str__(self) -> str:
        return f"…{self.last_four}"


class ChainHead(models.Model):
    """Where an account's chain of observations ends; locked by the one writer that appends to it."""

    account = models.OneToOneField(
        Account, on_delete=models.CASCADE, primary_key=True, related_name="chain_head"
    )
    sequence = models.BigIntegerField(default=0)
    hash = models.BinaryField(max_length=32, default=bytes(32))

    def __str__(self) -> str:
        return f"{self.account_id} at {self.sequence}"
