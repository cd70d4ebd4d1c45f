"""How the last lookup of each generation went."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from auditing.models.accounts import Account
from auditing.models.generations import WALLED_BY, Generation
from auditing.models.people import Team, User
from auditing.records import FAILING, Outcome

NOT_OK = [word.value for word in Outcome if word is not Outcome.OK]
UNSETTLED = (
    models.Q(due_at__isnull=False)
    | models.Q(outcome__isnull=True)
    | models.Q(outcome__in=[word.value for word in FAILING])
)
"""What more is to be expected of; of everything else an answer is known, and it is at rest."""


class Lookup(models.Model):
    """How a generation's last lookup went and when the next is due: narrow, so that an unchanged answer
    rewrites no wide row.

    `synced_at` is the last `ok`; `outcome` null means never looked up; `due_at` null means at rest, and
    `resting` says why. `account` is the one that is asked next, `denied_by` are those of the team that were
    answered 403 since the last other answer. `attempts` counts answers of the same outcome in a row.
    `seen_digest` is the SHA-256 of the last payload's canonical form, `final_seen_at` when a final status was
    first seen as it is. `created_at` is the generation's, which the database keeps here for as long as the
    lookup is UNSETTLED; else null.
    """

    generation = models.OneToOneField(
        Generation, on_delete=models.CASCADE, primary_key=True, related_name="lookup"
    )
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="lookups", db_index=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", db_index=False)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    outcome = models.CharField(max_length=16, null=True)
    http_status = models.SmallIntegerField(null=True)
    reason = models.TextField(default="")
    looked_up_at = models.DateTimeField(null=True)
    synced_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    resting = models.TextField(default="")
    attempts = models.PositiveIntegerField(default=0)
    denied_by = ArrayField(models.BigIntegerField(), default=list)
    final_seen_at = models.DateTimeField(null=True)
    seen_digest = models.BinaryField(max_length=32, null=True)
    created_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(outcome__in=[word.value for word in Outcome]), name="lookup_outcome_known"
            ),
        )
        indexes = (
            models.Index(
                fields=("account", "due_at", "generation"),
                condition=models.Q(due_at__isnull=False),
                name="lookup_due",
            ),
            models.Index(fields=("account", "generation"), name="lookup_account"),
            models.Index(
                fields=("outcome", "generation"),
                include=WALLED_BY,
                condition=models.Q(outcome__in=NOT_OK),
                name="lookup_not_ok",
            ),
            models.Index(
                fields=("team", "generation"),
                include=("owner",),
                condition=models.Q(outcome__isnull=True),
                name="lookup_never",
            ),
            # Few of many: how fresh the jobs of a period are is told by these alone.
            models.Index(
                fields=("team", "created_at"),
                include=("generation", "owner", "outcome", "synced_at", "due_at"),
                condition=UNSETTLED,
                name="lookup_unsettled",
            ),
        )

    def __str__(self) -> str:
        return f"{self.generation_id}: {self.outcome or 'never looked up'}"
