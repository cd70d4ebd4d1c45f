"""`/sync/accounts/prices/`: what an account's credits cost, and since when; managers set it."""

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from auditing.access import may_set_prices, visible_prices
from auditing.currencies import CURRENCIES
from auditing.models import Account, AccountPrice, User
from auditing.models.prices import DIGITS, PLACES
from auditing.prices import NoPrice, PriceWanted, remove_price, set_price
from auditing.views import addresses
from auditing.views.accounts import account_of
from auditing.views.pages import kept_nowhere, render_page, signed_in
from auditing.views.refusals import read_only_page
from auditing.views.statement_form import day_field


class PriceForm(forms.Form):
    """What a credit costs from a day on."""

    valid_from = day_field("From this day on")
    price = forms.DecimalField(
        required=False,
        min_value=0,
        max_digits=DIGITS,
        decimal_places=PLACES,
        label="A credit costs",
        help_text="Exactly, such as 0.0125. Empty: from that day on there is no price.",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    currency = forms.CharField(
        required=False,
        max_length=3,
        label="Currency",
        help_text="Its code of ISO 4217, such as EUR.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "currencies"}),
    )

    def wanted(self) -> PriceWanted:
        """The price asked for, once the form is valid."""
        price: Decimal | None = self.cleaned_data["price"]
        return PriceWanted(self.cleaned_data["valid_from"], price, self.cleaned_data["currency"].upper())


@require_http_methods(["GET", "HEAD", "POST"])
def account_prices(request: HttpRequest) -> HttpResponse:
    """The account's prices, for all who know of it; POST sets, corrects or takes away one."""
    person, account = signed_in(request), account_of(request)
    may_set = may_set_prices(person, account)
    if request.method != "POST":
        return _page(request, account, PriceForm() if may_set else None)
    if not may_set:
        return read_only_page(request, "price")
    if "remove" in request.POST:
        return _removed(account, request.POST["remove"], person)
    form = PriceForm(request.POST)
    if form.is_valid():
        try:
            set_price(account, form.wanted(), person)
            return redirect(addresses.of_account_prices(account.label, set="yes"))
        except NoPrice as fault:
            form.add_error(fault.field, str(fault))
    return _page(request, account, form)


def _removed(account: Account, day: str, person: User) -> HttpResponse:
    """Back to the page, without the price that began on this day; a day that is none takes nothing away."""
    try:
        remove_price(account, date.fromisoformat(day), person)
    except ValueError:
        return redirect(addresses.of_account_prices(account.label))
    return redirect(addresses.of_account_prices(account.label, removed="yes"))


def _page(request: HttpRequest, account: Account, form: forms.Form | None) -> HttpResponse:
    prices = list(visible_prices(signed_in(request)).filter(account=account).order_by("-valid_from"))
    today = timezone.now().astimezone(ZoneInfo(settings.REPORT_TIME_ZONE)).date()
    context = {
        "account": account,
        "form": form,
        "prices": prices,
        "now_valid": _valid_on(prices, today),
        "report_zone": settings.REPORT_TIME_ZONE,
        "currencies": sorted(CURRENCIES),
        "did": next((word for word in ("set", "removed") if word in request.GET), ""),
    }
    return kept_nowhere(render_page(request, "auditing/account_prices.html", context))


def _valid_on(latest_first: list[AccountPrice], day: date) -> AccountPrice | None:
    return next((price for price in latest_first if price.valid_from <= day), None)
