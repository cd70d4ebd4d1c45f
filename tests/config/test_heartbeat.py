"""The heartbeat's address: https, or this machine; what is refused is not repeated."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.heartbeat import heartbeat_url


@pytest.mark.parametrize(
    "url", ["", "https://hc.example/ping/abc?x=1", "http://127.0.0.1:8000/a", "http://[::1]/"]
)
def test_https_and_this_machine_are_possible(url: str) -> None:
    assert heartbeat_url(url, loopback_allowed=True) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://hc.example/secret",
        "ftp://127.0.0.1/secret",
        "https:///secret",
        "https://me:secret@hc.example/",
        "https://hc.example/sec ret",
        "https://[hc.example/secret",
        "https://hc.example:secret/",
        "secret",
    ],
)
def test_other_addresses_are_refused_and_kept_secret(url: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        heartbeat_url(url, loopback_allowed=True)
    assert "HEARTBEAT_URL" in str(refused.value)
    assert "sec" not in str(refused.value)


def test_this_machine_needs_loopback_to_be_allowed() -> None:
    with pytest.raises(ImproperlyConfigured):
        heartbeat_url("http://127.0.0.1/a", loopback_allowed=False)
