"""A page as it goes out: compressed once, with each reader's own name in it, and an ETag by which it is asked for."""

import re
import zlib
from functools import cached_property
from hashlib import sha256
from http import HTTPStatus

from fastapi import Request, Response
from markupsafe import Markup

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; worker-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types floor"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    # With less, a browser would call the origin of our own forms `null`.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
    "Vary": "Cookie, Accept-Language, Accept-Encoding",
}
# Stands where each reader's own name belongs in a page that several share; no text of anybody's can hold it.
NAME = "\x02name\x02"
_SMALL = 1_000
_LEVEL = 5
# RFC 1952: deflated, of no time and no particular system.
_GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
# Signs that begin a stretch whose direction is its own, and the one that ends it.
_OPENS, _CLOSES = re.compile("[\u2066-\u2068]"), "\u2069"
_OF_OTHERS = re.compile("(?P<start><bdi[^>]*>)(?P<text>[^<]*)</bdi>")


class WrittenPage:
    """One page for all whose names may stand in it."""

    def __init__(self, html: str) -> None:
        self._pieces = tuple(piece.encode("utf-8", "replace") for piece in isolated(html).split(NAME))
        self._digest = sha256(NAME.encode().join(self._pieces)).digest()

    def etag(self, name: bytes) -> str:
        return f'W/"{sha256(self._digest + name).hexdigest()[:24]}"'

    def body(self, name: bytes) -> bytes:
        return name.join(self._pieces)

    def packed(self, name: bytes) -> bytes:
        """As gzip has it. Each piece is deflated by itself: so a name can be put between them."""
        between, crc, size = _deflated(name, zlib.Z_FULL_FLUSH), 0, 0
        for number, piece in enumerate(self._pieces):
            for part in (name, piece) if number else (piece,):
                crc, size = zlib.crc32(part, crc), size + len(part)
        end = crc.to_bytes(4, "little") + (size & 0xFFFFFFFF).to_bytes(4, "little")
        return _GZIP_HEAD + between.join(self.deflated) + end

    @cached_property
    def deflated(self) -> tuple[bytes, ...]:
        """There is no secret in it that somebody could guess by its length."""
        *first, last = self._pieces
        return *(_deflated(piece, zlib.Z_FULL_FLUSH) for piece in first), _deflated(last, zlib.Z_FINISH)


def _deflated(piece: bytes, end: int) -> bytes:
    packer = zlib.compressobj(_LEVEL, wbits=-zlib.MAX_WBITS)
    return packer.compress(piece) + packer.flush(end)


def answer(request: Request, written: WrittenPage, *, name: str, status: int = HTTPStatus.OK) -> Response:
    said = str(Markup.escape(_ended(name))).encode("utf-8", "replace")
    headers = dict(HEADERS)
    if status == HTTPStatus.OK:
        headers["ETag"] = etag = written.etag(said)
        if etag in request.headers.get("if-none-match", ""):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    body = written.body(said)
    if len(body) > _SMALL and "gzip" in request.headers.get("accept-encoding", ""):
        body, headers["Content-Encoding"] = written.packed(said), "gzip"
    return Response(body, status, headers=headers, media_type="text/html")


def isolated(html: str) -> str:
    """What somebody's text has opened and left open, `</bdi>` would close in place of its own: the text turns round
    what stands after it. So each gets what it lacks."""
    return _OF_OTHERS.sub(_closed, html) if _OPENS.search(html) else html


def _closed(found: re.Match[str]) -> str:
    return f"{found['start']}{_ended(found['text'])}</bdi>"


def _ended(text: str) -> str:
    depth = 0
    for sign in text:
        if _OPENS.match(sign):
            depth += 1
        elif sign == _CLOSES and depth:
            depth -= 1
    return text + _CLOSES * depth
