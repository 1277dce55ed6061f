"""What routes are handed: the database, Temporal, the time, and who calls."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Header, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import StringConstraints

from api import policy
from api.door.book import DoorBook
from api.door.paces import WRITES, Paced, paces_of
from api.door.visit import DoorVisit, visit_of
from api.intake import check_intake
from api.pace import Pace
from api.paper_store import PaperStore
from api.problems import Unauthenticated
from api.relay import AlertRelay
from api.tail import JournalTail
from api.workshop import AtWorkshop, WaitedFor
from connectors.space import Space
from db.access.keys import kept_key
from db.engine import Database
from documents.wording import language_of
from domain.door import NO_KEY
from domain.keys import Key, check, key_id_of, must_see
from domain.people import Language
from domain.refusals import Problem, Refused, unknown
from workflows.client import Temporal


# All of these are coroutines: FastAPI sends plain functions to another thread, which costs more than what they do.
async def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


async def _temporal(request: Request) -> Temporal:
    temporal: Temporal = request.app.state.temporal
    return temporal


async def _papers(request: Request) -> PaperStore:
    papers: PaperStore = request.app.state.papers
    return papers


async def _tail(request: Request) -> JournalTail:
    tail: JournalTail = request.app.state.tail
    return tail


async def _now() -> datetime:
    """When the API got the request: from here on promises count."""
    return datetime.now(UTC)


async def _language(
    lang: Annotated[Language | None, Query(description="Language; overrides Accept-Language.")] = None,
    accept_language: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> Language:
    return lang or language_of(accept_language)


@dataclass(frozen=True)
class AlertIntake:
    """Who is woken when alerts have come, and how fast they may come."""

    relay: AlertRelay
    pace: Pace


async def _alarm(request: Request) -> AlertIntake:
    alarm: AlertIntake = request.app.state.alarm
    return alarm


Tables = Annotated[Database, Depends(_database)]
WorkflowServer = Annotated[Temporal, Depends(_temporal)]
Papers = Annotated[PaperStore, Depends(_papers)]
Tail = Annotated[JournalTail, Depends(_tail)]
Alarm = Annotated[AlertIntake, Depends(_alarm)]
Now = Annotated[datetime, Depends(_now)]
Spoken = Annotated[Language, Depends(_language)]


@dataclass(frozen=True)
class Context:
    """What somebody who deals with orders has at hand."""

    database: Database
    temporal: Temporal
    workshop: WaitedFor
    papers: PaperStore
    now: datetime


async def _context(
    database: Tables, temporal: WorkflowServer, workshop: AtWorkshop, papers: Papers, now: Now
) -> Context:
    return Context(database, temporal, workshop, papers, now)


InContext = Annotated[Context, Depends(_context)]
_NAMED = Header(description="Idempotency key: the same key with the same body is processed only once.")
_KeyText = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,200}$", max_length=200)]
IdempotencyKey = Annotated[_KeyText | None, _NAMED]
# Where a request does two things, only a key tells which of them are done.
KeyNeeded = Annotated[_KeyText, _NAMED]

_bearer = HTTPBearer(auto_error=False, description="An API key: `imac_…`", bearerFormat="imac")


class May:
    """Lets a request in whose key may do the operation; without this dependency a route knows no caller."""

    def __init__(self, operation: policy.Operation) -> None:
        self.operation = operation

    async def admit(self, request: Request, database: Database, now: datetime) -> Key:
        """Before a body is read; a route asks again and is told the same. Raises `Unauthenticated`, `NotAllowed`."""
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        shown = text.strip() if scheme.lower() == "bearer" else ""
        visit = visit_of(request)
        visit.operation = request.scope["route"].operation_id
        book: DoorBook = request.app.state.book
        if shown:
            book.strangers.check(visit.address, now, shown)
        caller = await caller_by_key(database, shown or None, now, visit)
        book.strangers.welcome(shown)
        return await let_in(request, caller, self.operation, now)

    async def __call__(
        self,
        request: Request,
        database: Tables,
        now: Now,
        _shown: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    ) -> Key:
        caller: Key = getattr(request.state, "caller", None) or await self.admit(request, database, now)
        await check_intake(request)
        return caller


async def let_in(request: Request, caller: Key, operation: policy.Operation, now: datetime) -> Key:
    """Whoever has shown who they are, by key or session, as far as they may do this. Raises `NotAllowed`, `TooFast`."""
    visit = visit_of(request)
    visit.caller = caller
    book: DoorBook = request.app.state.book
    book.used(caller.id, now, visit.address)
    # Alerts keep a pace of their own: they are taken in even when they come too fast.
    if request.method in WRITES and operation != policy.Operation.SEND_ALERTS:
        await paces_of(request).take_as_key(Paced.WRITING, caller.id)
    policy.check(caller, operation)
    if request.method in ("POST", "PUT") and operation not in policy.GOES_ON:
        must_have_space(request.app.state.space)
    request.state.caller = caller
    return caller


class NoSpace(Refused):
    """There is hardly any room left; what runs needs it to come to its end."""

    status = 503


def must_have_space(space: Space) -> None:
    if space.is_short:
        raise NoSpace(Problem(code="no_space"))


async def caller_by_key(database: Database, text: str | None, now: datetime, visit: DoorVisit) -> Key:
    """Raises `Unauthenticated`."""
    if text is None:
        raise Unauthenticated(Problem(code="key_needed"), why=NO_KEY)
    key_id = key_id_of(text)
    kept = None
    if key_id is not None:
        async with database.glancing() as session:
            kept = await kept_key(session, key_id)
    if kept is None:
        raise _invalid("key_unknown")
    key = kept.key
    visit.shown = key.id
    if not check(text, kept.digest):
        raise _invalid("secret_wrong")
    if not key.is_valid_at(now):
        raise _invalid(f"key_{key.standing_at(now)}")
    return key


def _invalid(why: str) -> Unauthenticated:
    """The answer is the same whatever is wrong: it tells nobody which keys there are."""
    return Unauthenticated(Problem(code="key_invalid"), why=why)


def scope_of(caller: Key, customer: str | None) -> tuple[str, ...] | None:
    """The customers a list shows: the caller's, or the one of them that was asked for."""
    if customer is None:
        return caller.customers
    must_see(caller, customer, unknown("customer", customer, "/query/customer"))
    return (customer,)


def request_id(caller: Key, idempotency_key: str | None) -> str:
    """Two callers who happen to choose the same key never meet."""
    if idempotency_key is None:
        return secrets.token_hex(16)
    return hashlib.sha256(f"{caller.id}/{idempotency_key}".encode()).hexdigest()[:32]
