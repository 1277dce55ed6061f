"""What opens behind the link by which somebody takes their key. Opening it changes nothing; the button takes it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from api.door.book import DoorBook
from api.door.visit import visit_of
from connectors.channels import Channel, Letter, Undeliverable, Unreached
from connectors.links import KEYS, Links
from db.access.door import write_entries
from db.access.keys import issue_key, kept_key
from db.engine import Database
from documents.notices import write
from documents.pages import FORM_POLICY, key_page
from documents.wording import language_of, sentence
from domain.door import AtDoor
from domain.keys import LINK_LIFE, Key, KeyStanding, check, link_key_id_of
from domain.people import Person
from domain.refusals import Problem, Refused, TooFast, Unknown
from domain.values import clean

router = APIRouter(include_in_schema=False)

_HEADERS = {"Content-Security-Policy": FORM_POLICY, "X-Robots-Tag": "noindex"}


@dataclass(frozen=True)
class KeyPost:
    """Sends links to those who are to have the key, and to nobody else."""

    mail: Channel
    links: Links

    async def send(self, person: Person, key: Key, token: str) -> None:
        """Raises `Refused`."""
        values = {
            "role": key.role,
            "link": self.links.key_url(token),
            "minutes": f"{LINK_LIFE.total_seconds() / 60:.0f}",
        }
        written = write("access_key_link", values, name=person.name, language=person.language)
        letter = Letter(
            key=f"key-link:{key.id}",
            person=person.id,
            name=person.name,
            email=person.email,
            language=person.language,
            subject=written.subject,
            text=written.text,
        )
        try:
            await self.mail.send(letter)
        except (Undeliverable, Unreached) as error:
            values = {"person": person.id, "reason": clean(str(error), 200)}
            raise Refused(Problem(code="key_link_not_sent", values=values)) from error


async def _key_post(request: Request) -> KeyPost:
    return KeyPost(request.app.state.ways_out.mail, request.app.state.links)


OurKeyPost = Annotated[KeyPost, Depends(_key_post)]


async def show_key_link(request: Request) -> Response:
    try:
        return _page(request, key=await _offered(request))
    except (Unknown, TooFast) as refused:
        return _refusal(request, refused)


async def take_key(request: Request) -> Response:
    try:
        key = await _offered(request)
        return _page(request, key=key, text=await _taken(request, key))
    except (Unknown, TooFast) as refused:
        return _refusal(request, refused)


async def _offered(request: Request) -> Key:
    """The key that waits behind a link. Raises `Unknown`, `TooFast`."""
    _book(request).strangers.check(visit_of(request).address, datetime.now(UTC))
    token = _token(request)
    key_id = link_key_id_of(token)
    if key_id is None:
        raise _unknown()
    async with _database(request).reading() as session:
        kept = await kept_key(session, key_id)
    if kept is None or kept.link_digest is None or not check(token, kept.link_digest):
        raise _unknown()
    if kept.key.standing_at(datetime.now(UTC)) != KeyStanding.SENT:
        raise _unknown()
    return kept.key


async def _taken(request: Request, key: Key) -> str:
    """The text of the key. Raises `Unknown`: of two who press the button at once the table gives it to one."""
    async with _database(request).writing() as session:
        made = await issue_key(session, key, datetime.now(UTC), link=_token(request))
        if made is None:
            raise _unknown()
        entry = visit_of(request).entry(AtDoor.KEY_TAKEN, about=key.id)
        write_entries(session, [entry.but(person=key.person, role=key.role, customer=key.customer)])
    return made.key


def _token(request: Request) -> str:
    token: str = request.path_params["token"]
    return token


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


def _unknown() -> Unknown:
    """The same for all: used, over and never made look alike to whoever tries links."""
    return Unknown(Problem(code="key_link_wrong"))


def _refusal(request: Request, refused: Unknown | TooFast) -> Response:
    (problem,) = refused.problems
    again = {}
    if isinstance(refused, TooFast):
        again = {"Retry-After": f"{refused.wait}"}
    else:
        _book(request).refused(visit_of(request).entry(AtDoor.REFUSED, why=problem.code))
    language = language_of(request.headers.get("accept-language"))
    page = key_page(language, problem=sentence(problem, language))
    return HTMLResponse(page, refused.status, headers=_HEADERS | again)


def _book(request: Request) -> DoorBook:
    book: DoorBook = request.app.state.book
    return book


def _page(request: Request, *, key: Key, text: str | None = None) -> Response:
    language = language_of(request.headers.get("accept-language"))
    return HTMLResponse(key_page(language, key=key, text=text), headers=_HEADERS)


router.add_route(f"{KEYS}{{token}}", show_key_link, methods=["GET", "HEAD"])
router.add_route(f"{KEYS}{{token}}", take_key, methods=["POST"])
