"""Exports: what files people made, what is in each, and for a while the files that workers made."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from auditing.models.people import User


class Export(models.Model):
    """One file that a person asked for, and what its manifest says of it.

    `query` is the canonical query string, `words` the filter in words, `time_zone` the zone of its days.
    `as_of` is the moment that the rows are of. From there on all is null until the file's end, which is noted
    in the transaction that the file was read in: a file without an end is under way, or was broken off.
    `rows` may have credits: `credits_thousandths` of `credits_known` rows, `credits_documented` of which are
    only documented. `sha256` and `size` are the data's. `fault` says why nothing came of it.
    """

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="exports")
    table = models.CharField(max_length=16)
    format = models.CharField(max_length=8)
    name = models.CharField(max_length=100)
    query = models.TextField(blank=True)
    words = models.TextField(blank=True)
    columns = ArrayField(models.CharField(max_length=64))
    time_zone = models.CharField(max_length=64)
    token = models.CharField(max_length=64, default="")
    asked_at = models.DateTimeField(db_default=Now())
    as_of = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    rows = models.BigIntegerField(null=True)
    credits_thousandths = models.BigIntegerField(null=True)
    credits_known = models.BigIntegerField(null=True)
    credits_documented = models.BigIntegerField(null=True)
    sha256 = models.CharField(max_length=64, default="")
    size = models.BigIntegerField(null=True)
    fault = models.CharField(max_length=300, default="")

    class Meta:
        indexes = (models.Index(fields=("person", "id"), name="export_person"),)

    def __str__(self) -> str:
        return f"{self.name} for {self.person_id}"


class ExportFile(models.Model):
    """The file of an export that a worker makes: how far it is, and then until when it can be fetched.

    `rows_done` of `rows_about` (null: not counted yet). Who by now sees less than when it was made
    (`everything`, `whole_teams`, own rows in `own_teams`) gets none of it. `size` is the archive's, null
    while there is none.
    """

    export = models.OneToOneField(Export, on_delete=models.CASCADE, primary_key=True, related_name="file")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    rows_done = models.BigIntegerField(default=0)
    rows_about = models.BigIntegerField(null=True)
    everything = models.BooleanField(default=False)
    whole_teams = ArrayField(models.BigIntegerField(), default=list)
    own_teams = ArrayField(models.BigIntegerField(), default=list)
    expires_at = models.DateTimeField(null=True)
    size = models.BigIntegerField(null=True)

    class Meta:
        indexes = (models.Index(fields=("expires_at",), name="export_file_expires"),)

    def __str__(self) -> str:
        return f"the file of {self.export_id}"


class ExportPiece(models.Model):
    """A piece of such a file; together, by `number`, they are all of it."""

    file = models.ForeignKey(ExportFile, on_delete=models.CASCADE, related_name="pieces", db_index=False)
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("file", "number"), name="export_piece_once"),)

    def __str__(self) -> str:
        return f"piece {self.number} of {self.file_id}"
