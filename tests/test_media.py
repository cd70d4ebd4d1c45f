"""Which addresses a page may show a preview from: those that its policy lets a browser fetch."""

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from auditing.media import may_be_shown
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
    assert may_be_shown(url, [source]) is shown


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
