"""Invitations: the one-time address at which a person without a password sets one."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.urls import reverse

from auditing.models import User


def invitation_path(user: User) -> str:
    """Path of the page where this person sets their password; good once, until PASSWORD_RESET_TIMEOUT."""
    return reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)},
    )
