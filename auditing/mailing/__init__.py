"""E-mails: asked for as rows, sent by whoever works on the queue, each once.

What is guaranteed: a letter is asked for once (a unique row), held by one sender at a time, and marked as
soon as the mail server has taken it. It goes out twice only where a sender dies, or the server's answer is
lost, in between; both then have the same Message-ID, by which mail programs can tell.
"""

from auditing.mailing.months import Due, ask_for_reports, due_reports
from auditing.mailing.outbox import Sent, send_due, unsent_to
from auditing.mailing.round import make_round
from auditing.mailing.subscribing import NoAddress, is_subscribed, person_of, subscribe, unsubscribe

__all__ = [
    "Due",
    "NoAddress",
    "Sent",
    "ask_for_reports",
    "due_reports",
    "is_subscribed",
    "make_round",
    "person_of",
    "send_due",
    "subscribe",
    "unsent_to",
    "unsubscribe",
]
