"""Templates made into answers: escaped, compressed, with an ETag; what many read alike is rendered once."""

import asyncio
import gzip
import re
import zlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path

from fastapi import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from api.policy import Operation
from web.filters import FILTERS, say_in
from web.menu import menu_of
from web.session import Appearance, Reader
from web.static_files import address_of

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
MOST_RENDERED = 200
_SMALL = 1_000
# Stands where each reader's own name belongs in a page that several share; no text of anybody's can hold it.
_NAME = "\x02name\x02"
# Signs that begin a stretch whose direction is its own, and the one that ends it.
_OPENS, _CLOSES = re.compile("[\u2066-\u2068]"), "\u2069"
_OF_OTHERS = re.compile("(?P<start><bdi[^>]*>)(?P<text>[^<]*)</bdi>")
_FOLDER = Path(__file__).parent / "templates"

Values = Mapping[str, object]


def page(
    request: Request,
    template: str,
    look: Appearance,
    values: Values,
    *,
    reader: Reader | None = None,
    status: int = 200,
) -> Response:
    """One page for one reader, or for somebody nobody knows."""
    html = rendered(template, look, values, reader, request.url.path)
    return answer(request, html, name=reader.name if reader else "", status=status)


def rendered(template: str, look: Appearance, values: Values, reader: Reader | None, path: str) -> str:
    given = {
        "language": look.language,
        "theme": look.theme,
        "reader": reader,
        "reader_name": _NAME,
        "menu": menu_of(reader.key, path, look.language) if reader else (),
        "zone": reader.zone if reader else "UTC",
        "may_search": reader is not None and reader.may(Operation.SEARCH),
        "path": path,
        "names": {},
        "steps": {},
        "contract_name": None,
        "live": None,
        **values,
    }
    return isolated(templates().get_template(template).render(given))


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


def answer(request: Request, html: str, *, name: str, status: int = 200) -> Response:
    body = html.replace(_NAME, str(Markup.escape(_ended(name)))).encode("utf-8", "replace")
    headers = dict(HEADERS)
    if status == HTTPStatus.OK:
        etag = f'W/"{sha256(body).hexdigest()[:24]}"'
        headers["ETag"] = etag
        if etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
    if len(body) > _SMALL and "gzip" in request.headers.get("accept-encoding", ""):
        # There is no secret in it that somebody could guess by its length.
        body, headers["Content-Encoding"] = gzip.compress(body, 5, mtime=0), "gzip"
    return Response(body, status, headers=headers, media_type="text/html")


@dataclass(frozen=True)
class Leaf:
    """What a page that many look at depends on. `version` moves with everything that it shows."""

    template: str
    address: str
    version: object
    personal: bool = False


class Renders:
    """One render for all who read the same page in the same way; whoever comes while it is made waits for it."""

    def __init__(self) -> None:
        self._made: OrderedDict[tuple[object, ...], asyncio.Task[str]] = OrderedDict()
        self.count = 0

    async def show(
        self, request: Request, reader: Reader, leaf: Leaf, values: Callable[[], Awaitable[Values]]
    ) -> Response:
        whose = reader.key.id if leaf.personal else None
        key = (leaf, whose, reader.key.role, reader.key.customer, reader.look, reader.zone, _minute(reader.now))
        if key not in self._made:
            self._made[key] = asyncio.create_task(self._make(reader, leaf, values, request.url.path))
            while len(self._made) > MOST_RENDERED:
                self._made.popitem(last=False)
        task = self._made[key]
        try:
            # Whoever goes away while it is made takes it from nobody else.
            html = await asyncio.shield(task)
        except BaseException:
            if task.done():
                self._made.pop(key, None)
            raise
        return answer(request, html, name=reader.name)

    async def _make(self, reader: Reader, leaf: Leaf, values: Callable[[], Awaitable[Values]], path: str) -> str:
        self.count += 1
        given = await values()
        return await asyncio.to_thread(rendered, leaf.template, reader.look, given, reader, path)


def _minute(at: datetime) -> int:
    """What is overdue, and what day it is, changes at no other time."""
    return int(at.timestamp() // 60)


def renders_of(request: Request) -> Renders:
    renders: Renders = request.app.state.renders
    return renders


@cache
def templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"say": say_in, "part": _part, "static": address_of}
    made.filters |= FILTERS
    return made


def _part(name: str, caller: Callable[[], str], tag: str = "section", **attributes: str) -> Markup:
    """A piece of a page that is replaced alone when what it shows has changed."""
    inner = caller()
    more = Markup("").join(Markup(' {}="{}"').format(key.rstrip("_"), value) for key, value in attributes.items())
    version = f"{zlib.crc32(inner.encode('utf-8', 'replace')):x}"
    return Markup('<{tag} id="{name}" data-v="{version}"{more}>{inner}</{tag}>').format(
        tag=Markup(tag), name=name, version=version, more=more, inner=inner
    )
