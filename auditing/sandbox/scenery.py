"""Thumbnails: a small landscape for each name, painted column by column from a palette of 256 colours."""

from collections.abc import Callable
from functools import lru_cache
from math import pi, sin, sqrt
from random import Random

from auditing.sandbox.chance import stream
from auditing.sandbox.png import Colour, paletted_png

WIDTH, HEIGHT = 320, 180

# Where the palette keeps what, with the number of shades of each.
_SKY, _SKY_SHADES = 0, 150
_LAND_SHADES = 25
_FAR, _MIDDLE, _NEAR = 150, 175, 200
_WATER, _WATER_SHADES = 225, 24
_SUN, _LIGHT = 249, 250

# Sky from top over middle to horizon, land from far to near, sun, lights.
_MOODS: tuple[tuple[str, ...], ...] = (
    ("16325c", "5b86b8", "f4d9b0", "8fa3b8", "24384c", "fff3d6", "ffe9a8"),  # morning
    ("2b1b4d", "a4446c", "ffb25e", "7a4566", "1d1430", "ffe6a3", "ffd98a"),  # dusk
    ("3f7fb5", "86bbd8", "e8f1f2", "7fa6a0", "2c4f45", "ffffff", "fff7d1"),  # day
    ("060b1e", "142850", "33547e", "1b2f52", "050a16", "eef2ff", "ffdf91"),  # night
    ("6b2d1a", "d9723b", "ffdd9c", "b8653f", "4a1f1c", "fff1c4", "ffe08a"),  # desert
    ("0f4c5c", "3a8f8b", "d9e5b3", "4d8076", "0c2f36", "fdf6d0", "fbe7a1"),  # lagoon
    ("8a8fa8", "c3bccb", "f1e1e0", "a99fb3", "4b4560", "fff8f2", "ffe7c2"),  # haze
    ("33153f", "6d2f6b", "e06c75", "5b2a5e", "170a22", "ffd0c2", "8ff0ff"),  # neon
)


@lru_cache(maxsize=1024)
def thumbnail(name: str) -> bytes:
    """A PNG of 320 by 180, always the same for the same name."""
    chance = stream(0, f"thumbnail {name}")
    palette = _palette(chance.choice(_MOODS))
    canvas = _Canvas(chance)
    canvas.shine(chance.randint(50, 270), chance.randint(35, 95), chance.randint(9, 20))
    chance.choice(_SCENES)(canvas)
    return paletted_png(WIDTH, HEIGHT, palette, canvas.rows())


class _Canvas:
    """Pixels kept column by column, since land and towers are drawn as columns: slices do the work."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self._pixels = bytearray(_gradient(_SKY, _SKY_SHADES, 0, HEIGHT) * WIDTH)
        self.sun_x = 0

    def rows(self) -> list[bytes]:
        """The picture row by row."""
        return [bytes(self._pixels[y::HEIGHT]) for y in range(HEIGHT)]

    def shine(self, x: int, y: int, radius: int) -> None:
        """A sun or a moon, with the sky brighter around it."""
        self.sun_x = x
        brighter = bytes(
            min(shade + 7, _SKY_SHADES - 1) if shade < _SKY_SHADES else shade for shade in range(256)
        )
        for reach in (7, 5, 4, 3, 2, 1.5):
            self._disc(x, y, int(radius * reach), lambda strip: strip.translate(brighter))
        self._disc(x, y, radius, lambda strip: bytes([_SUN]) * len(strip))

    def land(self, tops: list[int], shade: int) -> None:
        """Ground from these heights down to the bottom, darker towards it."""
        highest = min(tops)
        column = _gradient(shade, _LAND_SHADES, highest, HEIGHT)
        for x, top in enumerate(tops):
            self._pixels[x * HEIGHT + top : (x + 1) * HEIGHT] = column[top - HEIGHT :]

    def water(self, horizon: int) -> None:
        """A flat sea with the light on it."""
        column = _gradient(_WATER, _WATER_SHADES, horizon, HEIGHT)
        for x in range(WIDTH):
            self._pixels[x * HEIGHT + horizon : (x + 1) * HEIGHT] = column
        for _ in range(110):
            y = self.chance.randrange(horizon, HEIGHT)
            width = 2 + (y - horizon) // 6
            x = round(self.chance.gauss(self.sun_x, 5 + (y - horizon) / 4))
            for step in range(max(x, 0), min(x + width, WIDTH)):
                self._pixels[step * HEIGHT + y] = _SUN

    def dot(self, x: int, y: int) -> None:
        """A lit window, or a star."""
        self._pixels[x * HEIGHT + y] = _LIGHT

    def _disc(self, x: int, y: int, radius: int, paint: Callable[[bytearray], bytes | bytearray]) -> None:
        for column in range(max(x - radius, 0), min(x + radius + 1, WIDTH)):
            half = int(sqrt(radius * radius - (column - x) ** 2))
            top, bottom = max(y - half, 0), min(y + half + 1, HEIGHT)
            strip = slice(column * HEIGHT + top, column * HEIGHT + bottom)
            self._pixels[strip] = paint(self._pixels[strip])


def _mountains(canvas: _Canvas) -> None:
    canvas.land(_ridge(canvas.chance, 100, 34, sharp=True), _FAR)
    canvas.land(_ridge(canvas.chance, 128, 24, sharp=True), _MIDDLE)
    canvas.land(_ridge(canvas.chance, 158, 12, sharp=False), _NEAR)


def _dunes(canvas: _Canvas) -> None:
    for base, shade in ((118, _FAR), (138, _MIDDLE), (160, _NEAR)):
        canvas.land(_ridge(canvas.chance, base, 14, sharp=False), shade)


def _sea(canvas: _Canvas) -> None:
    canvas.land(_ridge(canvas.chance, 112, 16, sharp=canvas.chance.random() < 0.5), _FAR)
    canvas.water(124)
    if canvas.chance.random() < 0.5:
        canvas.land(_ridge(canvas.chance, 172, 9, sharp=False), _NEAR)


def _city(canvas: _Canvas) -> None:
    for base, height, shade in ((112, 40, _FAR), (132, 40, _MIDDLE), (150, 34, _NEAR)):
        tops = _skyline(canvas.chance, base, height)
        canvas.land(tops, shade)
        for x in range(3, WIDTH - 3, 4):
            for y in range(tops[x] + 5, HEIGHT - 4, 6):
                if tops[x - 2] == tops[x + 2] and canvas.chance.random() < 0.16:
                    canvas.dot(x, y)


_SCENES = (_mountains, _dunes, _sea, _city)


def _ridge(chance: Random, base: int, height: float, *, sharp: bool) -> list[int]:
    """The height of the land at each column: a few waves on top of each other, with peaks if sharp."""
    waves = [(chance.uniform(0.6, 1.6) * 2**n, chance.uniform(0, 2 * pi), 0.55**n) for n in range(4)]

    def level(x: int) -> float:
        turns = ((x / WIDTH * turn * pi * 2 + phase, weight) for turn, phase, weight in waves)
        return sum((1 - 2 * abs(sin(a / 2)) if sharp else sin(a)) * weight for a, weight in turns)

    return [min(max(round(base - level(x) * height), 20), HEIGHT - 1) for x in range(WIDTH)]


def _skyline(chance: Random, base: int, height: int) -> list[int]:
    tops: list[int] = []
    while len(tops) < WIDTH:
        tops += [base - chance.randint(-8, height)] * chance.randint(11, 30)
    return tops[:WIDTH]


def _gradient(first: int, shades: int, top: int, bottom: int) -> bytes:
    """A whole column in shades from `first` on, spread between top and bottom."""
    span = bottom - top
    return bytes(first + min(max(y - top, 0) * shades // span, shades - 1) for y in range(top, bottom))


def _palette(mood: tuple[str, ...]) -> list[Colour]:
    high, middle, low, far, near, sun, light = (
        (int(c[:2], 16), int(c[2:4], 16), int(c[4:], 16)) for c in mood
    )
    lands = [far, _between(far, near, 0.5), near]
    palette = _blend(high, middle, _SKY_SHADES // 2) + _blend(middle, low, _SKY_SHADES // 2)
    for land in lands:
        palette += _blend(land, _between(land, near, 0.55), _LAND_SHADES)
    palette += _blend(_between(low, middle, 0.5), _between(near, high, 0.4), _WATER_SHADES)
    return [*palette, sun, light]


def _blend(start: Colour, end: Colour, shades: int) -> list[Colour]:
    return [_between(start, end, n / (shades - 1)) for n in range(shades)]


def _between(start: Colour, end: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(start, end, strict=True))
    return red, green, blue
