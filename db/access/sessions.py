"""Sessions at the pages: of what their cookies and links hold only hashes are kept."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import CursorResult, Update, bindparam, delete, false, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col, select

from db.columns import METADATA, UtcDateTime
from db.engine import Glance
from domain.keys import LINK_LIFE, Key, check, digest, link_key_id_of, link_token
from domain.sessions import FLOOR_LIFE, Session

# What waits to be taken opens nothing: no text has it.
_NO_DIGEST = ""
# Long enough that whoever looks at their sessions sees what ended lately.
_KEPT = timedelta(days=7)


class SessionRow(SQLModel, table=True):
    __tablename__ = "sessions"

    id: str = Field(primary_key=True, max_length=16)
    digest: str = Field(max_length=64, repr=False)
    link_digest: str | None = Field(default=None, max_length=64, repr=False)
    key: str = Field(max_length=16)
    acts_as: str = Field(max_length=16)
    person: str = Field(max_length=64, index=True)
    created_at: datetime = Field(sa_type=UtcDateTime, index=True)
    offered_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    seen_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    address: str = Field(default="", max_length=200)
    on_floor: bool = Field(default=False, sa_column_kwargs={"server_default": false()})

    def as_session(self) -> Session:
        return Session.model_validate(self.model_dump(exclude={"digest", "link_digest"}))


class _KeptSession(NamedTuple):
    session: Session
    digest: str


_COLUMNS = tuple(METADATA.tables["sessions"].columns.keys())
# Asked with every page: built once, and read without the unit of work.
_SESSION = select(*METADATA.tables["sessions"].columns).where(col(SessionRow.id) == bindparam("session"))
_SEEN = (
    update(SessionRow.__table__)  # type: ignore[attr-defined]  # every table class has one
    .where(col(SessionRow.id) == bindparam("session"))
    .values(seen_at=bindparam("at"))
)


async def open_session(session: AsyncSession, key: Key, at: datetime, address: str) -> str:
    """A session that begins now, and the text of its cookie, which is in the answer and nowhere else."""
    row = _row(key, at)
    text = link_token(row.id)
    row.digest, row.started_at, row.seen_at, row.address = digest(text), at, at, address
    await session.execute(delete(SessionRow).where(col(SessionRow.created_at) < at - _KEPT - FLOOR_LIFE))
    session.add(row)
    return text


async def offer_session(session: AsyncSession, key: Key, at: datetime) -> str:
    """One that whoever has the link takes, once; the link's token."""
    row = _row(key, at)
    token = link_token(row.id)
    row.link_digest, row.offered_until = digest(token), at + LINK_LIFE
    session.add(row)
    return token


async def offered_session(session: AsyncSession, token: str, at: datetime) -> Session | None:
    row = await session.get(SessionRow, link_key_id_of(token) or "")
    if row is None or row.link_digest is None or not check(token, row.link_digest):
        return None
    found = row.as_session()
    return found if found.is_offered_at(at) else None


async def take_session(session: AsyncSession, token: str, at: datetime, address: str) -> str | None:
    """The text of its cookie; None when somebody else was faster."""
    session_id = link_key_id_of(token) or ""
    text = link_token(session_id)
    waits = (
        (col(SessionRow.id) == session_id)
        & (col(SessionRow.link_digest) == digest(token))
        & col(SessionRow.started_at).is_(None)
        & col(SessionRow.ended_at).is_(None)
        & (col(SessionRow.offered_until) > at)
    )
    begun = {"digest": digest(text), "link_digest": None, "started_at": at, "seen_at": at, "address": address}
    return text if await _changed(session, update(SessionRow).where(waits).values(begun)) else None


async def session_shown(session: Glance, text: str) -> Session | None:
    """The one that a cookie belongs to, be it over or not."""
    session_id = link_key_id_of(text)
    if session_id is None:
        return None
    found = (await session.execute(_SESSION, {"session": session_id})).one_or_none()
    kept = _kept(tuple(found)) if found else None
    return kept.session if kept is not None and check(text, kept.digest) else None


# As long as nothing of it changes, it is made once.
@lru_cache(maxsize=1024)
def _kept(values: tuple[Any, ...]) -> _KeptSession:
    row = SessionRow(**dict(zip(_COLUMNS, values, strict=True)))
    return _KeptSession(row.as_session(), row.digest)


async def sessions_by_id(session: AsyncSession, ids: Collection[str]) -> dict[str, Session]:
    query = select(SessionRow).where(col(SessionRow.id).in_(sorted(ids)))
    return {row.id: row.as_session() for row in (await session.execute(query)).scalars()}


async def sessions_of(session: AsyncSession, person: str) -> Sequence[Session]:
    """All that began, newest first."""
    query = select(SessionRow).where(col(SessionRow.person) == person, col(SessionRow.started_at).is_not(None))
    rows = (await session.execute(query.order_by(col(SessionRow.started_at).desc()).limit(50))).scalars()
    return [row.as_session() for row in rows]


async def end_sessions(session: AsyncSession, person: str, at: datetime, session_id: str | None = None) -> None:
    """One of a person's, or all of them."""
    open_ones = (col(SessionRow.person) == person) & col(SessionRow.ended_at).is_(None)
    if session_id is not None:
        open_ones &= col(SessionRow.id) == session_id
    await _changed(session, update(SessionRow).where(open_ones).values(ended_at=at))


async def act_as(session: AsyncSession, session_id: str, key: Key) -> None:
    await _changed(session, update(SessionRow).where(col(SessionRow.id) == session_id).values(acts_as=key.id))


async def keep_on_floor(session: AsyncSession, session_id: str) -> None:
    await _changed(session, update(SessionRow).where(col(SessionRow.id) == session_id).values(on_floor=True))


async def note_seen(session: AsyncSession, seen: Mapping[str, datetime]) -> None:
    # Always in the same order: two processes never wait for each other in a ring.
    noted = [{"session": session_id, "at": at} for session_id, at in sorted(seen.items())]
    if noted:
        await (await session.connection()).execute(_SEEN, noted)


def _row(key: Key, at: datetime) -> SessionRow:
    row_id = secrets.token_hex(5)
    return SessionRow(id=row_id, digest=_NO_DIGEST, key=key.id, acts_as=key.id, person=key.person, created_at=at)


async def _changed(session: AsyncSession, statement: Update) -> bool:
    done = await session.execute(statement.execution_options(synchronize_session=False))
    return isinstance(done, CursorResult) and done.rowcount == 1
