"""Screenshots with the 256 colours that they have most of: a page needs no more, and weighs a third."""

import struct
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence

_SIGN = b"\x89PNG\r\n\x1a\n"
_MOST = 256
_SUB, _UP, _AVERAGE = 1, 2, 3
_PALETTE = 3
# By what a colour type says, so many bytes make a pixel.
_WIDTHS = {2: 3, 6: 4}
Colour = tuple[int, int, int]


def small_png(png: bytes) -> bytes:
    """The same picture with a palette. Takes what a browser makes: eight bits a channel, not interlaced."""
    width, height, pixels = dots_of(png)
    numbers = Counter(pixels)
    palette = [colour for colour, _ in numbers.most_common(_MOST)]
    places = {colour: place for place, colour in enumerate(palette)}
    for colour in numbers:
        if colour not in places:
            places[colour] = min(range(len(palette)), key=lambda place: _distance(colour, palette[place]))
    rows = (bytes(places[colour] for colour in pixels[at : at + width]) for at in range(0, len(pixels), width))
    head = struct.pack(">IIBBBBB", width, height, 8, _PALETTE, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    parts = ((b"IHDR", head), (b"PLTE", bytes(value for colour in palette for value in colour)), (b"IDAT", body))
    return _SIGN + b"".join(_chunk(name, content) for name, content in (*parts, (b"IEND", b"")))


def _distance(one: Colour, other: Colour) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_SIGN)
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += length + 12


def dots_of(png: bytes) -> tuple[int, int, Sequence[Colour]]:
    """Width, height, and the colour of each dot, line by line."""
    chunks = list(_chunks(png))
    width, height, depth, kind, *_, interlaced = struct.unpack(">IIBBBBB", dict(chunks)[b"IHDR"])
    assert (depth, interlaced) == (8, 0)
    each = _WIDTHS[kind]
    data = zlib.decompress(b"".join(content for name, content in chunks if name == b"IDAT"))
    pixels: list[Colour] = []
    above = bytearray(width * each)
    for start in range(0, len(data), width * each + 1):
        above = _row(data[start], bytearray(data[start + 1 : start + 1 + width * each]), above, each)
        pixels += [(above[at], above[at + 1], above[at + 2]) for at in range(0, len(above), each)]
    return width, height, pixels


def _row(kind: int, row: bytearray, above: bytearray, each: int) -> bytearray:
    """What a filter has taken away is put back."""
    if kind == 0:
        return row
    for at in range(len(row)):
        left = row[at - each] if at >= each else 0
        up = above[at]
        if kind == _SUB:
            base = left
        elif kind == _UP:
            base = up
        elif kind == _AVERAGE:
            base = (left + up) // 2
        else:
            base = _nearest(left, up, above[at - each] if at >= each else 0)
        row[at] = (row[at] + base) & 255
    return row


def _nearest(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    return min((left, up, corner), key=lambda value: abs(guess - value))
