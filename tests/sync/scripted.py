"""A provider on loopback that answers exactly what a test says, and remembers what it was asked."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass(frozen=True)
class Reply:
    """One answer: a status, a body (JSON unless it is bytes), further headers."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)

    def sent(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Asked:
    """One request as it came: the id, and the header that authenticates it."""

    external_id: str
    key: str | None


Script = Callable[[str], Reply]


class ScriptedProvider:
    """Both providers' status addresses; `script` gives the reply for an id and may be changed at any time."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.asked: list[Asked] = []
        provider = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1

            def do_GET(self) -> None:
                address = urlsplit(self.path)
                named = parse_qs(address.query).get("video_id")
                external_id = named[0] if named else unquote(address.path.rpartition("/")[2])
                key = self.headers.get("X-API-Key") or self.headers.get("Authorization")
                asked = Asked(external_id, key)
                provider.asked.append(asked)
                reply = provider.reply(asked)
                body = reply.sent()
                self.send_response(reply.status)
                self.send_header("Content-Length", str(len(body)))
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @property
    def asked_ids(self) -> list[str]:
        return [asked.external_id for asked in self.asked]

    def reply(self, asked: Asked) -> Reply:
        """The answer to this request."""
        return self.script(asked.external_id)

    def serve(self) -> None:
        self._server.serve_forever(poll_interval=0.02)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def scripted(script: Script) -> Iterator[ScriptedProvider]:
    """The provider, listening as long as the `with` block lasts."""
    with listening(ScriptedProvider(script)) as provider:
        yield provider


@contextmanager
def listening[Kind: ScriptedProvider](provider: Kind) -> Iterator[Kind]:
    """This provider, listening as long as the `with` block lasts."""
    thread = threading.Thread(target=provider.serve)
    thread.start()
    try:
        yield provider
    finally:
        provider.close()
        thread.join()


def video(external_id: str, **fields: Any) -> Reply:
    """NanoBanana's 200 for a completed video, with some fields as given."""
    return Reply(
        200,
        {
            "success": True,
            "video": {
                "id": external_id,
                "status": "completed",
                "title": "Text to Video",
                "description": "A cinematic aerial shot of a golden beach at sunset",
                "mode": "text-to-video",
                "resolution": "1080p",
                "duration_seconds": 5,
                "output_url": f"https://cdn.example/{external_id}.mp4",
                "thumbnail_url": f"https://cdn.example/{external_id}.jpg",
                "credits_used": 7,
                "created_at": "2026-05-05T16:00:00Z",
                "updated_at": "2026-05-05T16:00:07Z",
                "processing_started_at": "2026-05-05T16:00:01Z",
                "processing_completed_at": "2026-05-05T16:00:07Z",
                **fields,
            },
        },
    )


def project(status: str = "completed", **fields: Any) -> Reply:
    """ReelBot's 200."""
    body = {
        "status": status,
        "message": "Video generation",
        "createdAt": "2025-01-21T16:30:00.000Z",
        **fields,
    }
    return Reply(200, body)


ACCESS_DENIED = Reply(403, {"success": False, "error": "Access denied"})
VIDEO_NOT_FOUND = Reply(404, {"success": False, "error": "Video not found"})
KEY_REQUIRED = Reply(401, {"success": False, "error": "API key required"})
