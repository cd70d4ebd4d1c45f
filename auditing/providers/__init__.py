"""The registry: every provider that Clipledger can look generations up at."""

from auditing.providers import nanobanana, reelbot
from auditing.providers.declaration import Provider

PROVIDERS: dict[str, Provider] = {
    "nanobanana": nanobanana.PROVIDER,
    "reelbot": reelbot.PROVIDER,
}
