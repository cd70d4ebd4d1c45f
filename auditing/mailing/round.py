"""One round of what people are told by themselves: thresholds that were reached, last month's reports."""

import logging
from datetime import datetime

from auditing.budgets import note_crossings
from auditing.mailing.months import ask_for_reports
from auditing.mailing.outbox import Sent, send_due
from auditing.reports import OtherZone

log = logging.getLogger(__name__)


def make_round(now: datetime) -> Sent:
    """Note thresholds, ask for reports, send what waits; while reports can't be told, only what can."""
    try:
        note_crossings(now)
    except OtherZone as other:
        log.warning("budgets are not watched: %s", other)
    ask_for_reports(now)
    return send_due(now)
