"""`/generations/refresh/` and `/sync/refresh/`: put a wish into the queue, and answer at once."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from django_htmx.http import replace_url

from auditing.access import may_refresh_account, visible_accounts
from auditing.sync_health import ask_for_account, ask_for_record, obstacle_of
from auditing.views import addresses, detail
from auditing.views.asking import refresh_of_account, refresh_of_record
from auditing.views.pages import render_page, signed_in, wants_part
from auditing.views.refusals import read_only_page, refuses
from auditing.views.sync import Wished, health_part


@require_http_methods(["GET", "POST"])
@refuses
def generation_refresh(request: HttpRequest) -> HttpResponse:
    """POST asks for a look at the record, where anything would be sent; GET leads to the record's page."""
    provider, external_id = request.GET.get("provider", ""), request.GET.get("external_id", "")
    if request.method == "GET":
        return redirect(addresses.of_generation(provider, external_id))
    generation = detail.seen(request, provider, external_id)[0]
    refresh = refresh_of_record(request, generation, None)
    if refresh is None:
        return read_only_page(request, "record")
    if not refresh.obstacle:
        asked_at = ask_for_record(signed_in(request), generation)
        refresh = refresh_of_record(request, generation, asked_at) or refresh
    if not wants_part(request):
        return redirect(refresh.look)
    context = {"generation": generation, "refresh": refresh}
    return replace_url(render_page(request, f"{detail.TEMPLATE}#refresh_answer", context), refresh.look)


@require_http_methods(["GET", "POST"])
def sync_refresh(request: HttpRequest) -> HttpResponse:
    """POST asks for the account's turn, where anything would be sent; GET leads to the sync page."""
    if request.method == "GET":
        return redirect(addresses.of_sync())
    person, now = signed_in(request), timezone.now()
    account = visible_accounts(person).filter(label=request.GET.get("account", "")).first()
    if account is None:
        raise Http404
    if not may_refresh_account(person, account):
        return read_only_page(request, "account")
    asked_at = None if obstacle_of(account, now) else ask_for_account(person, account)
    look = refresh_of_account(account, asked_at).look
    if not wants_part(request):
        return redirect(look)
    wished = Wished(account.label, asked_at) if asked_at else None
    return replace_url(health_part(request, wished, now), look)
