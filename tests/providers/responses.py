"""Responses as a provider would send them, made of literal payloads."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from auditing.records import Response

PAYLOADS = Path(__file__).parent.parent / "payloads"
NOW = datetime(2026, 5, 6, 12, 0, tzinfo=UTC)
VIDEO_ID = "vid_a1b2c3d4e5f6"
PROJECT_ID = "abc123def456"


def payload_bytes(name: str) -> bytes:
    """A documented example, byte for byte."""
    return (PAYLOADS / f"{name}.json").read_bytes()


def response(body: bytes, status: int = 200, **headers: str) -> Response:
    """A response received at NOW; header names with underscores, as `retry_after="30"`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status=status, headers=named, body=body, received_at=NOW)


def video(**changes: object) -> bytes:
    """NanoBanana's documented 200 with some fields of the video changed."""
    payload = json.loads(payload_bytes("nanobanana-completed"))
    payload["video"] |= changes
    return json.dumps(payload).encode()


def video_without(*fields: str) -> bytes:
    payload = json.loads(payload_bytes("nanobanana-completed"))
    for field in fields:
        del payload["video"][field]
    return json.dumps(payload).encode()


def project(**changes: object) -> bytes:
    """ReelBot's documented 200 of a completed job with some fields changed."""
    return json.dumps(json.loads(payload_bytes("reelbot-completed")) | changes).encode()


def project_without(*fields: str) -> bytes:
    payload: Mapping[str, Any] = json.loads(payload_bytes("reelbot-completed"))
    return json.dumps({name: value for name, value in payload.items() if name not in fields}).encode()


def two_seconds() -> timedelta:
    """A jitter without chance."""
    return timedelta(seconds=2)
