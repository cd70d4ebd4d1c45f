"""What a credit of an account costs, from which day on."""

from django.db import models

from auditing.models.accounts import Account
from auditing.models.people import Team

DIGITS, PLACES = 20, 10


class AccountPrice(models.Model):
    """The price of one of an account's credits for jobs created on a day of reports (`REPORT_TIME_ZONE`) and
    later, until the account's next price; `price` null (and no `currency`) ends the one before: from that day
    on there is none.

    `currency` is a code of ISO 4217 (`currencies.py`). One account has one price on a day, in one currency.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="prices", db_index=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateField()
    price = models.DecimalField(max_digits=DIGITS, decimal_places=PLACES, null=True)
    currency = models.CharField(max_length=3, default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("account", "valid_from"), name="account_price_once_a_day"),
            models.CheckConstraint(condition=models.Q(price__gte=0), name="account_price_not_negative"),
            models.CheckConstraint(
                condition=models.Q(price__isnull=True, currency="")
                | models.Q(price__isnull=False, currency__regex="^[A-Z]{3}$"),
                name="account_price_in_a_currency",
            ),
        )

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}" if self.amount is not None else "no price"

    @property
    def amount(self) -> str | None:
        """The price as decimal text, without zeros behind: 0.0125."""
        return None if self.price is None else f"{self.price.normalize():f}"
