"""The form of a provider's statement: a total, or its lines as a file or a paste, for an account and days."""

from collections.abc import Sequence
from datetime import date, timedelta
from io import BytesIO
from typing import Any

from django import forms
from django.http import HttpRequest

from auditing.filters.reading import EARLIEST, LATEST
from auditing.intake import Rejection
from auditing.models import LONGEST_REFERENCE, LONGEST_REMARK, Account, Statement, User
from auditing.providers import PROVIDERS
from auditing.statements import (
    AlreadyThere,
    NoAmount,
    NotEntered,
    StatementWanted,
    Unreadable,
    enter,
    thousandths_of,
)

MOST_BYTES = 10 * 1024 * 1024
MOST_PASTED = 500_000


class Amount(forms.CharField):
    """Credits as a decimal number, exactly; None where nothing is written."""

    def clean(self, value: Any) -> int | None:
        """Thousandths."""
        text = super().clean(value)
        try:
            return thousandths_of(text) if text else None
        except NoAmount as error:
            raise forms.ValidationError(_sentence(str(error))) from None


def day_field(label: str) -> forms.DateField:
    """A day in the browser's own field."""
    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, input_formats=["%Y-%m-%d"])


class StatementForm(forms.Form):
    """A statement of one of these accounts. `rejections` are the lines that can't be read, as far as they are
    named, and `there` the statement that the same file was entered as, after `entered` was refused."""

    account = forms.ChoiceField()
    first = day_field("First day")
    last = day_field("Last day")
    total = Amount(
        label="Stated total (optional with lines)",
        required=False,
        max_length=40,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
        help_text="In credits, as the document says: 12480.5.",
    )
    file = forms.FileField(
        label="Lines as a CSV file",
        required=False,
        help_text="With a header that has <code>external_id</code> and <code>credits</code>, perhaps"
        " <code>time</code>; or plain lines <code>id,credits</code>."
        f" {MOST_BYTES // 1024 // 1024} MiB at most.",
    )
    lines = forms.CharField(
        label="Or paste lines",
        required=False,
        strip=False,
        max_length=MOST_PASTED,
        widget=forms.Textarea({"rows": 6, "spellcheck": "false", "autocomplete": "off"}),
        help_text="If a line is not understood nothing is kept: each such line is named.",
    )
    reference = forms.CharField(
        label="Reference (optional)",
        required=False,
        max_length=LONGEST_REFERENCE,
        help_text="The name or number of the document.",
    )
    note = forms.CharField(
        label="Note (optional)", required=False, max_length=LONGEST_REMARK, widget=forms.Textarea({"rows": 2})
    )

    def __init__(self, request: HttpRequest, accounts: Sequence[Account], today: date) -> None:
        bound = request.method == "POST"
        last = today.replace(day=1) - timedelta(days=1)
        super().__init__(
            request.POST if bound else None,
            request.FILES if bound else None,
            initial={"first": last.replace(day=1), "last": last},
        )
        self.accounts = {account.label: account for account in accounts}
        self.rejections: Sequence[Rejection] = ()
        self.more_rejections = 0
        self.there: Statement | None = None
        choices = [(label, _words(account)) for label, account in self.accounts.items()]
        blank = [("", "Choose an account")] if len(choices) > 1 else []
        self.fields["account"].choices = blank + choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Days in their order; a total, a file or a paste; and no more than is done while somebody waits."""
        wanted: dict[str, Any] = self.cleaned_data
        file, pasted = wanted.get("file"), wanted.get("lines", "").strip()
        days = [day for day in (wanted.get("first"), wanted.get("last")) if day]
        if days and not EARLIEST <= min(days) <= max(days) <= LATEST:
            self.add_error("first", f"Days are between {EARLIEST} and {LATEST}.")
        if file and pasted:
            self.add_error("file", "There are pasted lines, too: send one of the two. Choose the file anew.")
        elif not (file or pasted or self.errors) and wanted.get("total") is None:
            self.add_error("total", "Write the stated total, or choose a file, or paste lines.")
        if file and file.size > MOST_BYTES:
            self.add_error("file", "This file is too large for the page; import_statement takes it.")
        return wanted

    def entered(self, person: User) -> Statement | None:
        """The statement that is kept now; None where it can't be, which is then said at the field."""
        if not self.is_valid():
            return None
        try:
            return enter(person, self._wanted())
        except NotEntered as error:
            field = "file" if error.field == "lines" and self.cleaned_data["file"] else error.field
            self.add_error(field, f"{_sentence(str(error))}.")
            if isinstance(error, Unreadable):
                self.rejections = error.rejections
                self.more_rejections = error.rejected - len(error.rejections)
            if isinstance(error, AlreadyThere):
                self.there = error.statement
        return None

    def _wanted(self) -> StatementWanted:
        wanted = self.cleaned_data
        file, pasted = wanted["file"], wanted["lines"].strip()
        stream = file or (BytesIO(wanted["lines"].encode()) if pasted else None)
        return StatementWanted(
            account=self.accounts[wanted["account"]],
            first=wanted["first"],
            last=wanted["last"],
            total=wanted["total"],
            reference=wanted["reference"],
            note=wanted["note"],
            stream=stream,
            file="".join(filter(str.isprintable, file.name)) if file else "",
        )


def _words(account: Account) -> str:
    return f"{account.label} – {PROVIDERS[account.provider].name}, {account.team.name}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
