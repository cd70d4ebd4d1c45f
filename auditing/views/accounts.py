"""`/sync/accounts/…`: managers add an account, replace its key, and have the key tested."""

from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django_htmx.http import replace_url

from auditing.access import managed_teams, may_refresh_account, visible_accounts
from auditing.accounts import add_account, replace_key
from auditing.key_wishes import KeyTest, ask_for_test, shown_key, test_since
from auditing.models import Account, Credential
from auditing.queue import Stage
from auditing.records import iso_utc
from auditing.sync_health import obstacle_of
from auditing.teams import InvalidEntry
from auditing.views import addresses
from auditing.views.account_forms import AccountForm, KeyForm, say
from auditing.views.asking import QUICKLY, SLOWLY, asked_at_of
from auditing.views.pages import kept_nowhere, render_page, signed_in, wants_part
from auditing.views.refusals import read_only_page

TEMPLATE = "auditing/account_key.html"


@dataclass(frozen=True, slots=True)
class KeyShown:
    """What the page says of an account's key. `must_wait`: nothing may be sent to the provider now."""

    account: Account
    key: Credential | None
    test: KeyTest | None
    must_wait: bool

    @property
    def stage(self) -> str:
        """How far the test is that was asked for; empty without one."""
        return self.test.stage.value if self.test else ""

    @property
    def look(self) -> str:
        """The page that shows how far it is."""
        asked = {"asked": iso_utc(self.test.asked_at) or ""} if self.test else {}
        return addresses.of_account_key(self.account.label, **asked)

    @property
    def poll(self) -> str:
        """The address that the part of the page is asked from: it says what is shown already."""
        return f"{self.look}&shown={self.stage}"

    @property
    def every(self) -> int:
        """The seconds between two looks while a test is open."""
        return SLOWLY if self.stage == Stage.NO_WORKER else QUICKLY

    @property
    def action(self) -> str:
        """Where "Test this key" is sent."""
        return addresses.of_key_test(self.account.label)


@sensitive_post_parameters("key")
@require_http_methods(["GET", "POST"])
def account_add(request: HttpRequest) -> HttpResponse:
    """The form of a new account; once added, its key's page."""
    teams = list(managed_teams(signed_in(request)))
    if not teams:
        return read_only_page(request, "key")
    form = AccountForm(request.POST if request.method == "POST" else None, teams=teams)
    if form.is_valid():
        try:
            kept = add_account(form.wanted(), settings.ALLOW_LOOPBACK_PROVIDERS, signed_in(request))
            return redirect(_stored(kept.account, kept.warnings))
        except InvalidEntry as refusal:
            say(form, refusal)
    return kept_nowhere(render_page(request, "auditing/account_add.html", {"form": form}))


@sensitive_post_parameters("key")
@require_http_methods(["GET", "POST"])
def account_key(request: HttpRequest) -> HttpResponse:
    """What may be known of an account's key, and the form for another one."""
    account = account_of(request)
    if not may_refresh_account(signed_in(request), account):
        return read_only_page(request, "key")
    form = KeyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            warnings = replace_key(account, form.cleaned_data["key"], signed_in(request))
            return redirect(_stored(account, warnings))
        except InvalidEntry as refusal:
            say(form, refusal)
    shown = _shown(account, asked_at_of(request, timezone.now()))
    return _part(request, shown) if wants_part(request) else _page(request, shown, form)


@require_http_methods(["GET", "POST"])
def account_test(request: HttpRequest) -> HttpResponse:
    """POST has a worker test the key, unless the provider asked to wait; GET leads to the key's page."""
    account = account_of(request)
    if request.method == "GET":
        return redirect(addresses.of_account_key(account.label))
    if not may_refresh_account(signed_in(request), account):
        return read_only_page(request, "key")
    shown = _shown(account, None)
    if shown.key and not shown.must_wait:
        shown = _shown(account, ask_for_test(account))
    if not wants_part(request):
        return redirect(shown.look)
    return replace_url(kept_nowhere(render_page(request, f"{TEMPLATE}#test", {"shown": shown})), shown.look)


def account_of(request: HttpRequest) -> Account:
    """The account that the address names, of those this person knows of; 404 for every other."""
    accounts = visible_accounts(signed_in(request)).select_related("team")
    account = accounts.filter(label=request.GET.get("account", "")).first()
    if account is None:
        raise Http404
    return account


def _stored(account: Account, warnings: tuple[str, ...]) -> str:
    """The page that says that the key is stored, and whether it looks odd."""
    return addresses.of_account_key(account.label, stored="odd" if warnings else "well")


def _shown(account: Account, asked_at: datetime | None) -> KeyShown:
    test, key = test_since(account, asked_at) if asked_at else (None, shown_key(account))
    return KeyShown(account, key, test, obstacle_of(account, timezone.now()) == "waiting")


def _part(request: HttpRequest, shown: KeyShown) -> HttpResponse:
    """Nothing (204) while what is shown still holds."""
    if shown.stage and shown.stage == request.GET.get("shown"):
        return HttpResponse(status=204)
    return kept_nowhere(render_page(request, f"{TEMPLATE}#test", {"shown": shown}))


def _page(request: HttpRequest, shown: KeyShown, form: forms.Form) -> HttpResponse:
    context = {"shown": shown, "account": shown.account, "form": form, "stored": request.GET.get("stored")}
    return kept_nowhere(render_page(request, TEMPLATE, context))
