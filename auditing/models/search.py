"""What text search looks into: narrow rows of each generation, which the database itself keeps in step."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F
from django.db.models.expressions import Combinable

from auditing.models.generations import Generation
from auditing.models.people import Team, User

SEPARATOR = "\x1f"
"""Stands between the texts of one generation. Nobody may search for it, so no match spans two of them."""


class _Searched(models.Model):
    """What both kinds of row have. Written by triggers on `Generation` alone. Team and owner are the
    generation's, whose constraints vouch for them. Texts are in upper case.
    """

    team = models.ForeignKey(
        Team, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    owner = models.ForeignKey(
        User, on_delete=models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )
    text = models.TextField()

    class Meta:
        abstract = True


STRETCH = 16
"""The bits of an id that tell records of one stretch apart: some 65,000 of them, which came in together."""


def _trigrams(name: str, *parts: Combinable) -> GinIndex:
    """Serves LIKE '%…%' of three and more letters or digits in a row, among whose rows are asked for."""
    return GinIndex(*parts, "team", "owner", OpClass("text", name="gin_trgm_ops"), name=name)


class SearchText(_Searched):
    """The searched texts of one generation: title, description and error.

    Written only where they differ: so a change of status, credits or times touches no trigram index.
    """

    generation = models.OneToOneField(
        Generation, on_delete=models.CASCADE, primary_key=True, related_name="search_text"
    )

    class Meta:
        # By stretches: of a usual text the latest rows are found without those of all others.
        indexes = (_trigrams("search_text_stretches", F("generation").bitrightshift(STRETCH)),)

    def __str__(self) -> str:
        return f"text of {self.generation_id}"


class SearchedId(_Searched):
    """The external id of one generation, which stays as it is: so no change of a text indexes it anew."""

    generation = models.OneToOneField(
        Generation, on_delete=models.CASCADE, primary_key=True, related_name="searched_id"
    )

    class Meta:
        indexes = (_trigrams("searched_id_trigrams"),)

    def __str__(self) -> str:
        return f"id of {self.generation_id}"
