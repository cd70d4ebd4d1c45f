"""`/tokens/`: a person's own tokens; making one, which is shown on that one answer; revoking one."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from auditing import trail
from auditing.access import visible_teams
from auditing.models import Scope, Team, User
from auditing.tokens import MadeToken, NotMade, make_token, revoke, tokens_of
from auditing.views.pages import render_page, signed_in

LIVES = {7: "7 days", 30: "30 days", 90: "90 days", 365: "365 days"}
SCOPE_WORDS = {
    Scope.READ: "read – look at records",
    Scope.EXPORT: "export – take files out",
    Scope.INTAKE: "intake – register ids",
}


class TokenForm(forms.Form):
    """What a new token is to be, for one of these teams. A field's name is that of `tokens.NotMade.field`."""

    name = forms.CharField(
        max_length=100, help_text="What will use it, and where: you will want to know when you revoke it."
    )
    team = forms.ChoiceField(help_text="It sees what you see in this team, and nothing else.")
    scopes = forms.MultipleChoiceField(
        label="It may",
        choices=SCOPE_WORDS,
        widget=forms.CheckboxSelectMultiple,
        initial=[Scope.READ.value],
        error_messages={"required": "Choose at least one."},
    )
    days = forms.TypedChoiceField(label="It expires after", choices=LIVES, coerce=int, initial=30)

    def __init__(self, teams: Sequence[Team], wanted: dict[str, str] | None = None) -> None:
        super().__init__(wanted)
        self.teams = {team.slug: team for team in teams}
        blank = [("", "Choose a team")] if len(teams) > 1 else []
        field = self.fields["team"]
        field.choices = blank + [(team.slug, team.name) for team in teams]  # type: ignore[attr-defined]

    def made_for(self, person: User, now: datetime) -> MadeToken | None:
        """The token; None when it can't be made, which is then said at the field."""
        if not self.is_valid():
            return None
        wanted = self.cleaned_data
        team, scopes = self.teams[wanted["team"]], [Scope(scope) for scope in wanted["scopes"]]
        try:
            made = make_token(person, team, wanted["name"], scopes, timedelta(days=wanted["days"]), now)
        except NotMade as refused:
            self.add_error(refused.field, str(refused))
            return None
        trail.token_made(person, made.token.prefix_shown, team.pk)
        return made


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def tokens(request: HttpRequest) -> HttpResponse:
    """The page. POST makes a token; its text stands in that answer, and nothing here keeps it."""
    person, now = signed_in(request), timezone.now()
    teams = list(visible_teams(person))
    form = TokenForm(teams, request.POST if request.method == "POST" else None)
    made = form.made_for(person, now) if form.is_bound else None
    context = {
        "made": made,
        "form": TokenForm(teams) if made else form,
        "teams": teams,
        "held": tokens_of(person, now),
    }
    return render_page(request, "auditing/tokens.html", context, now=now)


@require_http_methods(["GET", "POST"])
def tokens_revoke(request: HttpRequest) -> HttpResponse:
    """POST ends one of the person's own tokens; both lead to the page."""
    if request.method == "POST":
        person = signed_in(request)
        try:
            revoked = revoke(person, int(request.POST.get("token", "")), timezone.now())
        except ValueError:
            raise Http404 from None
        if revoked:
            trail.token_revoked(person, revoked.prefix_shown, revoked.team_id)
    return redirect("tokens")
