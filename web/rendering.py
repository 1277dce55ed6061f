"""Templates made into answers: escaped, compressed, with an ETag; what many read alike is rendered once."""

import asyncio
import gzip
import re
import zlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import cast

from fastapi import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from api.policy import Operation
from documents.wording import given_reason, ordered, sentence, word
from domain.cases.events import Event
from domain.clocks.reports import ClockReport
from domain.contracts.catalogue import ItemWords, in_words
from domain.kinds import OrderKind
from domain.orders.answers import ItemAnswer, day_answered, site_of
from domain.people import Language
from domain.places import Place
from domain.refusals import Problem
from web import moments
from web.marks import happening_mark, mark_of
from web.menu import menu_of
from web.session import Appearance, Reader
from web.static_files import address_of
from web.words import label, say

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
    made.globals |= {"say": _say, "part": _part, "static": address_of}
    made.filters |= {
        "word": _word,
        "step_name": _step_name,
        "reason_of": _reason_of,
        "mark_in": _mark_in,
        "at": _at,
        "at_on": _at_on,
        "due": _due,
        "short_day": _short_day,
        "happened": _happened,
        "day": _day,
        "until": _until,
        "span": _span,
        "sentence": _sentence,
        "person": _person,
        "answered": _answered,
        "customer": _customer,
        "site": _site,
        "label": _label,
        "in_words": _in_words,
        "ordered": _ordered,
        "upper_first": _upper_first,
        "hours": moments.hours,
        "place": _place,
        "money": _money,
        "decimal": _decimal,
        "share": _share,
        "happening_mark": happening_mark,
        "whole_day": _whole_day,
        "plain_day": _plain_day,
        "exact": _exact,
        "counted": moments.counted,
    }
    return made


def _language(context: Context) -> Language:
    return cast("Language", context["language"])


@pass_context
def _say(context: Context, name: str, **values: object) -> str:
    return say(name, _language(context), **values)


@pass_context
def _word(context: Context, value: str, noun: str) -> str:
    return word(noun, value, _language(context))


@pass_context
def _step_name(context: Context, step: str) -> str:
    """As its order's contract calls it: `steps` are those that are known on this page."""
    known: Mapping[str, str] = context["steps"]
    return known.get(step) or word("step", step, _language(context))


@pass_context
def _reason_of(context: Context, event: Event) -> str:
    return given_reason(event.reason or "", event.actor, _language(context))


def _mark_in(value: str, noun: str) -> str:
    return mark_of(noun, value)


@pass_context
def _sentence(context: Context, problem: Problem) -> str:
    return sentence(problem, _language(context))


@pass_context
def _person(context: Context, person: str) -> Markup:
    """By name; ids are for machines."""
    return Markup("<bdi>{}</bdi>").format(context["names"].get(person, person))


@pass_context
def _answered(context: Context, said: ItemAnswer) -> str:
    """As people read what was answered to a question of an item: by names, and days in their own form."""
    reader: Reader = context["reader"]
    site, language = site_of(said.answer), _language(context)
    if named := in_words(said.name, language) or context["names"].get(said.answer):
        return f"{named}"
    if (day := day_answered(said.answer)) is not None:
        return moments.plain_day(day, language)
    return reader.sites.get(site, site) + said.answer[len(site) :]


@pass_context
def _customer(context: Context, customer: str) -> Markup:
    reader: Reader = context["reader"]
    return Markup("<bdi>{}</bdi>").format(reader.customers.get(customer, customer))


@pass_context
def _site(context: Context, site: str) -> Markup:
    reader: Reader = context["reader"]
    return Markup("<bdi>{}</bdi>").format(reader.sites.get(site, site))


@pass_context
def _in_words(context: Context, words: Mapping[Language, str]) -> str:
    return in_words(words, _language(context))


@pass_context
def _ordered(context: Context, item_name: ItemWords, kind: OrderKind) -> str:
    """`{{ line.item_name|ordered(line.kind) }}`: what an order is called."""
    return ordered(item_name, kind, _language(context))


@pass_context
def _label(context: Context, field: str) -> str:
    return label(field, _language(context))


def _upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]


@pass_context
def _place(context: Context, place: Place, here: str) -> str:
    """As it is written on doors: building, room and desk. Its site is named where it is another than `here`."""
    reader: Reader = context["reader"]
    site = reader.sites.get(place.site, place.site) if place.site != here else None
    said = " ".join(part for part in (site, place.building, place.room or place.floor) if part)
    return said + (f"·{place.desk}" if place.desk else "")


@pass_context
def _money(context: Context, amount: Decimal) -> str:
    return moments.money(amount, _language(context))


@pass_context
def _decimal(context: Context, amount: Decimal) -> str:
    return moments.number(amount, _language(context))


def _share(clock: ClockReport) -> int:
    """Of its time, in percent."""
    return min(100, round(100 * (clock.used / clock.target))) if clock.target else 100


@pass_context
def _at(context: Context, at: datetime) -> Markup:
    text = moments.moment(at, context["zone"], _language(context), context["now"])
    return moments.tagged(at, text)


@pass_context
def _day(context: Context, at: datetime) -> Markup:
    return moments.tagged(at, moments.whole_day(moments.day_of(at, context["zone"]), _language(context)))


@pass_context
def _short_day(context: Context, at: datetime) -> Markup:
    zone = context["zone"]
    today = moments.day_of(context["now"], zone)
    return moments.tagged(at, moments.day_name(moments.day_of(at, zone), _language(context), today=today))


@pass_context
def _at_on(context: Context, at: datetime, named: datetime) -> Markup:
    """Without its day where that has just been named."""
    return _until(context, at, named)


@pass_context
def _happened(context: Context, event: Event) -> str:
    """What has happened to a move, and to which of its rows."""
    language = _language(context)
    known = word("move_happening", event.what, language)
    said = known if known != event.what else word("happening", event.what, language)
    rows = [event.values["row"]] if "row" in event.values else [f"{row}" for row in getattr(event.command, "rows", ())]
    return " ".join([said, ", ".join(rows)]).strip()


@pass_context
def _whole_day(context: Context, day: date) -> str:
    return moments.whole_day(day, _language(context))


@pass_context
def _plain_day(context: Context, day: date) -> str:
    return moments.plain_day(day, _language(context))


@pass_context
def _exact(context: Context, at: datetime) -> Markup:
    return moments.tagged(at, moments.exact(at, context["zone"], _language(context)))


@pass_context
def _until(context: Context, end: datetime, start: datetime) -> Markup:
    """The end of a span: with its day only where that is another one."""
    zone, language = context["zone"], _language(context)
    text = moments.moment(end, zone, language, context["now"], named=moments.day_of(start, zone))
    return moments.tagged(end, text)


@pass_context
def _due(context: Context, at: datetime) -> Markup:
    """When something has to be done by, or since when it is overdue."""
    name = "overdue_since" if at < context["now"] else "due_at"
    return Markup(say(name, _language(context), at="{}")).format(_at(context, at))


@pass_context
def _span(context: Context, length: timedelta) -> str:
    return moments.span(length, _language(context))


def _part(name: str, caller: Callable[[], str], tag: str = "section", **attributes: str) -> Markup:
    """A piece of a page that is replaced alone when what it shows has changed."""
    inner = caller()
    more = Markup("").join(Markup(' {}="{}"').format(key.rstrip("_"), value) for key, value in attributes.items())
    version = f"{zlib.crc32(inner.encode('utf-8', 'replace')):x}"
    return Markup('<{tag} id="{name}" data-v="{version}"{more}>{inner}</{tag}>').format(
        tag=Markup(tag), name=name, version=version, more=more, inner=inner
    )
