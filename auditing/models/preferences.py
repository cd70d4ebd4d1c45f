"""How each person likes their lists."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from auditing.models.people import User


class Density(models.TextChoices):
    """How much room a row takes."""

    COMFORTABLE = "comfortable", "Comfortable"
    COMPACT = "compact", "Compact"


class ListPreference(models.Model):
    """How one person likes the list of generations; theirs alone, no team has a part in it.

    `columns` are keys of `auditing.columns`, in the order to show them; empty means the usual ones.
    `pinned_views` and `default_view` are numbers of saved views. No foreign key: who removes a view that was
    shared changes nothing of somebody else's, and a number that leads nowhere counts for nothing.
    """

    person = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="list_preference"
    )
    columns = ArrayField(models.CharField(max_length=32), default=list)
    density = models.CharField(max_length=16, choices=Density, default=Density.COMFORTABLE)
    per_page = models.PositiveSmallIntegerField(null=True)
    pinned_views = ArrayField(models.BigIntegerField(), default=list)
    default_view = models.BigIntegerField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(density__in=Density.values), name="list_preference_density_known"
            ),
        )

    def __str__(self) -> str:
        return f"list of {self.person_id}"
