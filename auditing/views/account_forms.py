"""The forms of accounts and their keys: text in, typed values out; a key goes in and is never shown again."""

from collections.abc import Iterable
from typing import Any

from django import forms

from auditing.accounts import MAX_KEY_LENGTH, AccountWanted
from auditing.models import Team
from auditing.providers import PROVIDERS
from auditing.teams import InvalidEntry, person_called

# What accounts call a field in a refusal, and what it is called here.
FIELDS = {"limit": "per_minute", "base URL": "base_url", "user": "owner"}


def key_field(label: str) -> forms.CharField:
    """The field for a key: its text stays out of the page, the browser's memory and spelling checks."""
    widget = forms.PasswordInput(
        attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}
    )
    return forms.CharField(label=label, max_length=MAX_KEY_LENGTH, widget=widget)


class KeyForm(forms.Form):
    """Another key for an account."""

    key = key_field("New key")


class AccountForm(forms.Form):
    """A new account, of one of these teams."""

    provider = forms.ChoiceField(choices=[(key, provider.name) for key, provider in PROVIDERS.items()])
    label = forms.CharField(max_length=100, help_text="The account's name on every page; unique.")
    team = forms.ChoiceField()
    key = key_field("API key")
    owner = forms.CharField(
        required=False, label="Owner (optional)", help_text="The user name of the person whose own key it is."
    )
    per_minute = forms.IntegerField(
        required=False,
        min_value=1,
        label="Lookups a minute (optional)",
        help_text="This key's own limit, where the provider gave it another than the published one.",
    )
    base_url = forms.CharField(
        required=False,
        max_length=500,
        label="Address (optional)",
        help_text="Where the key is sent, if not to the provider's own: https only.",
    )

    def __init__(self, *arguments: Any, teams: Iterable[Team], **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._teams = {team.slug: team for team in teams}
        self.fields["team"] = forms.ChoiceField(
            choices=[(slug, team.name) for slug, team in self._teams.items()]
        )

    def wanted(self) -> AccountWanted:
        """The account asked for, once the form is valid. Raises InvalidEntry."""
        values = self.cleaned_data
        return AccountWanted(
            provider=values["provider"],
            label=values["label"],
            team=self._teams[values["team"]],
            key=values["key"],
            owner=person_called(values["owner"]) if values["owner"] else None,
            base_url=values["base_url"] or None,
            per_minute=values["per_minute"],
        )


def say(form: forms.Form, refusal: InvalidEntry) -> None:
    """Put a refusal at the field that it names, else over the form."""
    name, _, words = str(refusal).partition(": ")
    field = FIELDS.get(name, name)
    if field in form.fields:
        form.add_error(field, f"{words[:1].upper()}{words[1:]}.")
    else:
        form.add_error(None, str(refusal))
