"""The search's indexes know whose a text is: of a frequent word a member's few rows are found alone."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import BtreeGinExtension
from django.db import migrations

INDEXES = (("searchtext", "search_text_trigrams"), ("searchedid", "searched_id_trigrams"))


def trigrams(name: str) -> GinIndex:
    """The index of a text's trigrams, and of whose it is."""
    return GinIndex("team", "owner", OpClass("text", name="gin_trgm_ops"), name=name)


class Migration(migrations.Migration):
    dependencies = [("auditing", "0049_searched_ids")]
    operations = [
        BtreeGinExtension(),
        *(migrations.RemoveIndex(model_name=model, name=name) for model, name in INDEXES),
        *(migrations.AddIndex(model_name=model, index=trigrams(name)) for model, name in INDEXES),
    ]
