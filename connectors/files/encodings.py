"""How a CSV file is encoded: as a whole and in one way, or not at all. A guess that is wrong would be kept for good."""

import re
from typing import NoReturn

from connectors.files.limits import MAX_CHARACTERS, limited, refused

_UTF_8, _UTF_16 = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")
_SAMPLE = 2_000
# Letters and quotation marks in UTF-8, which make no sense in any other encoding.
_IN_UTF_8 = re.compile(rb"[\xc3-\xc5][\x80-\xbf]|\xe2\x80[\x80-\xbf]")
# What letters of DOS and of old Macs become within a word when they are taken for those of Windows.
# So do Polish and Czech letters of CP1250, which stand in words where no Western ones do.
_FOREIGN = re.compile(
    r"[A-Za-zß-ÿ][„”“†‡ˆ‰‹›€ŸŠŽŒ™][a-zß-ÿ]|[a-zß-ÿ][§¤¥¦]"
    r"|[A-Za-ln-zß-ÿ][³¹¿]|[³¹¿¼¾][a-zß-ÿ]|\b[ÈÌÙ][a-zß-ÿ]{2}|[ìù][a-zß-ÿ]|[áéíúý]ø|[£¯][a-zß-ÿ]"
    # No Western word has four such signs on end; in other alphabets all are.
    r"|[¡-ÿ]{4}"
)


def decoded(content: bytes) -> str:
    """Raises `Unacceptable`, naming the first line that is encoded otherwise than the others."""
    text = _decoded(content)
    if "\x00" in text:
        _refuse(content, content.find(b"\x00"), "encoding_unknown")
    limited("too_many_characters", len(text), MAX_CHARACTERS)
    return text


def _decoded(content: bytes) -> str:
    if content.startswith(_UTF_16):
        return _all_in("utf-16", content)
    if wide := _wide(content[:_SAMPLE]):
        return _all_in(wide, content)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = error.start + (len(_UTF_8) if content.startswith(_UTF_8) else 0)
    if content.startswith(_UTF_8) or _IN_UTF_8.search(content):
        _refuse(content, at, "encoding_mixed")
    text = _all_in("cp1252", content)
    if foreign := _FOREIGN.search(text):
        # In CP1252 each sign is one byte.
        _refuse(content, foreign.start(), "encoding_unknown")
    return text


def _wide(sample: bytes) -> str:
    """Whether each second byte is none, as in UTF-16 without its mark."""
    for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(sample) > 3 and sample[start::2].count(0) > len(sample) // 3 and 0 not in sample[1 - start :: 2]:  # noqa: PLR2004
            return encoding
    return ""


def _all_in(encoding: str, content: bytes) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        _refuse(content, error.start, "encoding_unknown")


def _refuse(content: bytes, at: int, code: str) -> NoReturn:
    before = content[:at]
    raise refused(code, row=str(1 + before.replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n")))
