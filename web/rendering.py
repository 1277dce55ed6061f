"""Templates made into pages; what many read alike is rendered once."""

import asyncio
import zlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, partial
from pathlib import Path

from fastapi import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from api.policy import Operation
from domain.keys import CUSTOMERS_OWN, Key
from web.filters import FILTERS, icon, said, say_in, stated
from web.menu import menu_of
from web.session import Appearance, Reader
from web.shared.written import NAME, WrittenPage, answer
from web.static_files import address_of

MOST_RENDERED = 200
_MOST_LOOKED_AT = 2_000
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
    return answer(request, WrittenPage(html), name=reader.name if reader else "", status=status)


def rendered(template: str, look: Appearance, values: Values, reader: Reader | None, path: str) -> str:
    given = {
        # By itself and not by the context: in a loop that would be copied for each word.
        "say": partial(said, look.language),
        "stated": partial(stated, look.language),
        "language": look.language,
        "theme": look.theme,
        "reader": reader,
        "reader_name": NAME,
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
    return templates().get_template(template).render(given)


@dataclass(frozen=True)
class Leaf:
    """What a page that many look at depends on, beside the role and scope of who looks.

    `version` moves with everything that it shows; without one it moves with whatever is written. `personal` is what
    depends on who looks. Where the tables do not say it all, it is looked at each time (`is_written`).
    """

    template: str
    version: object = None
    personal: bool = False
    is_written: bool = True


LeafLook = Callable[[], Awaitable[Leaf]]
Given = Callable[[], Awaitable[Values]]
_Key = tuple[object, ...]


class Renders:
    """Whoever comes while a page is looked at or made waits for it.

    As long as nothing is written in the tables, nothing is read for a page that is there.
    """

    def __init__(self) -> None:
        self._leaves: OrderedDict[_Key, tuple[object, asyncio.Task[Leaf]]] = OrderedDict()
        self._made: OrderedDict[_Key, asyncio.Task[WrittenPage]] = OrderedDict()
        self.count = 0

    def forget(self) -> None:
        self._leaves.clear()
        self._made.clear()

    async def show(self, request: Request, reader: Reader, leaf: Leaf | LeafLook, values: Given) -> Response:
        """`leaf` is asked with every change in the tables, whoever may not see the page being refused by it; `values`
        when the page has to be made anew."""
        address = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        seen_by = _eyes(reader.key)
        found = await self._leaf((address, *seen_by), reader.tables, leaf)
        whose = reader.key.id if found.personal else None
        key = (found, address, whose, *seen_by, reader.look, reader.zone, _minute(reader.now))
        if key not in self._made:
            self._made[key] = asyncio.create_task(self._make(reader, found, values, request.url.path))
            while len(self._made) > MOST_RENDERED:
                self._made.popitem(last=False)
        self._made.move_to_end(key)
        task = self._made[key]
        try:
            # Whoever goes away while it is made takes it from nobody else.
            written = await asyncio.shield(task)
        except BaseException:
            if task.done() and self._made.get(key) is task:
                del self._made[key]
            raise
        return answer(request, written, name=reader.name)

    async def _leaf(self, asked: _Key, tables: object, leaf: Leaf | LeafLook) -> Leaf:
        if isinstance(leaf, Leaf):
            return replace(leaf, version=(leaf.version, tables))
        kept = self._leaves.get(asked)
        if kept is None or kept[0] != tables:
            kept = self._leaves[asked] = tables, asyncio.ensure_future(leaf())
            while len(self._leaves) > _MOST_LOOKED_AT:
                self._leaves.popitem(last=False)
        task = kept[1]
        is_over = True
        try:
            found = await asyncio.shield(task)
            is_over = not found.is_written
        finally:
            # What is still looked for serves those who wait for it.
            if is_over and task.done() and self._leaves.get(asked) is kept:
                del self._leaves[asked]
        return found

    async def _make(self, reader: Reader, leaf: Leaf, values: Given, path: str) -> WrittenPage:
        self.count += 1
        given = await values()
        return await asyncio.to_thread(_written, leaf, reader, given, path)


def _written(leaf: Leaf, reader: Reader, given: Values, path: str) -> WrittenPage:
    written = WrittenPage(rendered(leaf.template, reader.look, given, reader, path))
    # Nearly everybody takes it so.
    _ = written.deflated
    return written


def _eyes(key: Key) -> _Key:
    """Who sees the same: a customer's own people see what is theirs."""
    return key.role, key.customer, key.is_somebodys, key.person if key.role in CUSTOMERS_OWN else None


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
    made.globals |= {"say": say_in, "part": _part, "static": address_of, "drawn": icon}
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
