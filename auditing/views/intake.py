"""`/intake/`: upload a file of ids or paste them; it leads to a report of what became of each line."""

import csv
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from auditing.access import accounts_to_add_to, acting_as, may_add_ids, people_to_name
from auditing.filters.fields import UNKNOWN, to_text
from auditing.intake import Format, MayNotAdd, UnknownOwner
from auditing.intake.uploads import MOST_REJECTIONS_KEPT, Given, first_rejections, take_in, uploads_of
from auditing.models import Account, Upload, User
from auditing.providers import PROVIDERS
from auditing.views.pages import render_page, signed_in

TEMPLATE = "auditing/intake.html"
MOST_BYTES = 10 * 1024 * 1024  # 700,000 ids, about a minute's work; more is for import_ids
MOST_PASTED = 500_000
PEOPLE_OFFERED = 200
LAST_UPLOADS = 5
FORMATS = {
    Format.AUTO: "Tell by its first line",
    Format.TEXT: "Text – one id a line",
    Format.CSV: "CSV – a header with external_id, perhaps owner and project",
    Format.NDJSON: "NDJSON – objects with the same keys, or generation responses",
    Format.LOG: "Log – ids found in any text, of the usual form",
}


class IntakeForm(forms.Form):
    """Ids for one of these accounts; `owner` is asked for where the person may name one of `people`."""

    account = forms.ChoiceField()
    file = forms.FileField(
        required=False, help_text=f"Text, CSV, NDJSON or a log; {MOST_BYTES // 1024 // 1024} MiB at most."
    )
    ids = forms.CharField(
        label="Or paste ids",
        required=False,
        strip=False,
        max_length=MOST_PASTED,
        widget=forms.Textarea({"rows": 8, "spellcheck": "false", "autocomplete": "off"}),
    )
    format = forms.ChoiceField(choices=[(form.value, words) for form, words in FORMATS.items()])
    owner = forms.CharField(
        required=False,
        max_length=150,
        widget=forms.TextInput({"list": "people", "autocomplete": "off"}),
        help_text="A user name, for ids whose line names none; empty: the account's own, if it has one.",
    )

    def __init__(self, request: HttpRequest, accounts: Sequence[Account], people: Sequence[User]) -> None:
        bound = request.method == "POST"
        super().__init__(request.POST if bound else None, request.FILES if bound else None)
        self.accounts = {account.label: account for account in accounts}
        self.people = people
        choices = [(label, _words(account)) for label, account in self.accounts.items()]
        blank = [("", "Choose an account")] if len(choices) > 1 else []
        self.fields["account"].choices = blank + choices  # type: ignore[attr-defined]
        if not people:
            del self.fields["owner"]

    def clean(self) -> dict[str, Any]:
        """Exactly one of the two, and no more than is done while somebody waits."""
        wanted: dict[str, Any] = self.cleaned_data
        file, pasted = wanted.get("file"), wanted.get("ids", "").strip()
        if file and pasted:
            self.add_error("file", "There are pasted ids, too: send one of the two. Choose the file anew.")
        elif not (file or pasted or self.errors):
            self.add_error("ids", "Choose a file, or paste ids.")
        if file and file.size > MOST_BYTES:
            self.add_error("file", "This file is too large for the page: split it, or use import_ids.")
        return wanted

    def taken_in(self, person: User, now: datetime) -> Upload | None:
        """The report; None where nothing could be registered, which is then said at the field."""
        if not self.is_valid():
            return None
        try:
            return take_in(person, self._given(), now)
        except (UnknownOwner, MayNotAdd) as error:
            self.add_error("owner" if "owner" in self.fields else "account", _sentence(error))
        except csv.Error as error:
            self.add_error("format", _sentence(error))
        return None

    def _given(self) -> Given:
        wanted = self.cleaned_data
        file = wanted["file"]
        return Given(
            stream=file or BytesIO(wanted["ids"].encode()),
            name="".join(filter(str.isprintable, file.name)) if file else "",
            form=Format(wanted["format"]),
            account=self.accounts[wanted["account"]],
            owner=wanted.get("owner") or None,
        )


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def intake(request: HttpRequest) -> HttpResponse:
    """The page; POST registers and leads to its report, `?report=ID` (`&format=text`: rejections alone)."""
    person, now = signed_in(request), timezone.now()
    with acting_as(person):
        form = _form_for(request, person)
    if form is None:
        return render_page(request, "auditing/intake_refused.html", {}, status=403)
    upload = form.taken_in(person, now) if form.is_bound else None
    if upload:
        return redirect(f"{reverse('intake')}?report={upload.pk}")
    with acting_as(person):
        reported = _reported(request, person)
        if reported and request.GET.get("format") == "text":
            return _rejections(reported)
        return render_page(request, TEMPLATE, {"form": form, **_context(person, reported)}, now=now)


intake.acts_itself = True  # type: ignore[attr-defined]  # no transaction while a file comes in; one a batch then


def _form_for(request: HttpRequest, person: User) -> IntakeForm | None:
    """The form with what this person may choose; None for who may add nothing."""
    if not may_add_ids(person):
        return None
    accounts = list(accounts_to_add_to(person).select_related("team"))
    return IntakeForm(request, accounts, list(people_to_name(person)[:PEOPLE_OFFERED]))


def _sentence(error: Exception) -> str:
    return f"{str(error)[:1].upper()}{str(error)[1:]}"


def _words(account: Account) -> str:
    return f"{account.label} – {PROVIDERS[account.provider].name}, {account.team.name}"


def _reported(request: HttpRequest, person: User) -> Upload | None:
    """The person's own report that the query string asks for; Http404 for any other."""
    asked = request.GET.get("report")
    if asked is None:
        return None
    found = (
        uploads_of(person).filter(pk=int(asked)).first() if asked.isdecimal() and len(asked) < 19 else None
    )
    if found is None:
        raise Http404
    return found


def _context(person: User, reported: Upload | None) -> dict[str, Any]:
    context: dict[str, Any] = {"uploads": list(uploads_of(person).order_by("-registered_at")[:LAST_UPLOADS])}
    if reported is None:
        return context
    shown = first_rejections(reported)
    waiting = {"account": to_text(reported.account.label), "outcome": UNKNOWN}
    return {
        **context,
        "reported": reported,
        "rejections": shown,
        "more": reported.rejected - len(shown),
        "waiting": f"{reverse('generation_list')}?{urlencode(waiting)}",
    }


def _rejections(upload: Upload) -> HttpResponse:
    """Every rejected line's number and reason, as far as they are kept."""
    more = upload.rejected - MOST_REJECTIONS_KEPT
    text = upload.rejections + (f"and {more:,} more, which are not kept\n" if more > 0 else "")
    name = f"rejected-{upload.registered_at:%Y-%m-%d-%H%M}.txt"
    return HttpResponse(
        text,
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
