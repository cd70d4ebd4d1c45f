"""How people come in: they are added by a manager or the command line, never by signing up.

Their comings and goings are told to the trail here, by the hooks that allauth calls for every way in.
"""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from auditing import origin, trail
from auditing.models import User
from auditing.views.headers import SIGNED_OUT


class ClosedAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """allauth's account rules, with sign-up closed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        """Nobody registers themselves."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:  # noqa: ARG002 - allauth's signature
        """The address that the limits on attempts count by; one for all whose address is not known."""
        return origin.current().address or "unknown"

    def login(self, request: HttpRequest, user: User) -> None:
        """Start the session of a person who has proved who they are."""
        super().login(request, user)
        trail.signed_in(user)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Called for each attempt within the limits; those beyond are not tried, and not told."""
        super().authentication_failed(request, **credentials)
        trail.sign_in_failed(str(credentials.get("username") or credentials.get("email") or ""))

    def logout(self, request: HttpRequest) -> None:
        """End the session."""
        if isinstance(request.user, User):
            trail.signed_out(request.user)
        super().logout(request)
        setattr(request, SIGNED_OUT, True)
