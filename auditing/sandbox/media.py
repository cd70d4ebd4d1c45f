"""The files behind the links: a thumbnail for each video, and one small film for all of them."""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path

from auditing.sandbox.presigned import Signer
from auditing.sandbox.reply import Reply
from auditing.sandbox.scenery import thumbnail

PATH = "/media/"

_THUMB = re.compile(r"/media/thumbs/([A-Za-z0-9_-]{1,80})\.png")
_VIDEO = re.compile(r"/media/videos/[A-Za-z0-9_-]{1,80}\.mp4")
_SIGNED_VIDEO = re.compile(r"/media/users/[a-z0-9]+/output/video-[A-Za-z0-9-]{1,80}\.mp4")
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_NOT_FOUND = Reply(404, b"Not found\n", "text/plain")
_WRONG_METHOD = Reply(405, b"Method not allowed\n", "text/plain", {"Allow": "GET, HEAD"})
_HEADERS = {"Accept-Ranges": "bytes", "Cache-Control": "public, max-age=3600"}


class Media:
    """A CDN that has a file for every well-formed name, and a bucket that opens to signed links only."""

    def __init__(self, seed: int) -> None:
        self._signer = Signer(seed)

    def answer(
        self, method: str, path: str, query: Mapping[str, str], wanted: str | None, now: datetime
    ) -> Reply:
        """The file, or the part of it that a Range header wants."""
        if method not in ("GET", "HEAD"):
            return _WRONG_METHOD
        if thumb := _THUMB.fullmatch(path):
            return _part(thumbnail(thumb[1]), "image/png", wanted)
        if _VIDEO.fullmatch(path):
            return _part(clip(), "video/mp4", wanted)
        if _SIGNED_VIDEO.fullmatch(path):
            return self._signer.refusal(path, query, now) or _part(clip(), "video/mp4", wanted)
        return _NOT_FOUND


@cache
def clip() -> bytes:
    """Four seconds of drifting colours in H.264, made for this project with ffmpeg's `gradients` source."""
    return (Path(__file__).parent / "assets" / "clip.mp4").read_bytes()


def _part(data: bytes, content_type: str, wanted: str | None) -> Reply:
    """206 with what one byte range wants, 416 if it lies outside, else 200 with everything."""
    match = _RANGE.fullmatch(wanted or "")
    if match is None or match[1] == match[2] == "":
        return Reply(200, data, content_type, _HEADERS)
    size = len(data)
    first, last = (int(text) if text else None for text in match.groups())
    if first is None:
        start, end = max(size - (last or 0), 0), size
    else:
        start, end = first, size if last is None else min(last + 1, size)
    if start >= end:
        return Reply(416, b"", content_type, {**_HEADERS, "Content-Range": f"bytes */{size}"})
    headers = {**_HEADERS, "Content-Range": f"bytes {start}-{end - 1}/{size}"}
    return Reply(206, data[start:end], content_type, headers)
