"""E-mails: who subscribes to the monthly report, and which letters were asked for, tried and sent."""

from django.db import models
from django.db.models.functions import Now

from auditing.models.budgets import BudgetNotice
from auditing.models.people import User


class ReportSubscription(models.Model):
    """This person gets each month's credit report by e-mail, from the month on in which they asked for it."""

    person = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="report_subscription"
    )
    since = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.person_id} since {self.since}"


class Mailing(models.Model):
    """One letter to one person: of a budget's `notice`, else the credit report of `month`. There is one at
    most of each.

    What it says is settled when it is sent, by what its person may see then. Who sends it holds it until
    `claimed_until`. It is tried from `next_try_at` on, until it was sent or dropped; `fault` says in words
    why the last try failed, or why it was dropped.
    """

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="mailings")
    notice = models.ForeignKey(BudgetNotice, on_delete=models.CASCADE, null=True, related_name="mailings")
    month = models.DateField(null=True)
    asked_at = models.DateTimeField(db_default=Now())
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(db_default=Now())
    claimed_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=300, default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("person", "notice"), name="mailing_once_a_notice"),
            models.UniqueConstraint(fields=("person", "month"), name="mailing_once_a_month"),
            models.CheckConstraint(
                condition=models.Q(notice=None, month__isnull=False)
                | models.Q(notice__isnull=False, month=None),
                name="mailing_of_one_thing",
            ),
        )
        indexes = (
            models.Index(
                fields=("next_try_at",),
                condition=models.Q(sent_at=None, dropped_at=None),
                name="mailing_open",
            ),
        )

    def __str__(self) -> str:
        return f"letter #{self.pk}"
