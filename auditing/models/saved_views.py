"""Saved views: lists that a person has given a name."""

from django.db import models
from django.db.models.functions import Lower

from auditing.models.people import Team, User


class SavedView(models.Model):
    """A list under a name: its canonical query string, without a page or a page size.

    It is its owner's alone, or shared with one team. `names_people` says that the query string names somebody
    or somebody's own key: a shared view is then for those who see all of the team. What a view shows is
    whatever its viewer may see; it holds no right.
    """

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_views")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, related_name="saved_views")
    name = models.CharField(max_length=60)
    query = models.TextField(max_length=4000)
    names_people = models.BooleanField(default=False)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (
            models.UniqueConstraint("owner", Lower("name"), name="saved_view_name_once_a_person"),
            models.CheckConstraint(condition=~models.Q(name=""), name="saved_view_has_a_name"),
        )

    def __str__(self) -> str:
        return self.name
