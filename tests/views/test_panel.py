"""The panel beside the list, as the server answers it."""

from auditing.models import TrailEntry
from tests.views.cast import Cast, completed
from tests.views.conftest import SignedIn


def test_the_lists_panel_is_answered_with_the_record_alone(people: Cast, signed_in: SignedIn) -> None:
    """As a part, with the same refusals and the same entry in the trail."""
    completed(people.nano, "vid_a", people.alice)
    part = {"HX-Request": "true", "HX-Target": "panel"}
    address = "/generations/nanobanana/vid_a/"
    panel = signed_in(people.alice).get(address, headers=part)
    assert b"Title of vid_a" in panel.content
    assert b"<html" not in panel.content
    assert TrailEntry.objects.filter(act="viewed", external_id="vid_a").count() == 1
    assert signed_in(people.bob).get(address, headers=part).status_code == 403
