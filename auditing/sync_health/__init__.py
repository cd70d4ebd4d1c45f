"""How the sync is doing, as far as one person may see it: accounts' health, runs, and wishes in the queue."""

from auditing.queue import Stage
from auditing.sync_health.accounts import AccountHealth, accounts_of, obstacle_of
from auditing.sync_health.bulk_wishes import Wishes, ask_for_records
from auditing.sync_health.runs import RunPartSummary, RunSummary, last_runs, runs_under_way
from auditing.sync_health.wishes import (
    Wish,
    ask_for_account,
    ask_for_record,
    turn_is_near,
    wish_for_account,
    wish_for_record,
    workers_running,
)

__all__ = [
    "AccountHealth",
    "RunPartSummary",
    "RunSummary",
    "Stage",
    "Wish",
    "Wishes",
    "accounts_of",
    "ask_for_account",
    "ask_for_record",
    "ask_for_records",
    "last_runs",
    "obstacle_of",
    "runs_under_way",
    "turn_is_near",
    "wish_for_account",
    "wish_for_record",
    "workers_running",
]
