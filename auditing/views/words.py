"""How our own words look and what they mean: icons, colours, and a sentence for each."""

from auditing.exports.recording import State
from auditing.models import Act, Credential, RefundState, Run
from auditing.records import Flag, Outcome, Status
from auditing.tokens import Standing

UNKNOWN_ICON = "circle-dashed"
STATUS_ICONS = {
    Status.PENDING: "clock",
    Status.PROCESSING: "loader",
    Status.COMPLETED: "circle-check",
    Status.FAILED: "octagon-x",
    Status.UNKNOWN: "circle-question-mark",
}

OUTCOME_LOOKS = {
    Outcome.OK: ("completed", "check"),
    Outcome.DENIED: ("pending", "lock"),
    Outcome.MISSING: ("pending", "search-x"),
    Outcome.UNAUTHORIZED: ("failed", "key"),
    Outcome.RATE_LIMITED: ("processing", "hourglass"),
    Outcome.REJECTED: ("failed", "ban"),
    Outcome.UNREACHABLE: ("failed", "unplug"),
    Outcome.MALFORMED: ("failed", "file-exclamation-point"),
}

RUN_LOOKS = {
    Run.State.RUNNING: ("processing", "loader"),
    Run.State.FINISHED: ("completed", "circle-check"),
    Run.State.STOPPED: ("pending", "circle-pause"),
    Run.State.INTERRUPTED: ("failed", "circle-slash"),
    Run.State.FAILED: ("failed", "octagon-x"),
}

ACCOUNT_LOOKS = {
    "late": ("late", "failed", "clock-alert"),
    "under way": ("a run is under way", "processing", "loader"),
    "quarantined": ("put aside", "failed", "circle-slash"),
    "paused": ("paused", "failed", "circle-pause"),
    "waiting": ("waiting for a reset", "processing", "hourglass"),
    "flagged": ("look at this", "pending", "triangle-alert"),
    "never": ("no good answer yet", "unknown", UNKNOWN_ICON),
    "well": ("well", "completed", "circle-check"),
}

TOKEN_LOOKS = {
    Standing.VALID: ("valid", "completed", "circle-check"),
    Standing.REVOKED: ("revoked", "unknown", "ban"),
    Standing.EXPIRED: ("expired", "pending", "clock-alert"),
    Standing.SWITCHED_OFF: ("switched off", "failed", "circle-slash"),
    Standing.LEFT_TEAM: ("not your team any more", "failed", "circle-slash"),
}

ACT_LOOKS = {
    Act.SIGNED_IN: ("completed", "log-in"),
    Act.SIGN_IN_FAILED: ("failed", "circle-x"),
    Act.SIGNED_OUT: ("unknown", "log-out"),
    Act.REFUSED: ("failed", "ban"),
    Act.VIEWED: ("unknown", "eye"),
    Act.DOWNLOAD_ASKED: ("processing", "download"),
    Act.EXPORTED: ("processing", "file-down"),
    Act.EXPORT_FETCHED: ("processing", "file-down"),
    Act.PAYLOAD_TAKEN: ("processing", "file-down"),
    Act.PAYLOADS_ERASED: ("pending", "eraser"),
    Act.REFRESH_ASKED: ("unknown", "refresh-cw"),
    Act.NOTE_WRITTEN: ("unknown", "message-square"),
    Act.TAG_ADDED: ("unknown", "tag"),
    Act.TAG_REMOVED: ("unknown", "tag"),
    Act.CORRECTED: ("pending", "user-pen"),
    Act.MONTH_CLOSED: ("pending", "lock"),
    Act.REFUND_MARKED: ("pending", "circle-dollar-sign"),
    Act.VIEW_SAVED: ("unknown", "bookmark"),
    Act.VIEW_CHANGED: ("unknown", "bookmark"),
    Act.VIEW_REMOVED: ("unknown", "bookmark-x"),
    Act.BUDGET_SET: ("pending", "wallet"),
    Act.BUDGET_ENDED: ("pending", "wallet"),
    Act.REPORT_SUBSCRIBED: ("unknown", "mail"),
    Act.REPORT_UNSUBSCRIBED: ("unknown", "mail-x"),
    Act.STATEMENT_ENTERED: ("pending", "file-plus"),
    Act.STATEMENT_WITHDRAWN: ("pending", "file-x"),
    Act.TOKEN_MADE: ("pending", "key"),
    Act.TOKEN_USED: ("unknown", "key"),
    Act.TOKEN_REVOKED: ("pending", "key"),
    Act.KEY_STORED: ("pending", "lock"),
    Act.KEY_REPLACED: ("pending", "lock"),
    Act.PRICE_SET: ("pending", "receipt"),
    Act.MEMBERSHIP_CHANGED: ("pending", "users"),
    Act.RIGHT_CHANGED: ("pending", "shield"),
}
EXPORT_LOOKS = {
    State.UNDER_WAY: ("processing", "loader"),
    State.WHOLE: ("completed", "circle-check"),
    State.BROKEN_OFF: ("failed", "circle-slash"),
}
REFUND_LOOKS = {
    RefundState.OPEN: ("pending", "circle-dollar-sign"),
    RefundState.CLAIMED: ("processing", "hourglass"),
    RefundState.REFUNDED: ("completed", "circle-check"),
    RefundState.REFUSED: ("failed", "ban"),
}
STATEMENT_LOOKS = {
    "agrees": ("total agrees", "completed", "circle-check"),
    "unknown": ("total agrees as far as known", "pending", "circle-dashed"),
    "differs": ("differs", "failed", "scale"),
    "withdrawn": ("withdrawn", "unknown", "file-x"),
}
UNKNOWN_ACT = ("unknown", "circle-question-mark")

OUTCOME_WORDS = {
    Outcome.OK: "The provider answered, and the record is as it said.",
    Outcome.DENIED: "The provider says that this id belongs to a different user.",
    Outcome.MISSING: "The provider does not know this id (any more).",
    Outcome.UNAUTHORIZED: "The provider refused the account's key.",
    Outcome.RATE_LIMITED: "The provider asked to wait; it is looked up again after the reset.",
    Outcome.REJECTED: "The provider rejected the request for this id.",
    Outcome.UNREACHABLE: "No usable answer came; it is tried again.",
    Outcome.MALFORMED: "An answer came that breaks the provider's contract.",
}

# What becomes of what a run could not look up (`sync/policy.py`): tried again, or at rest.
OUTCOME_NEXT = {
    Outcome.OK: "",
    Outcome.DENIED: "confirmed ever more rarely, then rests",
    Outcome.MISSING: "confirmed three times, then rests",
    Outcome.UNAUTHORIZED: "the account is paused; tried again when it resumes",
    Outcome.RATE_LIMITED: "tried again after the reset",
    Outcome.REJECTED: "rests: asking again would bring the same",
    Outcome.UNREACHABLE: "tried again, less often each time",
    Outcome.MALFORMED: "tried again, less often each time",
}

FLAG_WORDS = {
    Flag.NAIVE_TIME: "A time came without a time zone and was read as UTC.",
    Flag.IMPOSSIBLE_TIMES: "Its times contradict each other, for example an end before its start. They are"
    " shown as the provider gave them.",
    Flag.UNKNOWN_STATUS: "The provider used a status word that Clipledger does not know.",
    Flag.STATUS_WENT_BACK: "Its status went back to an earlier one between two lookups.",
    Flag.CHANGED_AFTER_COMPLETION: "The provider changed this record after it was completed or had failed.",
    Flag.CREDITS_CHANGED: "Its credits changed between two lookups, for example by a refund.",
    Flag.REFUNDED: "Its credits fell below what an earlier lookup said: the provider gave some or all of"
    " them back.",
    Flag.KEY_REMOVED: "The provider's answer held the account's own API key. It is kept with “[key]” in its"
    " place; everything else is as it came.",
}

KEY_TEST_LOOKS = {
    Credential.Result.WORKS: ("completed", "circle-check"),
    Credential.Result.REFUSED: ("failed", "ban"),
    Credential.Result.UNREACHABLE: ("failed", "unplug"),
    Credential.Result.UNCLEAR: ("unknown", "circle-question-mark"),
}

KEY_TEST_WORDS = {
    Credential.Result.WORKS: "the provider accepts this key.",
    Credential.Result.REFUSED: "the provider refuses this key.",
    Credential.Result.UNREACHABLE: "no usable answer came, so nothing is known of the key.",
    Credential.Result.UNCLEAR: "what came proves neither that the key works nor that it does not.",
}
