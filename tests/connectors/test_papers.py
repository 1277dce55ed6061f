"""What somebody hands in is what its bytes say; nothing is kept of where a photo was taken, and of nothing else."""

import asyncio
import os
import struct
import subprocess
import sys
import time
import zlib
from hashlib import sha256
from pathlib import Path

import pytest

from connectors.files.papers import read_paper, unpacked_paper
from connectors.paper_folder import PaperFolder
from domain.papers import LARGEST_PAPER, LONGEST_SIDE, MOST_PIXELS
from domain.refusals import Unacceptable
from tests import photos

GOOD = {
    "image/jpeg": photos.jpeg(),
    "image/png": photos.png(),
    "image/webp": photos.webp(),
    "application/pdf": photos.pdf(),
}


def kept(content: bytes) -> bytes:
    return unpacked_paper(read_paper(content))[1]


def code(content: bytes) -> str:
    with pytest.raises(Unacceptable) as refused:
        read_paper(content)
    (problem,) = refused.value.problems
    assert problem.at == "/file"
    return problem.code


@pytest.mark.parametrize("media_type", GOOD)
def test_a_file_is_what_its_bytes_say(media_type: str) -> None:
    assert unpacked_paper(read_paper(GOOD[media_type]))[0] == media_type


@pytest.mark.parametrize("media_type", GOOD)
def test_what_is_kept_is_kept_the_same_again(media_type: str) -> None:
    once = kept(GOOD[media_type])

    assert kept(once) == once


@pytest.mark.parametrize(
    "content",
    [
        b"GIF89a\x01\x00\x01\x00\x80\x00\x00",
        b"PK\x03\x04" + b"\0" * 40,
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><script>alert(1)</script>",
        b"BM" + b"\0" * 60,
        b"\0\0\0\x1cftypheic",
        b"\n" + photos.pdf(),
        b"\0" + photos.png(),
        b"%!PS-Adobe-3.0",
        b"RIFF\x04\0\0\0WAVE",
    ],
)
def test_other_kinds_are_refused_whatever_they_are_called(content: bytes) -> None:
    assert code(content) == "paper_type_unknown"


def test_nothing_is_no_file_and_one_byte_above_the_limit_is_too_much() -> None:
    scan = b"\x11" * (LARGEST_PAPER - len(photos.jpeg(scan=b"")))

    assert code(b"") == "paper_empty"
    assert kept(photos.jpeg(scan=scan)).endswith(scan + photos.END)
    assert code(photos.jpeg(scan=scan + b"\x11")) == "paper_too_large"


@pytest.mark.parametrize("media_type", GOOD)
@pytest.mark.parametrize("behind", [b"PK\x05\x06" + b"\0" * 18, b"<script>alert(1)</script>", photos.jpeg()])
def test_what_goes_on_behind_its_end_is_something_else_too(media_type: str, behind: bytes) -> None:
    assert code(GOOD[media_type] + behind) == "paper_goes_on"


@pytest.mark.parametrize("media_type", GOOD)
def test_no_part_of_a_file_is_taken_for_the_whole(media_type: str) -> None:
    whole = GOOD[media_type]
    read = []
    for length in range(1, len(whole.rstrip())):
        try:
            read_paper(whole[:length])
        except Unacceptable:
            continue
        read.append(length)

    assert read == []


@pytest.mark.parametrize("media_type", GOOD)
def test_whatever_is_wrong_in_a_file_it_is_read_or_refused(media_type: str) -> None:
    whole, ends = GOOD[media_type], set()
    for place in range(len(whole)):
        for byte in (0x00, 0x7F, 0xFF):
            try:
                kept = unpacked_paper(read_paper(whole[:place] + bytes([byte]) + whole[place + 1 :]))
            except Unacceptable:
                ends.add("refused")
            else:
                ends.add(kept[0])

    assert ends == {"refused", media_type}


@pytest.mark.parametrize(
    "content",
    [
        photos.png(width=LONGEST_SIDE + 1, height=1),
        photos.png(width=10_000, height=MOST_PIXELS // 10_000 + 1),
        photos.png(width=0xFFFFFFFF, height=0xFFFFFFFF),
        photos.jpeg(width=65_500, height=65_500),
        photos.webp(width=1 << 24, height=1 << 24),
    ],
)
def test_a_bomb_is_refused_by_what_it_says_of_itself(content: bytes) -> None:
    """However small: a million lines of nothing pack into a few kilobytes."""
    assert len(content) < 1_000
    assert code(content) == "paper_too_many_pixels"


def test_what_is_packed_beside_a_picture_is_neither_unpacked_nor_kept() -> None:
    bomb = zlib.compress(b"\0" * 50_000_000)
    marked = photos.png(photos.chunk(b"zTXt", b"Comment\0\0" + bomb), photos.chunk(b"iCCP", b"x\0\0" + bomb))
    began = time.process_time()

    assert kept(marked) == photos.png()
    # To unpack it takes many times as long.
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("content", "without"),
    [
        (photos.jpeg(photos.segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0GPS")), photos.jpeg()),
        (photos.jpeg(photos.segment(0xED, b"Photoshop 3.0\0GPS"), photos.segment(0xFE, b"GPS")), photos.jpeg()),
        (photos.jpeg(photos.segment(0xE2, b"MPF\0GPS")), photos.jpeg()),
        (photos.png(photos.chunk(b"eXIf", b"GPS"), photos.chunk(b"tEXt", b"Where\0GPS")), photos.png()),
    ],
)
def test_nothing_is_kept_of_what_is_written_beside_a_picture(content: bytes, without: bytes) -> None:
    assert b"GPS" in content
    assert kept(content) == without


def test_of_a_webp_only_the_picture_is_kept() -> None:
    content = photos.webp(photos.riff(b"EXIF", b"GPS "), photos.riff(b"XMP ", b"GPS"))

    assert b"GPS" not in kept(content)
    # Its flags do not promise what is gone.
    assert kept(content)[20] & 0x0C == 0


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("turn", [3, 6, 8])
def test_a_photo_stays_the_way_the_camera_was_held(turn: int, order: str) -> None:
    made = kept(photos.jpeg(photos.exif(turn, order)))

    assert b"GPS" not in made
    assert b"\x01\x12\0\x03\0\0\0\x01" + turn.to_bytes(2, "big") in made
    assert kept(photos.jpeg(photos.exif(1, order))) == photos.jpeg()


COLOURS = b"\x01\x22\0\x02\x11\0\x03\x11\0"
INTERLEAVED = b"\x03\x01\0\x02\0\x03\0\0\x3f\0"
DC_OF_ALL, AC_OF_FIRST = b"\x03\x01\0\x02\0\x03\0\0\0\0", b"\x01\x01\0\x01\x3f\0"
UNDRAWABLE = {
    "no tables at all": photos.undrawable(),
    "no quanta": photos.jpeg(tables=photos.TABLES[1:]),
    "quanta of another number": photos.jpeg(tables=(photos.quanta(1), *photos.TABLES[1:])),
    "no codes of no frequency": photos.jpeg(tables=(photos.quanta(), photos.huffman(1))),
    "no codes of the others": photos.jpeg(tables=(photos.quanta(), photos.huffman(0))),
    "codes of another number": photos.jpeg(tables=(photos.quanta(), photos.huffman(0, 1), photos.huffman(1))),
    "more codes than bits tell apart": photos.jpeg(
        tables=(photos.quanta(), photos.huffman(0, 0, b"\x02"), photos.huffman(1))
    ),
    "a table cut off": photos.jpeg(tables=(photos.segment(0xDB, b"\0" + b"\x01" * 63), *photos.TABLES[1:])),
    "a part that the frame does not have": photos.drawn(photos.frame(), b"\x01\x02\0\0\x3f\0"),
    "more parts than the frame has": photos.drawn(photos.frame(), INTERLEAVED),
    "two parts": photos.drawn(photos.frame(parts=COLOURS[:6])),
    "a part that is looked at five times": photos.drawn(photos.frame(parts=b"\x01\x51\0")),
    "a scan of no part": photos.drawn(photos.frame(), b"\0\0\x3f\0"),
    "lossless": photos.drawn(photos.frame(0xC3)),
    "arithmetic": photos.drawn(photos.frame(0xC9)),
    "nothing after the head of a scan": photos.jpeg(scan=b""),
    "less than it has blocks": photos.jpeg(width=800, height=800, scan=b"\x11" * 2_000),
    "a progressive scan of both kinds": photos.drawn(photos.frame(0xC2)),
}


@pytest.mark.parametrize("content", UNDRAWABLE.values(), ids=UNDRAWABLE)
def test_a_photo_that_nobody_can_draw_is_refused(content: bytes) -> None:
    assert code(content) == "paper_broken"


def png_of(kind: int, depth: int, lines: bytes, *between: bytes, passes: int = 0) -> bytes:
    """Nine dots, three across."""
    return packed(kind, depth, zlib.compress(lines), *between, passes=passes)


def packed(kind: int, depth: int, coded: bytes, *between: bytes, passes: int = 0) -> bytes:
    head = photos.chunk(b"IHDR", struct.pack(">IIBBBBB", 3, 3, depth, kind, 0, 0, passes))
    chunks = (head, *between, photos.chunk(b"IDAT", coded), photos.chunk(b"IEND", b""))
    return b"".join((b"\x89PNG\r\n\x1a\n", *chunks))


PALETTE = photos.chunk(b"PLTE", b"\0\0\0\xff\xff\xff")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(png_of(0, 8, b"\0" * 11), id="a byte too few"),
        pytest.param(png_of(0, 8, b""), id="nothing at all"),
        pytest.param(png_of(5, 8, b"\0" * 99), id="a kind there is none of"),
        pytest.param(png_of(2, 4, b"\0" * 99), id="too few bits for colours"),
        pytest.param(png_of(3, 8, b"\0" * 12), id="colours of a palette that is not there"),
        pytest.param(png_of(0, 8, b"\0" * 99, passes=2), id="passes of another kind"),
        pytest.param(packed(0, 8, b"\x78\x9c packed by nobody"), id="lines that nobody has packed"),
    ],
)
def test_a_png_that_nobody_can_draw_is_refused(content: bytes) -> None:
    assert code(content) == "paper_broken"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(png_of(0, 8, b"\0" * 12), id="grey"),
        pytest.param(png_of(0, 1, b"\0" * 6), id="black and white"),
        pytest.param(png_of(6, 16, b"\0" * 75), id="colours one can see through"),
        pytest.param(png_of(3, 2, b"\0" * 6, PALETTE), id="a palette"),
        # Five of the seven passes have some of so few dots.
        pytest.param(png_of(0, 8, b"\0" * 15, passes=1), id="in passes"),
    ],
)
def test_a_png_that_has_all_its_lines_is_kept_as_it_is(content: bytes) -> None:
    assert kept(content) == content


DRAWABLE = {
    "grey": photos.jpeg(),
    "a code for each of two symbols": photos.jpeg(
        tables=(photos.quanta(), photos.huffman(0, 0, b"\x01\x01"), photos.huffman(1))
    ),
    "large": photos.jpeg(width=800, height=800, scan=b"\x11" * 2_500),
    "colours": photos.drawn(photos.frame(parts=COLOURS), INTERLEAVED),
    "the first colour alone": photos.drawn(photos.frame(parts=COLOURS)),
    "progressive": photos.drawn(photos.frame(0xC2, COLOURS), DC_OF_ALL),
    "progressive, of one frequency after the other": photos.drawn(photos.frame(0xC2), AC_OF_FIRST),
    "with points to begin anew at": photos.jpeg(photos.segment(0xDD, b"\0\x01")),
}


@pytest.mark.parametrize("content", DRAWABLE.values(), ids=DRAWABLE)
def test_a_photo_that_has_all_it_names_is_kept_as_it_is(content: bytes) -> None:
    assert kept(content) == content


def test_pictures_that_move_are_refused() -> None:
    assert code(photos.webp(photos.riff(b"ANIM", b"\0" * 6))) == "paper_moves"
    # Of a PNG, what moves is beside the picture.
    assert kept(photos.png(photos.chunk(b"acTL", b"\0" * 8))) == photos.png()


@pytest.mark.parametrize("parcel", [b"", b"text/html\n<script>", b"image/png", b"image/png\n", b"\xff\n\xff"])
def test_whoever_reads_strangers_files_is_not_believed_everything(parcel: bytes) -> None:
    with pytest.raises(Unacceptable):
        unpacked_paper(parcel)


def files_in(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file()]


async def test_a_file_is_there_as_a_whole_under_what_it_holds(tmp_path: Path) -> None:
    folder, content = PaperFolder(tmp_path / "papers"), photos.jpeg()
    digest = sha256(content).hexdigest()

    assert await folder.get(digest) is None
    await asyncio.gather(*(folder.put(digest, content) for _ in range(20)))

    assert await folder.get(digest) == content
    assert files_in(tmp_path) == [digest]
    assert (tmp_path / "papers" / digest[:2] / digest).stat().st_mode & 0o077 == 0


async def test_what_is_not_what_its_name_says_is_not_there_and_is_mended(tmp_path: Path) -> None:
    folder, content = PaperFolder(tmp_path), photos.jpeg()
    digest = sha256(content).hexdigest()
    await folder.put(digest, content)
    (tmp_path / digest[:2] / digest).write_bytes(content[:10])

    assert await folder.get(digest) is None
    await folder.put(digest, content)
    assert await folder.get(digest) == content


async def test_whoever_is_killed_while_writing_leaves_nothing_that_is_read_or_stays(tmp_path: Path) -> None:
    content = photos.jpeg(scan=b"\x11" * 1_000_000)
    digest = sha256(content).hexdigest()
    killed = f"""
import asyncio, os, signal
from pathlib import Path
from connectors import paper_folder
paper_folder.os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(paper_folder.PaperFolder(Path({str(tmp_path)!r})).put({digest!r}, b"\\x11" * 1_000_000))
"""
    await asyncio.to_thread(subprocess.run, [sys.executable, "-c", killed], check=False, timeout=60)
    (draft,) = (tmp_path / digest[:2]).iterdir()
    folder = PaperFolder(tmp_path)

    assert draft.name.startswith(".")
    assert await folder.get(digest) is None
    long_ago = time.time() - 7200
    os.utime(draft, (long_ago, long_ago))
    await folder.put(digest, content)
    assert [path.name for path in draft.parent.iterdir()] == [digest]
