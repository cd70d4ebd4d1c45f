"""The trail of people: what each person did here and was refused, for good."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Now, Upper

from auditing.models.accounts import Account
from auditing.models.people import Team, User


class Act(models.TextChoices):
    """What can be told of a person: the word that is stored, and what a page says.

    Another act is a line here and its look in `views/words.py`, and no migration: the database holds every
    word to its form only, because entries outlive the versions that wrote them.
    """

    SIGNED_IN = "signed_in", "Signed in"
    SIGN_IN_FAILED = "sign_in_failed", "Sign-in failed"
    SIGNED_OUT = "signed_out", "Signed out"
    REFUSED = "refused", "Refused"
    VIEWED = "viewed", "Record viewed"
    DOWNLOAD_ASKED = "download_asked", "Download link asked for"
    EXPORTED = "exported", "Export made"
    EXPORT_FETCHED = "export_fetched", "Export fetched"
    PAYLOAD_TAKEN = "payload_taken", "Payload downloaded"
    PAYLOADS_ERASED = "payloads_erased", "Payloads erased"
    REFRESH_ASKED = "refresh_asked", "Refresh asked for"
    NOTE_WRITTEN = "note_written", "Note written"
    TAG_ADDED = "tag_added", "Tag added"
    TAG_REMOVED = "tag_removed", "Tag removed"
    CORRECTED = "corrected", "Attribution corrected"
    MONTH_CLOSED = "month_closed", "Month closed"
    REFUND_MARKED = "refund_marked", "Refund marked"
    VIEW_SAVED = "view_saved", "View saved"
    VIEW_CHANGED = "view_changed", "View changed"
    VIEW_REMOVED = "view_removed", "View removed"
    BUDGET_SET = "budget_set", "Budget set"
    BUDGET_ENDED = "budget_ended", "Budget ended"
    REPORT_SUBSCRIBED = "report_subscribed", "Report by e-mail asked for"
    REPORT_UNSUBSCRIBED = "report_unsubscribed", "Report by e-mail ended"
    STATEMENT_ENTERED = "statement_entered", "Statement entered"
    STATEMENT_WITHDRAWN = "statement_withdrawn", "Statement withdrawn"
    TOKEN_MADE = "token_made", "Token made"
    TOKEN_USED = "token_used", "Token used"
    TOKEN_REVOKED = "token_revoked", "Token revoked"
    KEY_STORED = "key_stored", "Key stored"
    KEY_REPLACED = "key_replaced", "Key replaced"
    PRICE_SET = "price_set", "Price set"
    MEMBERSHIP_CHANGED = "membership_changed", "Membership changed"
    RIGHT_CHANGED = "right_changed", "Right changed"


AN_ACT = "^[a-z]+(_[a-z]+)*$"


class TrailEntry(models.Model):
    """One act of one person. Triggers refuse to change or delete it.

    `team` is the one whose managers are shown it (`trail.py` says which that is), null for what belongs to
    no team; `owner` the person who acted, null where nobody is known: a sign-in under a name that nobody
    has, a command on the server. `asked` says what was asked for, in an address's or a command's words;
    `provider` and `external_id` are filled where that was a record. `result` says what came of it, for a
    change what was changed (`trail.Change`). `address` is the client's, `token` the public prefix of the
    personal token that was used.
    """

    acted_at = models.DateTimeField(db_default=Now())
    act = models.CharField(max_length=32)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    provider = models.CharField(max_length=32, default="")
    external_id = models.CharField(max_length=255, default="")
    asked = models.CharField(max_length=500, default="")
    result = models.CharField(max_length=300, default="")
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    token = models.CharField(max_length=64, default="")
    address = models.GenericIPAddressField(null=True)
    request_id = models.CharField(max_length=64, default="")

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(act__regex=AN_ACT), name="trail_act_is_a_word"),
        )
        indexes = (
            # Keyset pages walk these backwards, whoever's rows or acts are wanted.
            models.Index(fields=("acted_at", "id"), name="trail_acted"),
            models.Index(fields=("team", "acted_at", "id"), name="trail_team_acted"),
            models.Index(fields=("owner", "acted_at", "id"), name="trail_owner_acted"),
            models.Index(fields=("act", "acted_at", "id"), name="trail_act_acted"),
            models.Index(
                fields=("external_id", "provider", "acted_at"),
                condition=~models.Q(external_id=""),
                name="trail_record",
            ),
            GinIndex(OpClass(Upper("asked"), name="gin_trgm_ops"), name="trail_asked"),
        )

    def __str__(self) -> str:
        return f"{self.act} #{self.pk}"
