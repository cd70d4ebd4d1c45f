"""What people add to a record: notes and tags."""

from django.db import models
from django.db.models.functions import Length, Lower
from django.db.models.lookups import LessThanOrEqual

from auditing.models.generations import Generation
from auditing.models.people import Team, User

LONGEST_NOTE = 10_000
LONGEST_TAG = 64


class Note(models.Model):
    """A person's remark on a generation, for good: who reads it later knows what was known when.

    Team and owner are the generation's: a trigger sets them, here and for taggings.
    """

    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="notes")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="notes")
    text = models.TextField(max_length=LONGEST_NOTE)
    written_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("written_at", "id")
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(text="") & models.Q(LessThanOrEqual(Length("text"), LONGEST_NOTE)),
                name="note_text_length",
            ),
        )

    def __str__(self) -> str:
        return f"note {self.pk} on {self.generation_id}"


class Tag(models.Model):
    """A team's own word for sorting its generations, in the case in which it was first written."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=LONGEST_TAG)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint("team", Lower("name"), name="tag_once_a_team_whatever_the_case"),
        )

    def __str__(self) -> str:
        return self.name


class Tagging(models.Model):
    """One tag on one generation, and who put it there."""

    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="taggings")
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="taggings")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="taggings")
    tagged_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("generation", "tag"), name="tag_once_a_generation"),)

    def __str__(self) -> str:
        return f"{self.tag_id} on {self.generation_id}"
