"""Who may see what: the one place that says 403 or 404, and that sets who acts in the database."""

from auditing.access.acting import (
    SYSTEM,
    ActingMiddleware,
    Bearer,
    NobodyActs,
    Person,
    SightLost,
    System,
    acting_as,
    is_acting,
    stream_as,
    tell_of_broken_off,
)
from auditing.access.annotating import Rights, rights_on, rows_to_correct, rows_to_note, rows_to_tag
from auditing.access.answering import Refused, records_of_id
from auditing.access.refreshing import managed_teams, may_refresh, may_refresh_account, refreshable_accounts
from auditing.access.registering import accounts_to_add_to, may_add_ids, only_owner, people_to_name
from auditing.access.seeing import (
    TEAM_WIDE,
    Sight,
    may_read_trail,
    sees_everything,
    sight_of,
    those_who_see_everything,
    visible_accounts,
    visible_run_parts,
    visible_teams,
    visible_to,
    visible_trail,
)
from auditing.access.selecting import Chances, chances_of, rows_to_refresh
from auditing.access.watching import Watch

__all__ = [
    "SYSTEM",
    "TEAM_WIDE",
    "ActingMiddleware",
    "Bearer",
    "Chances",
    "NobodyActs",
    "Person",
    "Refused",
    "Rights",
    "Sight",
    "SightLost",
    "System",
    "Watch",
    "accounts_to_add_to",
    "acting_as",
    "chances_of",
    "is_acting",
    "managed_teams",
    "may_add_ids",
    "may_read_trail",
    "may_refresh",
    "may_refresh_account",
    "only_owner",
    "people_to_name",
    "records_of_id",
    "refreshable_accounts",
    "rights_on",
    "rows_to_correct",
    "rows_to_note",
    "rows_to_refresh",
    "rows_to_tag",
    "sees_everything",
    "sight_of",
    "stream_as",
    "tell_of_broken_off",
    "those_who_see_everything",
    "visible_accounts",
    "visible_run_parts",
    "visible_teams",
    "visible_to",
    "visible_trail",
]
