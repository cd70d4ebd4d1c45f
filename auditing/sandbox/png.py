"""Writes PNG files with a palette."""

import struct
import zlib
from collections.abc import Iterable

type Colour = tuple[int, int, int]


def paletted_png(width: int, height: int, palette: list[Colour], rows: Iterable[bytes]) -> bytes:
    """A PNG file of rows of indexes into up to 256 colours."""
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    colours = b"".join(bytes(colour) for colour in palette)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows), 6)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"PLTE", colours)
        + _chunk(b"IDAT", pixels)
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
