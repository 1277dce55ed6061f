"""The operator's channels with their secrets, which leave this table only on their way to the provider."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col, select

from db.columns import UtcDateTime
from db.contracts import list_people
from domain.channels.channel import CHANNEL, MAIL, TO_KEEP, AnyChannel, Mail


class ChannelRow(SQLModel, table=True):
    __tablename__ = "channels"

    id: str = Field(primary_key=True, max_length=64)
    channel: str = Field(sa_type=Text, repr=False)
    saved_by: str = Field(max_length=64)
    saved_at: datetime = Field(sa_type=UtcDateTime)

    def as_channel(self) -> AnyChannel:
        return CHANNEL.validate_json(self.channel)


async def channel_by_id(session: AsyncSession, channel_id: str) -> AnyChannel | None:
    """The built-in mail is none of these."""
    row = await session.get(ChannelRow, channel_id)
    return row.as_channel() if row else None


async def last_saved(session: AsyncSession, channel_id: str) -> str:
    """When, as text: secrets change without anything that is shown."""
    row = await session.get(ChannelRow, channel_id)
    return row.saved_at.isoformat() if row else ""


async def list_channels(session: AsyncSession) -> Sequence[AnyChannel]:
    query = select(ChannelRow).order_by(col(ChannelRow.id))
    return [row.as_channel() for row in (await session.execute(query)).scalars()]


async def known_channels(session: AsyncSession) -> Mapping[str, AnyChannel]:
    """By id, the built-in mail too."""
    known: dict[str, AnyChannel] = {MAIL: Mail(id=MAIL, name=MAIL)}
    return known | {channel.id: channel for channel in await list_channels(session)}


async def save_channel(session: AsyncSession, channel: AnyChannel, *, by: str, at: datetime) -> None:
    kept = channel.model_dump_json(context=TO_KEEP)
    await session.merge(ChannelRow(id=channel.id, channel=kept, saved_by=by, saved_at=at))


async def remove_channel(session: AsyncSession, channel_id: str) -> None:
    row = await session.get(ChannelRow, channel_id)
    if row is not None:
        await session.delete(row)


async def people_reached_by(session: AsyncSession, channel_id: str) -> Sequence[str]:
    """Who is to be reached by the channel."""
    people = await list_people(session, None)
    return [person.id for person in people if any(contact.channel == channel_id for contact in person.contacts)]
