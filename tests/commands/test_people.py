"""`add_team`, `add_member`, `add_account`, `site_auditor`: repeating them changes nothing."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from auditing.access import SYSTEM, acting_as, sees_everything
from auditing.keys.opening import KeyUnreadable, open_key
from auditing.models import Account, Credential, Membership, Team, User
from tests.stage import a_person, a_team, an_account

pytestmark = pytest.mark.django_db


def said(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out, stderr=out)
    return out.getvalue()


def test_a_team_is_added_once_and_renamed_by_name() -> None:
    assert said("add_team", "studio") == "Team studio (studio): added.\n"
    assert said("add_team", "studio") == "Team studio (studio): unchanged.\n"
    assert said("add_team", "studio", "--name", "Studio One") == "Team studio (Studio One): updated.\n"
    assert said("add_team", "studio") == "Team studio (Studio One): unchanged.\n"


def test_a_slug_with_other_characters_is_refused() -> None:
    with pytest.raises(CommandError, match="team: Enter a valid"):
        said("add_team", "stu dio")


def test_a_person_is_made_joined_and_given_another_role() -> None:
    a_team()
    assert said("add_member", "studio", "ada").startswith("ada: added; member of studio: added.\nInvitation")
    assert said("add_member", "studio", "ADA").startswith("ada: unchanged; member of studio: unchanged.")
    assert said("add_member", "studio", "ada", "--role", "auditor").startswith(
        "ada: unchanged; auditor of studio: updated."
    )
    assert Membership.objects.get().role == "auditor"


def test_a_password_comes_from_the_environment_and_signs_in(monkeypatch: pytest.MonkeyPatch) -> None:
    a_team()
    monkeypatch.setenv("ADAS_PASSWORD", "long enough to be good")
    assert "Invitation" not in said("add_member", "studio", "ada", "--password-env", "ADAS_PASSWORD")
    assert User.objects.get().check_password("long enough to be good")
    assert User.objects.get().password.startswith("argon2")


@pytest.mark.parametrize(
    ("password", "message"),
    [("", "ADAS_PASSWORD is not set or empty"), ("short", "password: This password is too short")],
)
def test_a_bad_password_is_refused_and_nobody_is_made(
    monkeypatch: pytest.MonkeyPatch, password: str, message: str
) -> None:
    a_team()
    monkeypatch.setenv("ADAS_PASSWORD", password)
    with pytest.raises(CommandError, match=message):
        said("add_member", "studio", "ada", "--password-env", "ADAS_PASSWORD")
    assert not User.objects.exists()


def test_the_printed_invitation_lets_a_person_set_their_password_once() -> None:
    a_team()
    address = said("add_member", "studio", "ada").split()[-1]
    client = Client()
    form = client.get(address, follow=True)
    assert form.status_code == 200
    where = form.redirect_chain[-1][0]
    password = {"password1": "long enough to be good", "password2": "long enough to be good"}
    assert client.post(where, password).status_code == 302
    assert User.objects.get().check_password("long enough to be good")
    again = Client().get(address, follow=True)
    assert "password1" not in again.content.decode()


def test_a_team_that_does_not_exist_is_named_with_those_that_do() -> None:
    a_team()
    with pytest.raises(CommandError, match="no team 'studios'; there are: studio"):
        said("add_member", "studios", "ada")


def test_an_account_is_added_corrected_and_given_another_key(monkeypatch: pytest.MonkeyPatch) -> None:
    a_team()
    monkeypatch.setenv("KEY", "nb_0123456789abcdef")
    add = ("add_account", "nanobanana", "main", "--team", "studio", "--key-env", "KEY")
    assert said(*add) == "Account main (nanobanana, team studio): added.\n"
    assert said(*add) == "Account main (nanobanana, team studio): updated.\n"
    assert said(*add, "--limit", "30") == "Account main (nanobanana, team studio): updated.\n"
    monkeypatch.setenv("KEY", "nb_another")
    assert said(*add) == "Account main (nanobanana, team studio): updated.\n"
    with acting_as(SYSTEM):
        account = Account.objects.get()
        assert (account.base_url, account.per_minute) == ("https://nanobananavideo.com", 30)
        assert open_key(account).text == "nb_another"


def test_a_key_with_another_prefix_is_stored_with_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    a_team()
    monkeypatch.setenv("KEY", "sk_0123456789abcdef")
    out = said("add_account", "reelbot", "main", "--team", "studio", "--key-env", "KEY")
    assert "Warning: the key does not begin with rb_live_" in out
    assert Account.objects.count() == 1


@pytest.mark.parametrize(
    ("options", "key", "message"),
    [
        (["--base-url", "http://example.com"], "nb_1", "neither https nor http to this machine"),
        (["--base-url", "ftp://127.0.0.1"], "nb_1", "neither https nor http"),
        (["--base-url", "https://user:pass@example.com"], "nb_1", "only scheme, host, port and path"),
        (["--base-url", "https://example.com/?a=b"], "nb_1", "only scheme, host, port and path"),
        (["--base-url", "https://[example"], "nb_1", "base URL: "),
        (["--limit", "0"], "nb_1", "limit: at least 1"),
        (["--owner", "eve"], "nb_1", "user: nobody is called 'eve'"),
        (["--owner", "otto"], "nb_1", "owner: otto is not in team studio"),
        ([], "nb 1", "key: a key holds no spaces"),
        ([], "nb_\u00fc", "key: at most"),
    ],
)
def test_what_an_account_cannot_be_is_refused_by_field_and_nothing_is_stored(
    monkeypatch: pytest.MonkeyPatch, options: list[str], key: str, message: str
) -> None:
    a_team()
    a_person("otto", a_team("rivals"))
    monkeypatch.setenv("KEY", key)
    with pytest.raises(CommandError, match=message):
        said("add_account", "nanobanana", "main", "--team", "studio", "--key-env", "KEY", *options)
    assert not Account.objects.exists()


def test_a_label_belongs_to_one_account_of_one_team(monkeypatch: pytest.MonkeyPatch) -> None:
    an_account(label="main")
    a_team("rivals")
    monkeypatch.setenv("KEY", "nb_1")
    with pytest.raises(CommandError, match="labels are unique"):
        said("add_account", "nanobanana", "main", "--team", "rivals", "--key-env", "KEY")


def test_a_stored_key_is_sealed_bound_to_its_account_and_shown_by_four_characters_only() -> None:
    first, second = an_account(label="first"), an_account(label="second", key="nb_the_other_key_00")
    with acting_as(SYSTEM):
        sealed = Credential.objects.get(account=first)
        assert b"nb_0123456789abcdef" not in bytes(sealed.sealed_key) + bytes(sealed.wrapped_data_key)
        assert str(sealed) == "…cdef"
        moved = Credential.objects.get(account=second)
        moved.sealed_key, moved.wrapped_data_key = sealed.sealed_key, sealed.wrapped_data_key
        moved.save()
        with pytest.raises(KeyUnreadable, match="account second does not open"):
            open_key(second)


def test_a_site_auditor_sees_everything_until_the_right_is_taken() -> None:
    sid = a_person("sid", a_team())
    assert said("site_auditor", "sid") == "sid: site auditor (updated).\n"
    assert said("site_auditor", "sid") == "sid: site auditor (unchanged).\n"
    assert sees_everything(User.objects.get(pk=sid.pk))
    assert said("site_auditor", "sid", "--remove") == "sid: no site auditor (updated).\n"
    assert not sees_everything(User.objects.get(pk=sid.pk))
    assert Team.objects.count() == 1
