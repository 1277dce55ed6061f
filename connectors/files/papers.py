"""Photos, signatures and documents: what they are is told by their bytes, and nothing is kept beside the picture.

Formats are walked block by block, and whether somebody can draw them is asked without drawing: JPEG (ISO/IEC 10918-1),
PNG (ISO/IEC 15948), WebP (RFC 9649), and of PDF (ISO 32000) the first and the last line. Where a photo was taken, by
whom and with what stays out.
"""

import re
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence

from connectors.files.jpeg_tables import JpegTables, Undrawable
from domain.papers import ATTACHED, LARGEST_PAPER, LONGEST_SIDE, MOST_PIXELS, MediaType
from domain.refusals import Problem, Unacceptable

_AT = "/file"
_JPEG, _PNG, _PDF = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"%PDF-"
# Within the coded picture these stand for a byte of its own, or for the next piece of it.
_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])", re.DOTALL)
_START, _SCAN, _END = 0xD8, 0xDA, 0xD9
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# JFIF, colour profile and Adobe's colours; of other programs' blocks, and of comments, nobody needs to know.
_JFIF, _EXIF, _PROFILE, _ADOBE, _COMMENT = 0xE0, 0xE1, 0xE2, 0xEE, 0xFE
_PROGRAMS = frozenset(range(0xE0, 0xF0)) | {_COMMENT}
# Of a TIFF directory: all entries have one length, and this one is a short number.
_ORIENTATION, _SHORT, _TURNS = 0x0112, 3, range(2, 9)
_TIFF_HEAD, _TIFF_ENTRY = 8, 12
# The length of a segment counts itself.
_OWN_LENGTH = 2
_PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"pHYs"})
# How many bits a colour may have, by the kind of picture, and how many colours each of its dots has.
_PNG_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_PNG_COLOURS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_PALETTE = 3
# Where each of the seven passes begins, across and down, and how far its dots are from each other.
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
_AT_ONCE = 1 << 16
_WEBP_KEPT = frozenset({b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ICCP"})
# Of VP8X, the flags of Exif (8) and XMP (4).
_WITHOUT_FACTS = 0xFF ^ (0x08 | 0x04)
_PDF_END = re.compile(rb"%%EOF[\r\n\t \x00]*\Z")


def read_paper(content: bytes) -> bytes:
    """Its media type, a line break, and what is to be kept. Raises `Unacceptable`."""
    if not content:
        raise _refused("paper_empty")
    if len(content) > LARGEST_PAPER:
        raise _refused("paper_too_large", limit=f"{LARGEST_PAPER // 1_000_000} MB")
    media_type, read = _kind_of(content)
    try:
        kept = read(content)
    except (IndexError, Undrawable, struct.error, zlib.error):
        raise _refused("paper_broken") from None
    return media_type.encode() + b"\n" + kept


def unpacked_paper(parcel: bytes) -> tuple[MediaType, bytes]:
    """Raises `Unacceptable` for what is no parcel: whoever has read a stranger's file may have been taken over."""
    named, _, kept = parcel.partition(b"\n")
    known: dict[bytes, MediaType] = {one.encode(): one for one in ATTACHED}
    if named not in known or not kept or len(kept) > LARGEST_PAPER:
        raise _refused("paper_broken")
    return known[named], kept


def _kind_of(content: bytes) -> tuple[MediaType, Callable[[bytes], bytes]]:
    if content.startswith(_JPEG):
        return "image/jpeg", _jpeg
    if content.startswith(_PNG):
        return "image/png", _png
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp", _webp
    if content.startswith(_PDF):
        return "application/pdf", _pdf
    raise _refused("paper_type_unknown")


def _refused(code: str, **values: str) -> Unacceptable:
    return Unacceptable(Problem(code=code, at=_AT, values=values))


def _check_size(width: int, height: int) -> None:
    if width < 1 or height < 1:
        raise _refused("paper_broken")
    if max(width, height) > LONGEST_SIDE or width * height > MOST_PIXELS:
        raise _refused("paper_too_many_pixels", limit=f"{MOST_PIXELS // 1_000_000}")


def _ends_at(content: bytes, end: int) -> None:
    """What stands behind a picture is something else, for whoever begins to read at the end."""
    if end != len(content):
        raise _refused("paper_goes_on")


def _jpeg(content: bytes) -> bytes:
    kept, frames, scans, tables = [content[:2]], 0, 0, JpegTables()
    for marker, start, end in _segments(content):
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", content[start + 5 : start + 9])
            _check_size(width, height)
            frames += 1
        scans += marker == _SCAN
        if marker != _END:
            (length,) = struct.unpack(">H", content[start + 2 : start + 4])
            tables.hear(marker, content[start + 4 : start + 2 + length], coded=end - start - 2 - length)
        if marker == _EXIF:
            kept.append(_turned(content[start + 4 : end]))
        elif marker not in _PROGRAMS or _is_needed(marker, content[start + 4 : end]):
            kept.append(content[start:end])
    if frames != 1 or not scans:
        raise _refused("paper_broken")
    return b"".join(kept)


def _segments(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Each with its marker, from there to its end; a scan with all of its coded picture."""
    at = 2
    while True:
        found = _MARKER.match(content, at)
        if found is None:
            raise _refused("paper_broken")
        marker, start = found[1][0], found.end() - 2
        if marker == _END:
            _ends_at(content, found.end())
            yield marker, start, found.end()
            return
        (length,) = struct.unpack(">H", content[start + 2 : start + 4])
        end = start + 2 + length
        if marker == _START or length < _OWN_LENGTH or end > len(content):
            raise _refused("paper_broken")
        if marker == _SCAN:
            following = _MARKER.search(content, end)
            if following is None:
                raise _refused("paper_broken")
            end = following.start()
        yield marker, start, end
        at = end


def _is_needed(marker: int, said: bytes) -> bool:
    return (
        (marker == _JFIF and said.startswith(b"JFIF\0"))
        or (marker == _PROFILE and said.startswith(b"ICC_PROFILE\0"))
        or (marker == _ADOBE and said.startswith(b"Adobe"))
    )


def _turned(said: bytes) -> bytes:
    """Of all that a camera says, how it was held: without it people lie on their side."""
    turn = _orientation(said[6:]) if said.startswith(b"Exif\0\0") else None
    if turn is None:
        return b""
    one = struct.pack(">HHIHHI", _ORIENTATION, 3, 1, turn, 0, 0)
    exif = b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 1) + one
    return b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif


def _orientation(tiff: bytes) -> int | None:
    """2 to 8; None for upright, and for what cannot be read."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None or len(tiff) < _TIFF_HEAD:
        return None
    (first,) = struct.unpack(f"{order}I", tiff[4:8])
    if first + 2 > len(tiff):
        return None
    (count,) = struct.unpack(f"{order}H", tiff[first : first + 2])
    for number in range(count):
        start = first + 2 + _TIFF_ENTRY * number
        entry = tiff[start : start + _TIFF_ENTRY]
        if len(entry) < _TIFF_ENTRY:
            return None
        tag, kind, _, turn = struct.unpack(f"{order}HHIH", entry[:10])
        if tag == _ORIENTATION:
            return turn if kind == _SHORT and turn in _TURNS else None
    return None


def _png(content: bytes) -> bytes:
    kept, at = [_PNG], len(_PNG)
    names: list[bytes] = []
    coded: list[bytes] = []
    head = b""
    while not names or names[-1] != b"IEND":
        (length,) = struct.unpack(">I", content[at : at + 4])
        name, end = content[at + 4 : at + 8], at + 12 + length
        if end > len(content) or (not names) != (name == b"IHDR"):
            raise _refused("paper_broken")
        if zlib.crc32(content[at + 4 : end - 4]) != struct.unpack(">I", content[end - 4 : end])[0]:
            raise _refused("paper_broken")
        if name == b"IDAT":
            coded.append(content[at + 8 : end - 4])
        if name == b"IHDR":
            head = content[at + 8 : end - 4]
            _check_size(*struct.unpack(">II", content[at + 8 : at + 16]))
        if name in _PNG_KEPT:
            kept.append(content[at:end])
        elif not name[0] & 0x20:
            # Upper case: nobody may show the picture who does not know it.
            raise _refused("paper_broken")
        names.append(name)
        at = end
    _ends_at(content, at)
    _check_lines(_png_lines(head, has_palette=b"PLTE" in names), coded)
    return b"".join(kept)


def _png_lines(head: bytes, *, has_palette: bool) -> int:
    """How many bytes all lines of it have, each with the one that says how it was filtered."""
    width, height, depth, kind, packing, filtering, passes = struct.unpack(">IIBBBBB", head)
    if depth not in _PNG_DEPTHS.get(kind, ()) or packing or filtering or passes > 1:
        raise Undrawable
    if kind == _PALETTE and not has_palette:
        raise Undrawable
    bits, size = depth * _PNG_COLOURS[kind], 0
    for left, top, across, down in _PASSES if passes else ((0, 0, 1, 1),):
        dots, lines = max(0, -(-(width - left) // across)), max(0, -(-(height - top) // down))
        size += lines * (1 + -(-dots * bits // 8)) if dots else 0
    return size


def _check_lines(size: int, coded: Sequence[bytes]) -> None:
    """Whether all of them are there. They are unpacked piece by piece, and none is kept."""
    unpacking, made = zlib.decompressobj(), 0
    for part in coded:
        left = part
        while left and made < size:
            made += len(unpacking.decompress(left, _AT_ONCE))
            left = unpacking.unconsumed_tail
    if made < size:
        raise Undrawable


def _webp(content: bytes) -> bytes:
    (length,) = struct.unpack("<I", content[4:8])
    if length + 8 > len(content):
        raise _refused("paper_broken")
    _ends_at(content, length + 8)
    kept, at, seen = [], 12, False
    while at < len(content):
        name = content[at : at + 4]
        (size,) = struct.unpack("<I", content[at + 4 : at + 8])
        end = at + 8 + size + size % 2
        if end > len(content):
            raise _refused("paper_broken")
        if name in (b"ANIM", b"ANMF"):
            raise _refused("paper_moves")
        if name in _WEBP_KEPT:
            chunk = content[at:end]
            _check_size(*_webp_size(name, chunk[8:]))
            kept.append(chunk[:8] + bytes([chunk[8] & _WITHOUT_FACTS]) + chunk[9:] if name == b"VP8X" else chunk)
        seen |= name in (b"VP8 ", b"VP8L")
        at = end
    if not seen:
        raise _refused("paper_broken")
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _webp_size(name: bytes, said: bytes) -> tuple[int, int]:
    if name == b"VP8X":
        return 1 + int.from_bytes(said[4:7], "little"), 1 + int.from_bytes(said[7:10], "little")
    if name == b"VP8L":
        if said[:1] != b"\x2f":
            return 0, 0
        bits = int.from_bytes(said[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if name == b"VP8 ":
        if said[3:6] != b"\x9d\x01\x2a":
            return 0, 0
        width, height = struct.unpack("<HH", said[6:10])
        return width & 0x3FFF, height & 0x3FFF
    return 1, 1


def _pdf(content: bytes) -> bytes:
    """Whoever reads a PDF begins at its end; what stands behind it or before it is something else."""
    if not _PDF_END.search(content[-1024:]):
        raise _refused("paper_goes_on" if b"%%EOF" in content else "paper_broken")
    return content
