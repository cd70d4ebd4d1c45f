"""Which addresses a page may show a preview from: those that its policy lets a browser fetch."""

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from auditing.media import expires_at, may_be_shown
from auditing.providers import PROVIDERS
from config.headers import content_security_policy, media_sources

CDN = "https://cdn.nanobananavideo.com"


@pytest.mark.parametrize(
    ("source", "url", "shown"),
    [
        (CDN, f"{CDN}/a.mp4", True),
        (CDN, f"{CDN}:443/a.mp4", True),
        (CDN, f"{CDN}:8443/a.mp4", False),
        (CDN, "http://cdn.nanobananavideo.com/a.mp4", False),
        (CDN, "https://cdn.nanobananavideo.com.evil.example/a.mp4", False),
        (CDN, "https://user@evil.example/?cdn.nanobananavideo.com", False),
        ("https://*.example.com", "https://a.b.example.com/x", True),
        ("https://*.example.com", "https://example.com/x", False),
        ("https://*.example.com", "https://badexample.com/x", False),
        ("http://127.0.0.1:*", "http://127.0.0.1:8999/x.png", True),
        ("http://127.0.0.1:*", "http://127.0.0.10:8999/x.png", False),
        ("https:", "https://anywhere.example/x", True),
        ("https:", "http://anywhere.example/x", False),
        ("https:", "javascript:alert(1)", False),
        ("https:", "https://[broken/", False),
        ("https:", "https://a:99999999/", False),
        ("https:", None, False),
    ],
)
def test_a_source_covers_what_browsers_take_it_to_cover(source: str, url: str | None, shown: bool) -> None:
    """As in the policy's specification."""
    assert may_be_shown(url, (source,)) is shown


def test_without_configuration_previews_come_from_the_providers_own_hosts() -> None:
    """Not from anywhere with https; loopback only where providers may be there."""
    declared = {source for provider in PROVIDERS.values() for source in provider.media_sources}
    assert set(media_sources([], loopback_allowed=False)) == declared
    assert "https:" not in declared
    assert "http://127.0.0.1:*" in media_sources([], loopback_allowed=True)


def test_what_is_configured_stands_in_their_place() -> None:
    """For a provider that moves its files elsewhere."""
    assert media_sources(["https://*.cloudfront.net"], loopback_allowed=True) == ("https://*.cloudfront.net",)


@pytest.mark.parametrize(
    "source", ["*", "data:", "https://a b", "https://a;script-src *", "'self'", "a.example"]
)
def test_what_is_no_source_of_media_is_refused(source: str) -> None:
    """It could end the directive, or allow more than was meant."""
    with pytest.raises(ImproperlyConfigured, match="MEDIA_SOURCES holds"):
        media_sources([source], loopback_allowed=False)


def test_the_policy_starts_from_nothing() -> None:
    """And names no host but for media."""
    policy = content_security_policy(("https://cdn.example",))
    assert policy["default-src"] == ["'none'"]
    naming = {key for key, sources in policy.items() if "https://cdn.example" in sources}
    assert naming == {"img-src", "media-src"}
    assert "unsafe" not in str(settings.SECURE_CSP)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("X-Amz-Date=20260501T120000Z&X-Amz-Expires=3600&X-Amz-Signature=a", "2026-05-01T13:00:00+00:00"),
        ("X-Goog-Date=20260501T120000Z&X-Goog-Expires=60", "2026-05-01T12:01:00+00:00"),
        ("se=2026-05-01T12%3A00%3A00Z&sig=a", "2026-05-01T12:00:00+00:00"),
        ("se=2026-05-01&sig=a", "2026-05-01T00:00:00+00:00"),
        ("Expires=1777636800&Signature=a", "2026-05-01T12:00:00+00:00"),
        ("exp=1777636800", "2026-05-01T12:00:00+00:00"),
        ("X-Amz-Date=yesterday&X-Amz-Expires=3600", None),
        ("X-Amz-Date=20260501T120000Z&X-Amz-Expires=99999999999999", None),
        ("se=soon&sig=a", None),
        ("se=2026-05-01", None),
        ("expires=3600", None),
        ("expires=never", None),
        ("", None),
    ],
)
def test_a_signed_address_says_until_when_it_opens(query: str, expected: str | None) -> None:
    """In the forms of the usual stores; what does not say so is not guessed."""
    said = expires_at(f"https://cdn.example/v.mp4?{query}")
    assert (said and said.isoformat()) == expected


def test_what_is_no_address_says_nothing() -> None:
    assert [expires_at(url) for url in (None, "", "javascript:alert(1)?exp=1777636800")] == [None] * 3
