"""Personal tokens: what a program shows in place of a person who signs in."""

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.db.models.lookups import LessThanOrEqual

from auditing.models.people import Team, User

LONGEST_LIFE = timedelta(days=365)


class Scope(models.TextChoices):
    """What a token's holder may do with it; never more than its person may."""

    READ = "read", "Look at records"
    EXPORT = "export", "Take files out"
    INTAKE = "intake", "Register ids"


class PersonalToken(models.Model):
    """One token of one person, for one team. The token itself is stored nowhere, only its keyed `digest`.

    `prefix_shown` is its beginning, by which its person knows it again; `last_used_at` may lag by a minute.
    """

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    scopes = ArrayField(models.CharField(max_length=16, choices=Scope))
    prefix_shown = models.CharField(max_length=16)
    digest = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(scopes__contained_by=Scope.values) & models.Q(scopes__len__gt=0),
                name="token_scopes_known",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    # A difference, not a sum: what a day later is depends on a zone, and no check may.
                    LessThanOrEqual(models.F("expires_at") - models.F("created_at"), LONGEST_LIFE),
                    expires_at__gt=models.F("created_at"),
                ),
                name="token_lives_a_year_at_most",
            ),
            models.UniqueConstraint(
                "person",
                Lower("name"),
                condition=models.Q(revoked_at=None),
                name="token_name_once_a_person",
            ),
        )

    def __str__(self) -> str:
        return f"{self.prefix_shown}… of {self.person_id}"
