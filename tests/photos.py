"""Photos and documents as small as they can be, and what is wrong with them."""

import struct
import zlib
from collections.abc import Sequence

JFIF = b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"


def segment(marker: int, said: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(said) + 2) + said


START, END = b"\xff\xd8", b"\xff\xd9"
CODED = b"\x12\xff\x00\x34\xff\xd0\x56"


def huffman(kind: int, number: int = 0, lengths: bytes = b"\x01") -> bytes:
    """One table of codes, of no frequency (0) or of the others (1)."""
    symbols = bytes(sum(lengths))
    return segment(0xC4, bytes([kind << 4 | number]) + lengths.ljust(16, b"\0") + symbols)


def quanta(number: int = 0) -> bytes:
    return segment(0xDB, bytes([number]) + b"\x01" * 64)


TABLES = (quanta(), huffman(0), huffman(1))
GREY = b"\x01\x11\0"
SCANNED = b"\x01\x01\0\0\x3f\0"


def frame(kind: int = 0xC0, parts: bytes = GREY, width: int = 8, height: int = 8) -> bytes:
    return segment(kind, struct.pack(">BHHB", 8, height, width, len(parts) // 3) + parts)


def drawn(framed: bytes, scanned: bytes = SCANNED, scan: bytes = CODED, tables: Sequence[bytes] = TABLES) -> bytes:
    return b"".join((START, segment(0xE0, JFIF), *tables, framed, segment(0xDA, scanned), scan, END))


def jpeg(
    *between: bytes, width: int = 8, height: int = 8, scan: bytes = CODED, tables: Sequence[bytes] = TABLES
) -> bytes:
    return drawn(frame(width=width, height=height), scan=scan, tables=(*between, *tables))


def undrawable() -> bytes:
    """Block by block as it ought to be, but nobody can draw it: it has no tables."""
    return jpeg(exif(), tables=())


def exif(orientation: int = 6, order: str = "<") -> bytes:
    """Where the photo was taken, and how the camera was held."""
    entries = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, orientation, 0) + struct.pack(f"{order}HHII", 0x8825, 4, 1, 38)
    tiff = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}IH", 8, 2) + entries + struct.pack("<I", 0)
    return segment(0xE1, b"Exif\0\0" + tiff + b"GPS 48.37 N 10.89 E")


def chunk(name: bytes, said: bytes) -> bytes:
    return struct.pack(">I", len(said)) + name + said + struct.pack(">I", zlib.crc32(name + said))


def png(*between: bytes, width: int = 2, height: int = 2) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    lines = zlib.compress((b"\0" + b"\x80" * min(width, 9)) * min(height, 9))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(between) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


def webp(*between: bytes, width: int = 2, height: int = 2) -> bytes:
    flags = bytes([0x0C]) + b"\0" * 3 + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    bits = (min(width, 9) - 1) | (min(height, 9) - 1) << 14
    picture = b"\x2f" + struct.pack("<I", bits) + b"\0" * 3
    body = b"WEBP" + riff(b"VP8X", flags) + b"".join(between) + riff(b"VP8L", picture)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def riff(name: bytes, said: bytes) -> bytes:
    return name + struct.pack("<I", len(said)) + said + b"\0" * (len(said) % 2)


def pdf(said: bytes = b"1 0 obj\nendobj") -> bytes:
    return b"%PDF-1.7\n" + said + b"\nstartxref\n9\n%%EOF\n"
