"""The files that records link to: pictures, a film that players can seek in, and nothing else."""

import struct
import zlib

import pytest

from auditing.sandbox.world import World
from tests.sandbox.conftest import Serve, bearer, key

FILM = "/media/videos/vid_a1b2c3d4e5f6.mp4"
PICTURE = "/media/thumbs/vid_a1b2c3d4e5f6.png"


def test_the_links_of_a_record_lead_to_its_files(serve: Serve, examples: World) -> None:
    client, headers = serve(examples), bearer(key(examples, "northlight-nano"))
    record = client.get("/api/v1/video-status.php?video_id=vid_a1b2c3d4e5f6", headers=headers).json()["video"]
    film, picture = client.get(record["output_url"]), client.get(record["thumbnail_url"])
    assert (film.status_code, film.headers["Content-Type"]) == (200, "video/mp4")
    assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/png")
    assert film.content[4:8] == b"ftyp"
    assert len(film.content) < 20_000


def test_a_thumbnail_is_a_whole_png_of_320_by_180(serve: Serve, examples: World) -> None:
    data = serve(examples).get(PICTURE).content
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    chunks, at = {}, 8
    while at < len(data):
        (length,), kind = struct.unpack(">I", data[at : at + 4]), data[at + 4 : at + 8]
        chunks[kind] = data[at + 8 : at + 8 + length]
        checksum = data[at + 8 + length : at + 12 + length]
        assert checksum == struct.pack(">I", zlib.crc32(kind + chunks[kind]))
        at += 12 + length
    assert list(chunks) == [b"IHDR", b"PLTE", b"IDAT", b"IEND"]
    assert struct.unpack(">IIBBBBB", chunks[b"IHDR"]) == (320, 180, 8, 3, 0, 0, 0)
    pixels = zlib.decompress(chunks[b"IDAT"])
    assert len(pixels) == 180 * 321
    assert max(pixels) < len(chunks[b"PLTE"]) / 3


def test_each_video_has_a_picture_of_its_own(serve: Serve, examples: World) -> None:
    client = serve(examples)
    pictures = [client.get(f"/media/thumbs/vid_{number}.png").content for number in range(40)]
    assert len(set(pictures)) == 40
    assert client.get("/media/thumbs/vid_0.png").content == pictures[0]


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [("bytes=0-", 0, -1), ("bytes=0-99", 0, 99), ("bytes=100-199", 100, 199), ("bytes=-50", -50, -1)],
)
def test_players_can_ask_for_a_range(
    serve: Serve, examples: World, wanted: str, first: int, last: int
) -> None:
    client = serve(examples)
    film = client.get(FILM).content
    size = len(film)
    first, last = first % size, last % size
    part = client.get(FILM, headers={"Range": wanted})
    assert (part.status_code, part.content) == (206, film[first : last + 1])
    assert part.headers["Content-Range"] == f"bytes {first}-{last}/{size}"
    assert part.headers["Accept-Ranges"] == "bytes"


def test_a_range_beyond_the_end_cannot_be_had(serve: Serve, examples: World) -> None:
    client = serve(examples)
    size = len(client.get(FILM).content)
    for wanted in (f"bytes={size}-", "bytes=9-8", "bytes=-0"):
        part = client.get(FILM, headers={"Range": wanted})
        assert (part.status_code, part.content) == (416, b"")
        assert part.headers["Content-Range"] == f"bytes */{size}"


@pytest.mark.parametrize("wanted", ["bytes=-", "bytes=0-1,5-9", "lines=1-2", "nonsense"])
def test_a_range_that_is_not_understood_is_ignored(serve: Serve, examples: World, wanted: str) -> None:
    assert serve(examples).get(FILM, headers={"Range": wanted}).status_code == 200


def test_head_tells_the_length_and_sends_nothing(serve: Serve, examples: World) -> None:
    client = serve(examples)
    answer = client.head(FILM)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(client.get(FILM).content))


@pytest.mark.parametrize(
    "path",
    ["/media/", "/media/thumbs/a.jpg", "/media/videos/../clip.mp4", "/media/videos/%2e%2e.mp4", "/api/v2"],
)
def test_there_is_nothing_else(serve: Serve, examples: World, path: str) -> None:
    assert serve(examples).get(path).status_code == 404


def test_files_are_not_written_to(serve: Serve, examples: World) -> None:
    assert serve(examples).put(FILM).status_code == 405


def test_the_address_itself_tells_what_this_is(serve: Serve, examples: World) -> None:
    answer = serve(examples).get("/")
    assert answer.headers["Content-Type"] == "text/plain"
    assert "/api/v1/video-status.php?video_id=ID" in answer.text
