"""The administration: each of its pages opens for a superuser, behind the wall, and saves what it shows."""

import re

from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db.models import Model
from django.urls import reverse

from auditing.access import acting_as, sight_of
from auditing.models import Membership
from tests.views.cast import Cast
from tests.views.conftest import SignedIn


def form_of(page: str) -> dict[str, str]:
    """What a browser would send of a page's inputs and selects, the buttons left out."""
    inputs = {}
    for tag in re.findall(r"<input[^>]+>", page):
        of = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        unchecked = of.get("type") == "checkbox" and " checked" not in tag
        if "name" in of and of.get("type") not in ("submit", "search") and not unchecked:
            inputs[of["name"]] = of.get("value", "on" if of.get("type") == "checkbox" else "")
    for name, options in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        if chosen := re.search(r'<option value="([^"]*)" selected', options):
            inputs[name] = chosen[1]
    return inputs


def test_every_page_that_the_administration_offers_opens(people: Cast, signed_in: SignedIn) -> None:
    """Lists, empty forms, and the first row of each; the queue's jobs are not offered."""
    client = signed_in(people.rita)
    index = client.get("/admin/").content.decode()
    assert "procrastinate" not in index
    assert 'rel="icon"' in index
    for model, shown in admin.site._registry.items():
        start = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        addresses = [reverse(f"{start}_changelist")]
        first: Model | None = model._default_manager.first()
        if first:
            addresses.append(reverse(f"{start}_change", args=[first.pk]))
        if shown.has_add_permission(client.get("/admin/").wsgi_request):
            addresses.append(reverse(f"{start}_add"))
        for address in addresses:
            assert client.get(address).status_code == 200, address


def test_a_membership_is_told_by_names_and_changed(people: Cast, signed_in: SignedIn) -> None:
    client, address = signed_in(people.rita), f"/admin/auditing/team/{people.team.pk}/change/"
    page = client.get(address).content.decode()
    assert "bob as member of north" in page
    form = form_of(page)
    (row,) = [key for key, value in form.items() if key.endswith("-user") and value == str(people.bob.pk)]
    response = client.post(address, form | {row.replace("-user", "-role"): "auditor"})
    assert response.status_code == 302
    assert Membership.objects.get(user=people.bob).role == "auditor"


def test_a_right_that_is_changed_counts_at_once(people: Cast, signed_in: SignedIn) -> None:
    """Whoever acts around it."""
    client, view_everything = signed_in(people.rita), Permission.objects.get(codename="view_everything")
    team, person = (
        f"/admin/auditing/{one}/change/" for one in (f"team/{people.team.pk}", f"user/{people.bob.pk}")
    )
    form = form_of(client.get(team).content.decode())
    (row,) = [key for key, value in form.items() if key.endswith("-user") and value == str(people.bob.pk)]
    with acting_as(people.bob):
        assert sight_of(people.bob).own_in_teams == (people.team.pk,)
        client.post(team, form | {row.replace("-user", "-role"): "auditor"})
        assert sight_of(people.bob).whole_teams == (people.team.pk,)
        form = form_of(client.get(person).content.decode())
        client.post(person, form | {"user_permissions": [view_everything.pk]})
        assert sight_of(people.bob).everything


def test_a_time_zone_that_does_not_exist_is_refused(people: Cast, signed_in: SignedIn) -> None:
    """Else a person's pages would fall back to UTC without a word."""
    client, address = signed_in(people.rita), f"/admin/auditing/user/{people.bob.pk}/change/"
    form = form_of(client.get(address).content.decode())
    response = client.post(address, form | {"time_zone": "Nowhere/Land"})
    assert b"There is no such time zone" in response.content
    assert client.post(address, form | {"time_zone": "Europe/Lisbon"}).status_code == 302
    people.bob.refresh_from_db()
    assert people.bob.time_zone == "Europe/Lisbon"
