"""The tables: what is stored, with the constraints that the database itself keeps."""

from auditing.models.accounts import Account, ChainHead, Credential
from auditing.models.annotations import LONGEST_NOTE, LONGEST_TAG, Note, Tag, Tagging
from auditing.models.budgets import THRESHOLDS, Budget, BudgetNotice, BudgetTerm, NoticeDismissal
from auditing.models.closed import Adjustment, ClosedCell, ClosedMonth, ClosedSeal
from auditing.models.downloads import DownloadRequest
from auditing.models.exports import Export, ExportFile, ExportPiece
from auditing.models.generations import LONGEST_PROJECT, Generation, Project
from auditing.models.history import Observation
from auditing.models.lookups import Lookup
from auditing.models.mailings import Mailing, ReportSubscription
from auditing.models.people import VIEW_EVERYTHING, Membership, Role, Team, User
from auditing.models.preferences import Density, ListPreference
from auditing.models.prices import AccountPrice
from auditing.models.rates import RateWindow
from auditing.models.refunds import LONGEST_REASON, SETTLED, Refund, RefundState, RefundStep
from auditing.models.runs import Lease, Run, RunPart
from auditing.models.saved_views import SavedView
from auditing.models.search import SearchedId, SearchText
from auditing.models.statements import LONGEST_REFERENCE, LONGEST_REMARK, Statement, StatementLine
from auditing.models.tokens import LONGEST_LIFE, PersonalToken, Scope
from auditing.models.trail import Act, TrailEntry
from auditing.models.uploads import Upload

__all__ = [
    "LONGEST_LIFE",
    "LONGEST_NOTE",
    "LONGEST_PROJECT",
    "LONGEST_REASON",
    "LONGEST_REFERENCE",
    "LONGEST_REMARK",
    "LONGEST_TAG",
    "SETTLED",
    "THRESHOLDS",
    "VIEW_EVERYTHING",
    "Account",
    "AccountPrice",
    "Act",
    "Adjustment",
    "Budget",
    "BudgetNotice",
    "BudgetTerm",
    "ChainHead",
    "ClosedCell",
    "ClosedMonth",
    "ClosedSeal",
    "Credential",
    "Density",
    "DownloadRequest",
    "Export",
    "ExportFile",
    "ExportPiece",
    "Generation",
    "Lease",
    "ListPreference",
    "Lookup",
    "Mailing",
    "Membership",
    "Note",
    "NoticeDismissal",
    "Observation",
    "PersonalToken",
    "Project",
    "RateWindow",
    "Refund",
    "RefundState",
    "RefundStep",
    "ReportSubscription",
    "Role",
    "Run",
    "RunPart",
    "SavedView",
    "Scope",
    "SearchText",
    "SearchedId",
    "Statement",
    "StatementLine",
    "Tag",
    "Tagging",
    "Team",
    "TrailEntry",
    "Upload",
    "User",
]
