"""Passes of the sync, and each account's part of them."""

from django.db import models

from auditing.models.accounts import Account
from auditing.models.people import Team, User


class Run(models.Model):
    """One pass of the sync over one or more accounts."""

    class Trigger(models.TextChoices):
        """What started a run."""

        COMMAND = "command", "Command"
        SCHEDULE = "schedule", "Schedule"
        PAGE = "page", "Page"
        API = "api", "API"

    class State(models.TextChoices):
        """How a run stands. `stopped` ended by a signal or its budget; `interrupted` was killed."""

        RUNNING = "running", "Running"
        FINISHED = "finished", "Finished"
        STOPPED = "stopped", "Stopped"
        INTERRUPTED = "interrupted", "Interrupted"
        FAILED = "failed", "Failed"

    trigger = models.CharField(max_length=16, choices=Trigger)
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="runs")
    state = models.CharField(max_length=16, choices=State, default=State.RUNNING)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    host = models.CharField(max_length=255)
    process_id = models.PositiveIntegerField()

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("id",), condition=models.Q(state="running"), name="run_under_way"),)

    def __str__(self) -> str:
        return f"run {self.pk}"


class Lease(models.Model):
    """Who may write for an account now (`sync/lease.py`): the fencing number only ever grows.

    `host` and `process` name the holder, so that one that died on this host is known at once.
    """

    account = models.OneToOneField(Account, on_delete=models.CASCADE, primary_key=True, related_name="lease")
    fence = models.BigIntegerField()
    host = models.TextField()
    process = models.TextField()
    expires_at = models.DateTimeField()
    run = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True, related_name="leases")

    def __str__(self) -> str:
        return f"{self.account_id} by {self.process} (fence {self.fence})"


class RunPart(models.Model):
    """One account's part of a run.

    `requested` = the outcomes + `not_reached`. `not_reached` counts ids that were due and were not asked
    in this turn; `ended` says why a turn ended early. `bytes` are response bodies, `waited_milliseconds`
    the time spent holding the pace.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="parts")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="run_parts")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    requested = models.PositiveIntegerField(default=0)
    ok = models.PositiveIntegerField(default=0)
    denied = models.PositiveIntegerField(default=0)
    missing = models.PositiveIntegerField(default=0)
    unauthorized = models.PositiveIntegerField(default=0)
    rate_limited = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    unreachable = models.PositiveIntegerField(default=0)
    malformed = models.PositiveIntegerField(default=0)
    not_reached = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    waited_milliseconds = models.BigIntegerField(default=0)
    ended = models.CharField(max_length=500, default="", blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("run", "account"), name="run_part_once_an_account"),)
        indexes = (models.Index(fields=("account", "-id"), name="run_part_account"),)

    def __str__(self) -> str:
        return f"run {self.run_id}, account {self.account_id}"
