"""The registry and what the providers declare."""

import re

import pytest

from auditing.providers import PROVIDERS, nanobanana, reelbot
from auditing.providers.declaration import Provider, Refusal, ResetFormat
from auditing.records import CreditsBasis, InvalidId, Status

both = pytest.mark.parametrize("provider", PROVIDERS.values(), ids=PROVIDERS)


def test_it_holds_the_providers_by_their_own_keys() -> None:
    assert PROVIDERS == {"nanobanana": nanobanana.PROVIDER, "reelbot": reelbot.PROVIDER}
    assert [provider.key for provider in PROVIDERS.values()] == list(PROVIDERS)


def test_a_key_travels_in_the_header_that_each_provider_wants() -> None:
    assert PROVIDERS["nanobanana"].headers("nb_secret") == {"Authorization": "Bearer nb_secret"}
    assert PROVIDERS["reelbot"].headers("rb_live_secret") == {"X-API-Key": "rb_live_secret"}


def test_nanobanana_refuses_with_403_and_reelbot_with_404() -> None:
    assert PROVIDERS["nanobanana"].refusal == Refusal(403, "Access denied")
    assert PROVIDERS["reelbot"].refusal == Refusal(404, "Project not found")
    # What ReelBot says of a stranger's record is what it says of one that does not exist.
    assert PROVIDERS["reelbot"].missing_text == PROVIDERS["reelbot"].refusal.text


def test_what_each_provider_declares_of_credits_and_limits() -> None:
    declared = {
        key: (provider.credits_basis, provider.reset_format, provider.per_minute)
        for key, provider in PROVIDERS.items()
    }
    assert declared == {
        "nanobanana": (CreditsBasis.REPORTED, ResetFormat.UNIX_SECONDS, None),
        "reelbot": (CreditsBasis.DOCUMENTED, ResetFormat.ISO, 60),
    }


def test_the_two_vocabularies_meet_in_one() -> None:
    assert PROVIDERS["nanobanana"].statuses == {
        "pending": Status.PENDING,
        "processing": Status.PROCESSING,
        "completed": Status.COMPLETED,
        "failed": Status.FAILED,
    }
    assert PROVIDERS["reelbot"].statuses == {
        "queued": Status.PENDING,
        "processing": Status.PROCESSING,
        "completed": Status.COMPLETED,
        "failed": Status.FAILED,
    }


@both
def test_an_id_stays_one_segment_or_value_of_its_address(provider: Provider) -> None:
    target = provider.target("../a b?c=1&d#e/é%2F")
    assert target.endswith("..%2Fa%20b%3Fc%3D1%26d%23e%2F%C3%A9%252F")
    assert target.count("/") == provider.target("x").count("/")


@both
@pytest.mark.parametrize("text", ["", ".", "..", "a\nb", "a" * 256, "a\ud800"])
def test_what_cannot_be_an_id_reaches_no_address(provider: Provider, text: str) -> None:
    with pytest.raises(InvalidId):
        provider.target(text)
    if provider.download_target:
        with pytest.raises(InvalidId):
            provider.download_target(text)


@both
def test_the_usual_form_of_an_id_is_found_in_a_group_of_that_name(provider: Provider) -> None:
    assert isinstance(provider.id_in_text, re.Pattern)
    assert "id" in provider.id_in_text.groupindex
