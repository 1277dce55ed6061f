"""Keys that end while an answer is still on its way: the rest of it is not sent."""

import asyncio
import time
from collections.abc import Collection, Coroutine, Iterator, Mapping
from datetime import UTC, datetime
from typing import TypeVar

from anyio import BrokenResourceError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.door.together import AskedTogether
from api.door.visit import visit_in
from db.access.keys import keys_by_id
from db.access.sessions import sessions_by_id
from db.engine import Database
from domain.keys import Key
from domain.sessions import Session

# No answer goes on for longer than this without a look at its key; what takes less is one batch.
LOOK_EVERY = 1.0
PIECE = 65_536
T = TypeVar("T")


async def to_its_end(reading: Coroutine[None, None, T]) -> T:
    """Whoever follows is cancelled when they leave, and a connection is lost whose reader is cancelled."""
    return await asyncio.shield(asyncio.ensure_future(reading))


class KeyWatch:
    """Whether keys still stand: what this process has revoked at once, everything else by asking the tables.

    Hundreds who follow the same news ask at once, and are answered by one look.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._revoked: set[str] = set()
        self._keys = AskedTogether(self._keys_now)
        self._sessions = AskedTogether(self._sessions_now)
        self._looked: dict[str, float] = {}

    def revoked(self, key_id: str) -> None:
        self._revoked.add(key_id)

    def has_ended(self, key: Key) -> bool:
        """As far as this process knows."""
        return key.id in self._revoked or not key.is_valid_at(datetime.now(UTC))

    def looked_at(self, key: Key) -> float:
        """When somebody last saw in the tables that it stands, by the monotonic clock; 0.0 for never."""
        return self._looked.get(key.id, 0.0)

    async def ended(self, keys: set[Key]) -> set[Key]:
        """Those of them that open nothing any more."""
        asked = {key.id for key in keys if not self.has_ended(key)}
        known = await self._keys.of(asked) if asked else {}
        now = datetime.now(UTC)
        return {key for key in keys if key.id not in asked & known.keys() or not known[key.id].is_valid_at(now)}

    async def session(self, session_id: str) -> Session | None:
        """As it stands now."""
        return (await self._sessions.of([session_id])).get(session_id)

    async def _keys_now(self, ids: Collection[str]) -> Mapping[str, Key]:
        began = time.monotonic()
        async with self._database.reading() as session:
            known = await keys_by_id(session, ids)
        now = datetime.now(UTC)
        others = {name: at for name, at in self._looked.items() if name not in ids and began - at <= LOOK_EVERY}
        self._looked = others | {name: began for name, key in known.items() if key.is_valid_at(now)}
        return known

    async def _sessions_now(self, ids: Collection[str]) -> Mapping[str, Session]:
        async with self._database.reading() as session:
            return await sessions_by_id(session, ids)


class _Ended(Exception):
    """The key of whoever is being answered."""


class WatchedAnswers:
    """Sends large answers in pieces, and looks at the key again before the next one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        visit, is_stream = visit_in(scope), False
        looked = time.monotonic()

        async def watched(message: Message) -> None:
            nonlocal looked, is_stream
            if message["type"] == "http.response.start":
                is_stream = not any(name == b"content-length" for name, _ in message["headers"])
            for number, piece in enumerate(_pieces(message)):
                is_further = number > 0 or time.monotonic() - looked > LOOK_EVERY
                if visit.caller is not None and is_further and piece.get("body"):
                    watch: KeyWatch = scope["app"].state.watch
                    looked = max(looked, watch.looked_at(visit.caller))
                    is_due = time.monotonic() - looked > LOOK_EVERY
                    if watch.has_ended(visit.caller) or (is_due and await watch.ended({visit.caller})):
                        raise _Ended
                    looked = time.monotonic() if is_due else looked
                await send(piece)

        try:
            await self._app(scope, receive, watched)
        except* _Ended:
            # A stream ends in order; what has said how long it is breaks off when its server finds it incomplete.
            if is_stream:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except* BrokenResourceError:
            # Whoever followed has left with something on the way to them: FastAPI takes that for a fault of its own.
            if not is_stream:
                raise


def _pieces(message: Message) -> Iterator[Message]:
    body = message.get("body", b"")
    if message["type"] != "http.response.body" or len(body) <= PIECE:
        yield message
        return
    more = message.get("more_body", False)
    for start in range(0, len(body), PIECE):
        is_last = start + PIECE >= len(body)
        yield {**message, "body": body[start : start + PIECE], "more_body": more or not is_last}
