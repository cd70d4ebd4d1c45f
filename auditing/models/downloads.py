"""Requests for download links: counted to keep within what a provider allows, and their answers."""

from django.db import models

from auditing.models.accounts import Account
from auditing.models.generations import Generation
from auditing.models.people import Team, User


class DownloadRequest(models.Model):
    """One person's wish for a link, which a worker asks the provider for, and what came of it.

    `sent_at` is when a worker asked, null where it did not; `answered_at` is null until the end. Then there
    is a `url`, or `http_status` and `reason` say why not. A link is shown to `asked_by` alone, and emptied
    after a few minutes; the row goes when its hour is over.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="download_requests")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="+")
    asked_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    requested_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    url = models.TextField(blank=True, default="")
    expires_at = models.CharField(max_length=64, blank=True, default="")
    http_status = models.SmallIntegerField(null=True)
    reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        indexes = (models.Index(fields=("account", "sent_at"), name="download_request_account"),)

    def __str__(self) -> str:
        return f"{self.account_id} at {self.requested_at:%Y-%m-%d %H:%M:%S}"
