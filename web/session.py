"""Who reads a page: the session of a cookie, and through it a key. What that key may do, the policy says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal, get_args
from urllib.parse import urlencode, urlsplit

from fastapi import Depends, Request, Response
from starlette.datastructures import URL

from api.dependencies import Now, Tables, let_in
from api.door.book import DoorBook
from api.door.paces import WRITES
from api.door.visit import visit_of
from api.intake import check_intake
from api.policy import Operation, allows
from api.problems import Unauthenticated
from db.access.keys import kept_key
from db.access.sessions import session_shown
from db.engine import Database
from documents.wording import LANGUAGES, language_of
from domain.door import NO_KEY
from domain.keys import Key
from domain.people import Language, Person, Role
from domain.refusals import NotAllowed, Problem
from domain.sessions import LIFE, Session
from web.shared.registers import NamesKept

Theme = Literal["auto", "light", "dark"]
THEMES: tuple[Theme, ...] = get_args(Theme)
# How the pages look to this browser; no secret.
LOOK = "imac-look"
_YEAR = 365 * 24 * 3600
FLOOR = "/my-day"
_HERE = ("localhost", "127.0.0.1", "[::1]", "::1")


@dataclass(frozen=True)
class Appearance:
    language: Language
    theme: Theme


@dataclass(frozen=True)
class Reader:
    """Whoever has signed in. `zone` is that of pages which are about no single site.

    `customers` and `sites` are the names of those the reader may see, by id. `tables` is what the tables were before
    anything was read for this page.
    """

    key: Key
    session: Session
    name: str
    look: Appearance
    zone: str
    now: datetime
    customers: Mapping[str, str]
    sites: Mapping[str, str]
    tables: object

    def may(self, operation: Operation) -> bool:
        return allows(self.key, operation)


class ElsewhereFirst(Exception):
    """The page that was asked for has another address."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


class Signed:
    """Lets in whose session may do the operation, as `May` does for keys; a post must come from our own pages."""

    def __init__(self, operation: Operation = Operation.SIGN_IN) -> None:
        self.operation = operation

    async def __call__(self, request: Request, database: Tables, now: Now) -> Reader:
        visit = visit_of(request)
        visit.operation = request.scope["route"].name
        if request.method in WRITES:
            check_origin(request)
        tables = await database.version()
        session, key = await _shown(request, database, now)
        registers: NamesKept = request.app.state.registers
        known = await registers.of(key, database, tables)
        person = known.person
        # What is refused from here on is refused in the reader's own language.
        look = request.state.look = look_of(request, person)
        book: DoorBook = request.app.state.book
        book.seen(session.id, now)
        await let_in(request, key, self.operation, now)
        leave_out_empty(request)
        await check_intake(request)
        name = person.name if person else key.person
        return Reader(key, session, name, look, known.zone, now, known.customers, known.sites, tables)


Here = Annotated[Reader, Depends(Signed())]


async def _shown(request: Request, database: Database, now: datetime) -> tuple[Session, Key]:
    text = request.cookies.get(cookie_name(request), "")
    if not text:
        raise Unauthenticated(Problem(code="session_needed"), why=NO_KEY)
    async with database.glancing() as glance:
        session = await session_shown(glance, text)
        kept = [await kept_key(glance, name) for name in {session.key, session.acts_as}] if session else []
    keys = {one.key.id: one.key for one in kept if one is not None}
    if session is None:
        raise Unauthenticated(Problem(code="session_needed"), why="session_unknown")
    visit_of(request).shown = session.acts_as
    acts_as = keys.get(session.acts_as)
    if not session.is_open_at(now) and not (acts_as and is_kept_for(request, session, acts_as, now)):
        raise Unauthenticated(Problem(code="session_over"), why="session_over")
    if any(name not in keys or not keys[name].is_valid_at(now) for name in (session.key, session.acts_as)):
        raise Unauthenticated(Problem(code="session_over"), why="session_key_over")
    return session, keys[session.acts_as]


def is_kept_for(request: Request, session: Session, key: Key, at: datetime) -> bool:
    """Whether it opens this address as a phone's that is kept for the day of its technician, or ends that."""
    path, until = request.url.path, session.floor_until
    is_theirs = path == FLOOR or path.startswith(f"{FLOOR}/") or path == "/sign-out"
    return is_theirs and key.role == Role.TECHNICIAN and until is not None and at < until


def check_origin(request: Request) -> None:
    """Raises `NotAllowed` for a post that another site has its visitors send."""
    fetched = request.headers.get("sec-fetch-site")
    ours = {request.headers.get("host", ""), urlsplit(request.app.state.links.base).netloc}
    if fetched is not None:
        is_ours = fetched == "same-origin"
    else:
        # A browser too old for the first one says at least this much.
        is_ours = urlsplit(request.headers.get("origin", "")).netloc in ours - {""}
    if not is_ours:
        raise NotAllowed(Problem(code="from_another_site"))


def leave_out_empty(request: Request) -> None:
    """A filter that was left empty is none: the address says only what was asked. Raises `ElsewhereFirst`."""
    given = request.query_params.multi_items()
    said = [(name, text) for name, text in given if text]
    if request.method == "GET" and said != given:
        raise ElsewhereFirst(request.url.path + (f"?{urlencode(said)}" if said else ""))


def look_of(request: Request, person: Person | None = None) -> Appearance:
    written = request.cookies.get(LOOK, "").partition("-")
    accepted = language_of(request.headers.get("accept-language"))
    language = next((one for one in LANGUAGES if one == written[0]), person.language if person else accepted)
    return Appearance(language, next((one for one in THEMES if one == written[2]), "auto"))


def keep_look(response: Response, request: Request, language: str, theme: str) -> None:
    secure = is_encrypted(request)
    response.set_cookie(LOOK, f"{language}-{theme}", max_age=_YEAR, httponly=True, secure=secure, samesite="lax")


def is_encrypted(request: Request) -> bool:
    base: str = request.app.state.links.base
    return request.url.scheme == "https" or base.startswith("https:")


def cookie_name(request: Request) -> str:
    """A browser keeps the first one for exactly this host, and takes it from no other."""
    return "__Host-imac" if is_encrypted(request) else "imac"


def check_line(request: Request) -> None:
    """Raises `NotAllowed` where everybody on the way could read the cookie."""
    if not is_encrypted(request) and URL(scope=request.scope).hostname not in _HERE:
        raise NotAllowed(Problem(code="sign_in_needs_tls"))


def give_cookie(response: Response, request: Request, text: str, life: timedelta = LIFE) -> None:
    secure, lasts = is_encrypted(request), int(life.total_seconds())
    response.set_cookie(cookie_name(request), text, max_age=lasts, httponly=True, secure=secure, samesite="lax")


def take_cookie(response: Response, request: Request) -> None:
    response.delete_cookie(cookie_name(request), httponly=True, secure=is_encrypted(request), samesite="lax")
    # What a browser has kept of pages is gone as well.
    response.headers["Clear-Site-Data"] = '"cache"'


def next_page(wanted: str | None) -> str:
    """Where to go after signing in: a place of ours, or the first page."""
    if wanted is None or not wanted.startswith("/") or wanted.startswith("//"):
        return "/"
    parts = urlsplit(wanted)
    strange = "\\" in wanted or any(sign <= " " or sign == "\x7f" for sign in wanted)
    return "/" if strange or parts.scheme or parts.netloc else wanted
