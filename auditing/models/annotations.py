"""What people add to a record: notes and tags."""

from django.db import models

from auditing.models.generations import Generation
from auditing.models.people import Team, User


class Note(models.Model):
    """A person's remark on a generation."""

    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="notes")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="notes")
    text = models.TextField(max_length=10_000)
    written_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("written_at", "id")

    def __str__(self) -> str:
        return f"note {self.pk} on {self.generation_id}"


class Tag(models.Model):
    """A team's own word for sorting its generations."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=64)

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=("team", "name"), name="tag_once_a_team"),)

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
