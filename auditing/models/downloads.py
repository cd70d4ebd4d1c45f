"""Requests for download links, counted to keep within what a provider allows in an hour."""

from django.db import models

from auditing.models.accounts import Account
from auditing.models.people import Team


class DownloadRequest(models.Model):
    """One request to a provider's download endpoint. The link that came back is stored nowhere."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="download_requests")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("account", "requested_at"), name="download_request_account"),)

    def __str__(self) -> str:
        return f"{self.account_id} at {self.requested_at:%Y-%m-%d %H:%M:%S}"
