"""What became of the credits of a job: claimed back, given back or refused, and every step on the way."""

from django.db import models
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual

from auditing.models.generations import Generation
from auditing.models.people import Team, User

LONGEST_REASON = 2000


class RefundState(models.TextChoices):
    """How it stands. A job without a refund is open where it gave nothing and cost credits."""

    OPEN = "open", "Open"
    CLAIMED = "claimed", "Claimed"
    REFUNDED = "refunded", "Refunded"
    REFUSED = "refused", "Refused"


SETTLED = tuple(state for state in RefundState if state is not RefundState.OPEN)


class Refund(models.Model):
    """How the refund of one generation stands; who does not exist was never marked, by nobody and no lookup.

    `credits_thousandths` is what the job was charged when it was claimed (null: unknown), `back_thousandths`
    how much less than at its most its last figure is, as lookups found. `marked_by` is null where a lookup
    found it. Triggers (0042) see to team and owner, which are the generation's, to the time, the charge and
    the version, which each change counts up; and to what lookups find.
    """

    generation = models.OneToOneField(
        Generation, on_delete=models.CASCADE, primary_key=True, related_name="refund"
    )
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", db_index=False)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    state = models.CharField(max_length=16, choices=RefundState)
    credits_thousandths = models.BigIntegerField(null=True)
    back_thousandths = models.BigIntegerField(default=0)
    marked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    marked_at = models.DateTimeField()
    note = models.TextField(default="")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=RefundState.values), name="refund_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(back_thousandths__gte=0), name="refund_back_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(LessThanOrEqual(Length("note"), LONGEST_REASON)), name="refund_note_length"
            ),
        )
        indexes = (models.Index(fields=("state", "generation"), name="refund_state"),)

    def __str__(self) -> str:
        return f"{self.generation_id}: {self.state}"


class RefundStep(models.Model):
    """A refund as it stood from a moment on, for good: written by the database with each change."""

    generation = models.ForeignKey(
        Generation, on_delete=models.CASCADE, related_name="refund_steps", db_index=False
    )
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", db_index=False)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=16)
    credits_thousandths = models.BigIntegerField(null=True)
    back_thousandths = models.BigIntegerField()
    marked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    marked_at = models.DateTimeField()
    note = models.TextField(default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("generation", "version"), name="refund_step_once_a_version"),
        )

    def __str__(self) -> str:
        return f"{self.generation_id}: {self.state} #{self.version}"
