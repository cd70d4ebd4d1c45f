"""Closed months: what a team's month came to when it was closed, for good, and what became known since."""

from django.db import models

from auditing.models.accounts import Account
from auditing.models.generations import Project
from auditing.models.people import Team, User


class ClosedMonth(models.Model):
    """A month of a team that was closed; it can't be opened again. `month` is its first day; what was created
    from `begins_at` to before `ends_at` belongs to it, days cut in `zone`. The database alone writes it and
    what is below (migration 0038), and refuses to change any of it.
    """

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="closed_months", db_index=False)
    month = models.DateField()
    zone = models.TextField()
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    closed_at = models.DateTimeField()
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("team", "month"), name="closed_once"),
            models.CheckConstraint(condition=models.Q(month__day=1), name="closed_month_by_its_first_day"),
        )

    def __str__(self) -> str:
        return f"{self.team_id}: {self.month:%Y-%m}"


class ClosedSeal(models.Model):
    """How many jobs a closed month has, and the digest of all of them: for those who see the whole team."""

    closed = models.OneToOneField(
        ClosedMonth, on_delete=models.PROTECT, primary_key=True, related_name="seal"
    )
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", db_index=False)
    jobs = models.BigIntegerField()
    digest = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return f"{self.closed_id}: {bytes(self.digest).hex()}"


class Counted(models.Model):
    """What jobs of a closed month are told apart by, and what they add up to: as rollups have it."""

    closed = models.ForeignKey(ClosedMonth, on_delete=models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", db_index=False)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    provider = models.CharField(max_length=32)
    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    mode = models.TextField(null=True)
    resolution = models.TextField(null=True)
    status = models.CharField(max_length=16, null=True)
    credits_basis = models.CharField(max_length=16, null=True)
    jobs = models.BigIntegerField()
    credits = models.BigIntegerField()
    credits_most = models.BigIntegerField()
    refunded = models.BigIntegerField()
    timed = models.BigIntegerField()
    milliseconds = models.BigIntegerField()
    credits_timed = models.BigIntegerField()

    class Meta:
        abstract = True


class ClosedCell(Counted):
    """A line of a closed month's report, frozen: its jobs of one day that have all else in common."""

    class Meta:
        indexes = (models.Index(fields=("closed", "owner"), name="closed_cell"),)

    def __str__(self) -> str:
        return f"{self.closed_id}: {self.day}"


class Adjustment(Counted):
    """One side of a change that touches a closed month: what a job counted for before it (`sign` is -1, and
    all sums are below zero) or counts for since. So a closed month's cells and sides together add up to what
    it comes to now. Sides of one change have `occasion` and `generation_id` in common; a side stands alone
    where the job was not in the month before, or is not in it any more (`kind` says which). `other_day` is
    then its day on the other side, where there is one that this owner may know of.

    `generation_id` is no foreign key: a job that was deleted is told of all the same.
    """

    class Kind(models.TextChoices):
        """What happened to the job, as seen from the month."""

        REGISTERED = "registered", "Registered"
        ENTERED = "entered", "Came into the month"
        CHANGED = "changed", "Changed"
        LEFT = "left", "Left the month"
        DELETED = "deleted", "Deleted"

    occasion = models.BigIntegerField()
    known_at = models.DateTimeField()
    kind = models.CharField(max_length=16, choices=Kind)
    generation_id = models.BigIntegerField()
    external_id = models.CharField(max_length=255)
    sign = models.SmallIntegerField()
    other_day = models.DateField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=("closed", "generation_id", "occasion"), name="adjustment_job"),
            models.Index(fields=("team", "known_at"), name="adjustment_known"),
        )

    def __str__(self) -> str:
        return f"{self.provider}/{self.external_id}: {self.kind}"
