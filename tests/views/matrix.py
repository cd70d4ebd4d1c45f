"""Who gets what: nine kinds of people, four relations to the record, every route and method. Read the tables.

A new route without a line in ROUTES fails `test_routes.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum


class Relation(StrEnum):
    """Whose a record (or an account's key) is, as seen from one person."""

    OWN = "own"
    TEAMMATE = "teammate"
    STRANGER = "stranger"
    ABSENT = "absent"


OWN, TEAMMATE, STRANGER, ABSENT = Relation


class Answer(StrEnum):
    """What a person gets: the thing, the door, or one of the refusals."""

    GIVEN = "given"
    SIGN_IN = "sign in"
    TOKEN = "401"
    FORBIDDEN = "403"
    MISSING = "404"
    METHOD = "405"


GIVEN, SIGN_IN, TOKEN, FORBIDDEN, MISSING, METHOD = Answer


@dataclass(frozen=True)
class Kind:
    """One kind of person, and what they may do to a record of each relation."""

    name: str | None
    sees: tuple[Relation, ...] = ()
    refreshes: tuple[Relation, ...] = ()
    notes: tuple[Relation, ...] = ()
    tags: tuple[Relation, ...] = ()
    knows_account: tuple[Relation, ...] = ()
    keeps_keys: tuple[Relation, ...] = ()
    adds_ids: bool = False
    manages: bool = False
    reads_trail: bool = False
    is_superuser: bool = False
    is_in: bool = True


ALL = (OWN, TEAMMATE, STRANGER)
TEAM = (OWN, TEAMMATE)
MINE = (OWN,)
NONE: tuple[Relation, ...] = ()
# fmt: off
# ruff: noqa: E501 - tables
KINDS = {
    #                               who      sees  refreshes  notes  tags   knows account  keeps keys
    "member":                  Kind("alice",  MINE, MINE,      MINE,  NONE,  MINE,          NONE, adds_ids=True),
    "teammate":                Kind("bob",    MINE, MINE,      MINE,  NONE,  MINE,          NONE, adds_ids=True),
    "auditor":                 Kind("audrey", TEAM, NONE,      TEAM,  TEAM,  TEAM,          NONE),
    "manager":                 Kind("max",    TEAM, TEAM,      TEAM,  TEAM,  TEAM,          TEAM, adds_ids=True, manages=True, reads_trail=True),
    "another team's manager":  Kind("otto",   TEAM, TEAM,      TEAM,  TEAM,  TEAM,          TEAM, adds_ids=True, manages=True, reads_trail=True),
    "site auditor":            Kind("sid",    ALL,  NONE,      NONE,  NONE,  ALL,           NONE, reads_trail=True),
    "superuser":               Kind("rita",   ALL,  ALL,       ALL,   ALL,   ALL,           ALL,  adds_ids=True, manages=True, reads_trail=True, is_superuser=True),
    "signed out":              Kind(None,     NONE, NONE,      NONE,  NONE,  NONE,          NONE, is_in=False),
    "switched off":            Kind("alice",  NONE, NONE,      NONE,  NONE,  NONE,          NONE, is_in=False),
}
# fmt: on

type Says = Callable[[Kind, Relation, str], Answer]
"""What a person gets of a record of this relation at this provider."""


def always(answer: Answer) -> Says:
    """Whoever asks for whatever."""
    return lambda _kind, _relation, _provider: answer


def who(may: Callable[[Kind], bool], otherwise: Answer = FORBIDDEN) -> Says:
    """The same for every record: for the kinds that may."""
    return lambda kind, _relation, _provider: GIVEN if may(kind) else otherwise


def sees(kind: Kind, relation: Relation, provider: str) -> Answer:
    """A record's page: refused as its provider refuses."""
    if relation in kind.sees:
        return GIVEN
    return FORBIDDEN if provider == "nanobanana" and relation is not ABSENT else MISSING


def refreshes(kind: Kind, relation: Relation, provider: str) -> Answer:
    """Who only sees it is told so (403)."""
    seen = sees(kind, relation, provider)
    return seen if seen is not GIVEN or relation in kind.refreshes else FORBIDDEN


def notes(kind: Kind, relation: Relation, provider: str) -> Answer:
    """Who only sees it is told so (403)."""
    seen = sees(kind, relation, provider)
    return seen if seen is not GIVEN or relation in kind.notes else FORBIDDEN


def tags(kind: Kind, relation: Relation, provider: str) -> Answer:
    """Who only sees it, or may no more than write on it, is told so (403)."""
    seen = sees(kind, relation, provider)
    return seen if seen is not GIVEN or relation in kind.tags else FORBIDDEN


def corrects(kind: Kind, relation: Relation, provider: str) -> Answer:
    """Managers, what they see."""
    seen = sees(kind, relation, provider)
    return seen if seen is not GIVEN or kind.manages else FORBIDDEN


def knows_account(kind: Kind, relation: Relation, _provider: str) -> Answer:
    """What an account's credits cost is read by all who know of it."""
    return GIVEN if relation in kind.knows_account else MISSING


def enters(kind: Kind, _relation: Relation, _provider: str) -> Answer:
    """Managers; who only reads statements is told so (403)."""
    if kind.manages:
        return GIVEN
    return FORBIDDEN if TEAMMATE in kind.sees else MISSING


def keeps_key(kind: Kind, relation: Relation, _provider: str) -> Answer:
    """An account that they don't know of is not there."""
    if relation in kind.keeps_keys:
        return GIVEN
    return FORBIDDEN if relation in kind.knows_account else MISSING


def knows_north(kind: Kind, _relation: Relation, _provider: str) -> Answer:
    """Everybody of the team, and who sees everything; for others there is no such team."""
    return MISSING if kind.name == "otto" else GIVEN


def closes_north(kind: Kind, relation: Relation, provider: str) -> Answer:
    """Managers of the team; whoever else knows it is told so (403)."""
    known = knows_north(kind, relation, provider)
    return known if known is not GIVEN or kind.manages else FORBIDDEN


SAFE = ("GET", "HEAD")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@dataclass(frozen=True)
class Route:
    """What a route answers: by method, and 405 for every other. `{id}`, `{account}` and `{provider}` of its
    address make it one that is asked for all relations. `open` to who has not signed in."""

    address: str
    says: dict[str, Says]
    form: dict[str, str] = field(default_factory=dict)
    open: bool = False

    def answer(self, kind: Kind, method: str, relation: Relation, provider: str) -> Answer:
        """What this person gets."""
        if not kind.is_in and not self.open:
            return SIGN_IN
        says = self.says.get(method)
        return says(kind, relation, provider) if says else METHOD

    @property
    def is_of_records(self) -> bool:
        """Whether it makes a difference which record, or whose account, it is asked for."""
        return "{" in self.address


def read(says: Says) -> dict[str, Says]:
    """A page: GET and HEAD."""
    return dict.fromkeys(SAFE, says)


EVERYBODY = always(GIVEN)
# fmt: off
ROUTES: dict[str, tuple[Route, ...]] = {
    "overview":            (Route("/", read(EVERYBODY)),),
    "generation_list":     (Route("/generations/", read(EVERYBODY)),
                            Route("/generations/?q=secret", read(EVERYBODY)),
                            Route("/generations/?format=csv", read(EVERYBODY)),
                            Route("/generations/?format=ndjson", read(EVERYBODY))),
    "generation_layout":   (Route("/generations/columns/", read(EVERYBODY) | {"POST": EVERYBODY}),),
    "generation_detail":   (Route("/generations/{provider}/{id}/", read(sees)),
                            Route("/generations/sora/{id}/", read(always(MISSING)))),
    "generation_download": (Route("/generations/download/?provider={provider}&external_id={id}",
                                  {"GET": sees, "POST": sees}),),
    "generation_live":     (Route("/generations/live/", read(EVERYBODY)),),
    "generation_refresh":  (Route("/generations/refresh/?provider={provider}&external_id={id}",
                                  {"GET": sees, "POST": refreshes}),),
    "generation_notes":    (Route("/generations/notes/?provider={provider}&external_id={id}",
                                  {"GET": sees, "POST": notes}),),
    "generation_correct":  (Route("/generations/correct/?provider={provider}&external_id={id}",
                                  {"GET": sees, "POST": corrects}),),
    "generation_refund":   (Route("/generations/refund/?provider={provider}&external_id={id}",
                                  {"GET": sees, "POST": corrects}),),
    "generation_tags":     (Route("/generations/tags/?provider={provider}&external_id={id}",
                                  {"GET": sees, "POST": tags}),),
    "generation_payload":  (Route("/generations/payload/?provider={provider}&external_id={id}", read(sees)),),
    "generation_selected": (Route("/generations/selected/", {"GET": EVERYBODY, "POST": EVERYBODY}),),
    "exports":             (Route("/exports/", read(EVERYBODY)),),
    # Somebody else's export is as absent as one that is nowhere (test_exports_page.py has one's own).
    "export":              (Route("/exports/999999/", read(always(MISSING))),),
    "export_manifest":     (Route("/exports/999999/manifest/", read(always(MISSING))),),
    "export_file":         (Route("/exports/999999/file/", read(always(MISSING))),),
    "budgets":             (Route("/budgets/", read(EVERYBODY)),),
    "budget_add":          (Route("/budgets/add/", dict.fromkeys((*SAFE, "POST"), who(lambda kind: kind.manages))),),
    # Somebody else's budget is as absent as one that is nowhere (test_budgets.py has those that are there).
    "budget_change":       (Route("/budgets/change/?budget=999999", dict.fromkeys((*SAFE, "POST"), always(MISSING))),),
    "budget_notice":       (Route("/budgets/notices/", {"GET": EVERYBODY, "POST": always(MISSING)}),),
    "intake":              (Route("/intake/", read(who(lambda kind: kind.adds_ids)) | {"POST": who(lambda kind: kind.adds_ids)}),),
    # Of alice's team; the month was over long ago, so whoever manages the team closes it here, once.
    "closed_months":       (Route("/reports/closed/", read(EVERYBODY)),),
    "closed_month":        (Route("/reports/closed/north/2026-04/", read(knows_north) | {"POST": closes_north}),
                            Route("/reports/closed/north/2026-04/?format=csv&of=adjustments", read(knows_north) | {"POST": closes_north}),
                            Route("/reports/closed/north/2026-13/", dict.fromkeys((*SAFE, "POST"), always(MISSING)))),
    "report_credits":      (Route("/reports/credits/?complete=freshness", read(EVERYBODY)),
                            Route("/reports/credits/?period=all-time&group=owner&group=month&format=csv", read(EVERYBODY))),
    "report_mail":         (Route("/reports/credits/mail/", {"GET": EVERYBODY, "POST": EVERYBODY}),),
    "report_mail_stop":    (Route("/reports/credits/mail/stop/?for=1:forged", dict.fromkeys((*SAFE, "POST"), always(MISSING)), open=True),),
    "report_timing":       (Route("/reports/timing/?complete=jobs", read(EVERYBODY)),
                            Route("/reports/timing/?period=all-time&group=account&format=json", read(EVERYBODY))),
    "findings":            (Route("/findings/?period=all-time", read(EVERYBODY)),
                            Route("/findings/?period=all-time&format=csv", read(EVERYBODY))),
    "findings_mark":       (Route("/findings/refunds/?period=all-time", {"GET": EVERYBODY, "POST": who(lambda kind: kind.manages)}),),
    # Members see no statement, and no sign of any; a statement that is nowhere is as absent as another team's.
    "statements":          (Route("/reports/statements/", read(who(lambda kind: TEAMMATE in kind.sees, MISSING)) | {"POST": enters}),),
    "statement":           (Route("/reports/statements/999999/", read(always(MISSING))),
                            Route("/reports/statements/999999/?format=csv", read(always(MISSING)))),
    "statement_withdraw":  (Route("/reports/statements/999999/withdraw/", {"POST": always(MISSING)}),),
    "statement_register":  (Route("/reports/statements/999999/register/", {"POST": always(MISSING)}),),
    "sync":                (Route("/sync/", read(EVERYBODY)),
                            Route("/sync/?account={account}&asked=soon", read(EVERYBODY))),
    "sync_refresh":        (Route("/sync/refresh/?account={account}", {"GET": EVERYBODY, "POST": keeps_key}),),
    "sync_account_add":    (Route("/sync/accounts/add/", {m: who(lambda kind: kind.manages) for m in ("GET", "POST")}),),
    "sync_account_key":    (Route("/sync/accounts/key/?account={account}", dict.fromkeys(("GET", "POST"), keeps_key)),),
    "sync_account_prices": (Route("/sync/accounts/prices/?account={account}", read(knows_account) | {"POST": keeps_key}),),
    "sync_account_test":   (Route("/sync/accounts/test/?account={account}", dict.fromkeys(("GET", "POST"), keeps_key)),),
    "tokens":              (Route("/tokens/", read(EVERYBODY) | {"POST": EVERYBODY}),),
    "tokens_revoke":       (Route("/tokens/revoke/", {"GET": EVERYBODY, "POST": always(MISSING)}),),
    "saved_views":         (Route("/views/", read(EVERYBODY) | {"POST": always(MISSING)}),),
    "saved_view_new":      (Route("/views/save/?query=q%3Dsecret", read(EVERYBODY) | {"POST": EVERYBODY}),),
    "saved_view_edit":     (Route("/views/edit/?view=1", dict.fromkeys((*SAFE, "POST"), always(MISSING))),),
    "audit":               (Route("/audit/", read(who(lambda kind: kind.reads_trail))),),
    "help":                (Route("/help/", read(EVERYBODY)),),
    "api_help":            (Route("/help/api/", read(EVERYBODY)),),
    # A session opens nothing of the API; tests/api/test_matrix.py has the table for tokens.
    "api_generations":     (Route("/api/v1/generations", read(always(TOKEN)) | {"POST": always(TOKEN)}, open=True),),
    "api_generation":      (Route("/api/v1/generations/{provider}/{id}", read(always(TOKEN)), open=True),),
    "api_video_status":    (Route("/api/v1/video-status.php?video_id={id}", read(always(TOKEN)), open=True),),
    "api_project_status":  (Route("/api/v1/video/status/{id}", read(always(TOKEN)), open=True),),
    "api_openapi":         (Route("/api/v1/openapi.json", read(EVERYBODY), open=True),),
    "api_unknown":         (Route("/api/v1/nothing", dict.fromkeys(METHODS, always(MISSING)), open=True),),
    "healthz":             (Route("/healthz", read(EVERYBODY), open=True),),
    "admin:index":         (Route("/admin/", dict.fromkeys(METHODS, who(lambda kind: kind.is_superuser, SIGN_IN))),),
}
# fmt: on


def record_of(kind: Kind, relation: Relation) -> str:
    """The mark of the record that has this relation to this kind of person: whose it is."""
    name = kind.name or "alice"
    if relation is ABSENT:
        return "nobody"
    if relation is OWN:
        return name
    if relation is TEAMMATE:
        return "olga" if name == "otto" else ("bob" if name == "alice" else "alice")
    return "alice" if name == "otto" else "otto"
