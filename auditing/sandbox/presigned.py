"""Links that expire, as an S3 bucket signs and checks them."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from auditing.sandbox.reply import Reply

VALID_FOR = timedelta(hours=1)
_STAMP = "%Y%m%dT%H%M%SZ"


class Signer:
    """Signs paths with a secret of the world's seed, so that links outlive a restart of the server."""

    def __init__(self, seed: int) -> None:
        self._secret = f"sandbox bucket {seed}".encode()

    def link(self, path: str, now: datetime) -> str:
        """The path with a query that opens it for an hour."""
        stamp = now.strftime(_STAMP)
        query = {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Credential": f"AKIASANDBOX/{stamp[:8]}/us-east-1/s3/aws4_request",
            "X-Amz-Date": stamp,
            "X-Amz-Expires": str(int(VALID_FOR.total_seconds())),
            "X-Amz-SignedHeaders": "host",
            "X-Amz-Signature": self._signature(path, stamp),
        }
        return f"{path}?{urlencode(query)}"

    def refusal(self, path: str, query: Mapping[str, str], now: datetime) -> Reply | None:
        """Why the link does not open the path now; None if it does."""
        stamp = query.get("X-Amz-Date", "")
        signature = query.get("X-Amz-Signature", "")
        if not signature:
            return _refused("AccessDenied", "Access Denied")
        if not hmac.compare_digest(signature.encode(), self._signature(path, stamp).encode()):
            return _refused("SignatureDoesNotMatch", "The request signature we calculated does not match.")
        if now >= datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC) + VALID_FOR:
            return _refused("AccessDenied", "Request has expired")
        return None

    def _signature(self, path: str, stamp: str) -> str:
        return hmac.new(self._secret, f"{stamp}\n{path}".encode(), hashlib.sha256).hexdigest()


def _refused(code: str, message: str) -> Reply:
    error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n{error}'
    return Reply(403, body.encode(), "application/xml")
