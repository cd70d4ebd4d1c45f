"""The forms of budgets: text in, whole thousandths and months out."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from auditing.budgets import Subject, TermWanted, month_name
from auditing.models import BudgetTerm

DOCUMENTED = {"yes": "Counted", "no": "Left out"}


def month_choices(months: Iterable[date]) -> list[tuple[str, str]]:
    """Months as a field has them: `2026-11`, and by name."""
    return [(f"{month:%Y-%m}", month_name(month)) for month in months]


class TermForm(forms.Form):
    """What a budget allows, and from which of these months on."""

    credits = forms.DecimalField(
        label="Credits a month",
        min_value=Decimal("0.001"),
        max_digits=15,
        decimal_places=3,
        help_text="As the provider counts them, with up to three decimals.",
    )
    from_month = forms.ChoiceField(label="From")
    documented = forms.ChoiceField(
        label="Documented credits",
        choices=list(DOCUMENTED.items()),
        help_text="ReelBot reports no credits: what its documentation says counts, or is left out, as in the"
        " credit report.",
    )

    def __init__(self, months: Iterable[date], *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fields["from_month"] = forms.ChoiceField(label="From", choices=month_choices(months))

    def wanted(self) -> TermWanted:
        """What is asked for, once the form is valid."""
        values = self.cleaned_data
        return TermWanted(
            from_month=_month(values["from_month"]),
            thousandths=int(values["credits"] * 1000),
            documented=values["documented"] == "yes",
        )


class EndForm(forms.Form):
    """From which of these months on it is no budget."""

    def __init__(self, months: Iterable[date], *arguments: Any) -> None:
        super().__init__(*arguments)
        self.fields["end_from"] = forms.ChoiceField(label="No budget from", choices=month_choices(months))

    def month(self) -> date:
        """The month asked for, once the form is valid."""
        return _month(self.cleaned_data["end_from"])


def _month(text: str) -> date:
    return date.fromisoformat(f"{text}-01")


class BudgetForm(TermForm):
    """A new budget, of one of these subjects."""

    field_order = ("of", "credits", "from_month", "documented")
    of = forms.ChoiceField(label="Whose credits")

    def __init__(
        self, subjects: Mapping[str, Subject], months: Iterable[date], *arguments: Any, **named: Any
    ) -> None:
        super().__init__(months, *arguments, **named)
        self._subjects = subjects
        self.fields["of"].choices = _grouped(subjects)  # type: ignore[attr-defined]

    def subject(self) -> Subject:
        """Whose budget is asked for, once the form is valid."""
        return self._subjects[self.cleaned_data["of"]]


def _grouped(subjects: Mapping[str, Subject]) -> list[Any]:
    people = [(word, f"{one.owner} ({one.owner.username})") for word, one in subjects.items() if one.owner]
    accounts = [(word, one.account.label) for word, one in subjects.items() if one.account]
    groups = [("One person in it", people), ("One account of it", accounts)]
    return [("team", "The whole team"), *(group for group in groups if group[1])]


def as_typed(term: BudgetTerm | None) -> dict[str, str]:
    """A term as the form is filled with it."""
    if term is None or term.thousandths is None:
        return {}
    return {
        "credits": f"{Decimal(term.thousandths) / 1000:f}",
        "documented": "yes" if term.documented else "no",
    }
