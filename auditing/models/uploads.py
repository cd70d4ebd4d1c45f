"""Uploads: what became of the files of ids that people sent in by the page."""

from django.db import models

from auditing.models.accounts import Account
from auditing.models.people import Team, User


class Upload(models.Model):
    """One file or paste of ids: who sent it, and how many of its lines were new, known and rejected.

    `rejections` says each rejected line's number and reason, a line each, up to a cap; no line itself. It is
    its person's to read, for a while; `name` is the file's, empty for what was pasted.
    """

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="uploads")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="uploads")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="uploads")
    name = models.CharField(max_length=255, blank=True)
    registered_at = models.DateTimeField()
    new = models.PositiveIntegerField()
    known = models.PositiveIntegerField()
    rejected = models.PositiveIntegerField()
    rejections = models.TextField(blank=True)

    class Meta:
        indexes = (models.Index(fields=("person", "registered_at"), name="upload_person_time"),)

    def __str__(self) -> str:
        return f"{self.name or 'pasted ids'} by {self.person_id}"
