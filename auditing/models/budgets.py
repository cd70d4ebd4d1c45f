"""Budgets: what a team, one of its people or accounts may spend a month, and who was told of it."""

from django.db import models
from django.db.models.functions import Now

from auditing.models.accounts import Account
from auditing.models.people import Team, User

THRESHOLDS = (50, 80, 100)


class Budget(models.Model):
    """Whose credits are budgeted: a team's, those of one person in it (`owner`), or those of one account.

    How many there are a month, its terms say.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="budgets")
    owner = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="budgets")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True, related_name="budgets")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("team", "owner", "account"), nulls_distinct=False, name="budget_once_a_subject"
            ),
            models.CheckConstraint(
                condition=models.Q(owner=None) | models.Q(account=None), name="budget_of_one_subject"
            ),
        )

    def __str__(self) -> str:
        return f"budget #{self.pk}"


class BudgetTerm(models.Model):
    """What a budget allows from a month on (its first day), until another term does: thousandths of credits,
    or null where it ends. Those that only documentation gives count where `documented`.

    Terms of months that are over stay as they are, so that those months do.
    """

    budget = models.ForeignKey(Budget, on_delete=models.CASCADE, related_name="terms", db_index=False)
    from_month = models.DateField()
    thousandths = models.BigIntegerField(null=True)
    documented = models.BooleanField(default=True)
    set_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("from_month",)
        constraints = (
            models.UniqueConstraint(fields=("budget", "from_month"), name="budget_term_once_a_month"),
            models.CheckConstraint(
                condition=models.Q(from_month__day=1), name="budget_term_of_a_whole_month"
            ),
            models.CheckConstraint(condition=models.Q(thousandths__gt=0), name="budget_term_of_something"),
        )

    def __str__(self) -> str:
        return f"budget #{self.budget_id} from {self.from_month}"


class BudgetNotice(models.Model):
    """A threshold that a budget's use reached in a month, for the first time: whoever adds the row tells of
    it. `used` and `allowed` are thousandths of credits at that moment, `unknown` the jobs without a figure.
    """

    budget = models.ForeignKey(Budget, on_delete=models.CASCADE, related_name="notices", db_index=False)
    month = models.DateField()
    threshold = models.PositiveSmallIntegerField()
    noticed_at = models.DateTimeField(db_default=Now())
    used = models.BigIntegerField()
    allowed = models.BigIntegerField()
    unknown = models.BigIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("budget", "month", "threshold"), name="budget_notice_once"),
            models.CheckConstraint(
                condition=models.Q(threshold__in=THRESHOLDS), name="budget_notice_threshold_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.threshold} % of budget #{self.budget_id} in {self.month:%Y-%m}"


class NoticeDismissal(models.Model):
    """A person has read a notice, and wants to see it no more."""

    notice = models.ForeignKey(
        BudgetNotice, on_delete=models.CASCADE, related_name="dismissals", db_index=False
    )
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    dismissed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("notice", "person"), name="notice_dismissed_once_a_person"),
        )

    def __str__(self) -> str:
        return f"notice #{self.notice_id} dismissed"
