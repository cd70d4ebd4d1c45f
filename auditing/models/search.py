"""What text search looks into: one narrow row a generation, which the database itself keeps in step."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models

from auditing.models.generations import Generation
from auditing.models.people import Team, User

SEPARATOR = "\x1f"
"""Stands between the texts of one generation. Nobody may search for it, so no match spans two of them."""


class SearchText(models.Model):
    """The searched texts of one generation: external id, title, description and error, in upper case.

    Written by triggers on `Generation` alone, and only where it differs: so a change of status, credits or
    times touches no trigram index. Team and owner are the generation's, whose constraints vouch for them.
    """

    generation = models.OneToOneField(
        Generation, on_delete=models.CASCADE, primary_key=True, related_name="search_text"
    )
    team = models.ForeignKey(
        Team, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    owner = models.ForeignKey(
        User, on_delete=models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )
    text = models.TextField()

    class Meta:
        # LIKE '%…%' of three and more letters or digits in a row is served by trigrams.
        indexes = (GinIndex(OpClass("text", name="gin_trgm_ops"), name="search_text_trigrams"),)

    def __str__(self) -> str:
        return f"text of {self.generation_id}"
