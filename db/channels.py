"""The operator's channels, encrypted with their secrets, which leave this table only on their way to the provider."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import structlog
from sqlalchemy import Text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col, select

from db.access.door import write_entries
from db.columns import UtcDateTime
from db.contracts import list_people
from db.engine import Database, sealer_of
from domain.channels.channel import CHANNEL, MAIL, TO_KEEP, AnyChannel, Mail
from domain.channels.sealing import Sealed, Sealer, SecretsLocked
from domain.door import AtDoor, DoorEntry
from domain.keys import STACK
from domain.refusals import Problem

log = structlog.get_logger()


class ChannelRow(SQLModel, table=True):
    __tablename__ = "channels"

    id: str = Field(primary_key=True, max_length=64)
    channel: str = Field(sa_type=Text, repr=False)
    key_id: str | None = Field(default=None, max_length=16)
    saved_by: str = Field(max_length=64)
    saved_at: datetime = Field(sa_type=UtcDateTime)

    def as_channel(self, sealer: Sealer | None) -> AnyChannel:
        """Raises `SecretsLocked`."""
        if self.key_id is None:
            return CHANNEL.validate_json(self.channel)
        if sealer is None:
            raise SecretsLocked(Problem(code="secrets_key_wrong", values={"key": self.key_id}))
        return CHANNEL.validate_json(sealer.open(Sealed(key=self.key_id, text=self.channel), _row_name(self.id)))

    def keep(self, text: str, sealer: Sealer | None) -> None:
        """Encrypted, where the database was opened with a key. Raises `SecretsLocked`."""
        self.channel, self.key_id = text, None
        if sealer is not None:
            sealed = sealer.seal(text, _row_name(self.id))
            self.channel, self.key_id = sealed.text, sealed.key


def _row_name(channel_id: str) -> str:
    return f"channels/{channel_id}"


async def channel_by_id(session: AsyncSession, channel_id: str) -> AnyChannel | None:
    """The built-in mail is none of these."""
    row = await session.get(ChannelRow, channel_id)
    return row.as_channel(sealer_of(session)) if row else None


async def last_saved(session: AsyncSession, channel_id: str) -> str:
    """When, as text: secrets change without anything that is shown."""
    row = await session.get(ChannelRow, channel_id)
    return row.saved_at.isoformat() if row else ""


async def list_channels(session: AsyncSession) -> Sequence[AnyChannel]:
    query = select(ChannelRow).order_by(col(ChannelRow.id))
    sealer = sealer_of(session)
    return [row.as_channel(sealer) for row in (await session.execute(query)).scalars()]


async def known_channels(session: AsyncSession) -> Mapping[str, AnyChannel]:
    """By id, the built-in mail too."""
    known: dict[str, AnyChannel] = {MAIL: Mail(id=MAIL, name=MAIL)}
    return known | {channel.id: channel for channel in await list_channels(session)}


async def save_channel(session: AsyncSession, channel: AnyChannel, *, by: str, at: datetime) -> None:
    """Raises `SecretsLocked` also when the other channels cannot be read: a second key would hide that."""
    sealer = sealer_of(session)
    await check_readable(session)
    row = ChannelRow(id=channel.id, channel="", saved_by=by, saved_at=at)
    row.keep(channel.model_dump_json(context=TO_KEEP), sealer)
    await session.merge(row)


async def check_readable(session: AsyncSession) -> None:
    """Raises `SecretsLocked` when channels are kept under a key that is not at hand."""
    sealer = sealer_of(session)
    used = (await session.execute(select(col(ChannelRow.key_id)).distinct())).scalars()
    for key in used:
        if key is not None and (sealer is None or not sealer.knows(key)):
            raise SecretsLocked(Problem(code="secrets_key_wrong", values={"key": key}))


async def seal_channels(session: AsyncSession, *, all_of_them: bool) -> int:
    """Encrypt what is kept in clear text, or everything anew under the newest key. Raises `SecretsLocked`."""
    sealer = sealer_of(session)
    query = select(ChannelRow).with_for_update()
    if not all_of_them:
        query = query.where(col(ChannelRow.key_id).is_(None))
    rows = (await session.execute(query)).scalars().all()
    for row in rows:
        row.keep(row.as_channel(sealer).model_dump_json(context=TO_KEEP), sealer)
    return len(rows)


async def keep_channels_sealed(database: Database) -> None:
    """At the start of every program: what an earlier version has kept in clear text is encrypted and forgotten."""
    try:
        async with database.writing() as session:
            count = await seal_channels(session, all_of_them=False)
            if count:
                write_entries(session, [sealed_entry(datetime.now(UTC), why="at_start")])
        if count:
            await database.forget_deleted()
    except (SecretsLocked, SQLAlchemyError, OSError) as error:
        # Readiness says so, and the next start tries again.
        log.warning("channels cannot be encrypted", cause=type(error).__name__)


def sealed_entry(at: datetime, *, why: str) -> DoorEntry:
    return DoorEntry(at=at, what=AtDoor.SECRETS_SEALED, why=why, person=STACK)


async def remove_channel(session: AsyncSession, channel_id: str) -> None:
    row = await session.get(ChannelRow, channel_id)
    if row is not None:
        await session.delete(row)


async def people_reached_by(session: AsyncSession, channel_id: str) -> Sequence[str]:
    """Who is to be reached by the channel."""
    people = await list_people(session, None)
    return [person.id for person in people if any(contact.channel == channel_id for contact in person.contacts)]
