"""Statements: what a provider says that it charged an account in a period."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from auditing.models.accounts import Account
from auditing.models.people import Team, User

LONGEST_REFERENCE = 200
LONGEST_REMARK = 1000


class Statement(models.Model):
    """A provider's document about one account, from its first to its last day (of the report zone).

    `total_thousandths` is the total that it states; null where nobody entered one. A statement by lines has
    `lines` of them, which add up to `lines_thousandths` but for the `lines_unknown` that have no figure;
    `digest` is the SHA-256 of what they were read from, `file` its name. Nothing of it changes, but that it
    is withdrawn, once. Nobody (null) is a command on the server.
    """

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="statements", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="statements")
    first = models.DateField()
    last = models.DateField()
    reference = models.CharField(max_length=LONGEST_REFERENCE, blank=True, default="")
    note = models.CharField(max_length=LONGEST_REMARK, blank=True, default="")
    total_thousandths = models.BigIntegerField(null=True)
    lines = models.PositiveBigIntegerField(default=0)
    lines_unknown = models.PositiveBigIntegerField(default=0)
    lines_thousandths = models.BigIntegerField(null=True)
    file = models.CharField(max_length=255, blank=True, default="")
    digest = models.CharField(max_length=64, blank=True, default="")
    person = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    entered_at = models.DateTimeField(db_default=Now())
    withdrawn_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=("team", "id"), name="statement_team"),)
        constraints = (
            models.UniqueConstraint(fields=("id", "team"), name="statement_and_its_team"),
            models.UniqueConstraint(
                fields=("account", "digest"),
                condition=~Q(digest="") & Q(withdrawn_at=None),
                name="statement_file_once_an_account",
            ),
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="statement_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(total_thousandths__isnull=False) | Q(lines__gt=0), name="statement_says_something"
            ),
        )

    def __str__(self) -> str:
        return f"statement {self.pk}"

    @property
    def thousandths(self) -> int | None:
        """What the provider says that it charged: the stated total, else what the lines add up to."""
        return self.lines_thousandths if self.total_thousandths is None else self.total_thousandths


class StatementLine(models.Model):
    """One line of a statement, by its number in what was read: an id and its credits (null: no figure).

    An id may have several lines, such as a charge and what was given back of it.
    """

    pk = models.CompositePrimaryKey("statement", "number")
    statement = models.ForeignKey(
        Statement, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    team = models.ForeignKey(
        Team, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    number = models.PositiveBigIntegerField()
    external_id = models.CharField(max_length=255)
    credits_thousandths = models.BigIntegerField(null=True)
    charged_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(
                fields=("statement", "external_id"),
                include=("number", "credits_thousandths", "charged_at", "team"),
                name="statement_line_of_an_id",
            ),
        )

    def __str__(self) -> str:
        return f"line {self.number} of {self.statement_id}"
