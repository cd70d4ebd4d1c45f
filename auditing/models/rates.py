"""How much of its pace each token has used up."""

from django.db import models

from auditing.models.tokens import PersonalToken


class RateWindow(models.Model):
    """The present minute of one token: when it began, and how many requests were let through in it.

    One row a token, rewritten in place (`api/rates.py`): nothing piles up.
    """

    token = models.OneToOneField(
        PersonalToken, on_delete=models.CASCADE, primary_key=True, related_name="rate_window"
    )
    opened_at = models.DateTimeField()
    used = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.used} since {self.opened_at:%H:%M:%S}"
