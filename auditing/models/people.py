"""Who there is: people, teams, and what each person is in a team."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower

VIEW_EVERYTHING = "auditing.view_everything"


class User(AbstractUser):
    """A person who signs in. `time_zone` is the zone their lists show times in (an IANA name)."""

    time_zone = models.CharField(max_length=64, default="UTC")

    class Meta:
        permissions = (("view_everything", "May see every team's records, read-only (site auditor)"),)
        constraints = (
            models.UniqueConstraint(Lower("username"), name="user_username_once_whatever_the_case"),
        )

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class Team(models.Model):
    """A group of people whose generations are audited together."""

    slug = models.SlugField(max_length=64, unique=True)
    name = models.CharField(max_length=200)

    class Meta:
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a person is in a team; `design.md` says what each may see and do."""

    MEMBER = "member", "Member"
    AUDITOR = "auditor", "Auditor"
    MANAGER = "manager", "Manager"


class Membership(models.Model):
    """One person in one team, in one role."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role, default=Role.MEMBER)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("team", "user"), name="membership_once_a_team_and_person"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_known"),
        )

    def __str__(self) -> str:
        return f"{self.user.username} as {self.role} of {self.team.slug}"
