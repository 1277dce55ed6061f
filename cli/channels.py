"""`imac channel`: the services by which people are reached. Secrets go in and never come out."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from pydantic import BaseModel
from rich.console import RenderableType
from rich.text import Text

from cli.asking import ASKING, Asking
from cli.contracts.contract import content_of, read
from cli.errors import Exit
from cli.http import parsed, path
from cli.tables import filled, table
from cli.words import phrase
from connectors.contract_files import read_channel
from documents.wording import word
from domain.channels.channel import TO_KEEP
from domain.people import Language


class ShownChannel(BaseModel):
    """What of a channel a person at a terminal needs; its kind's own fields are left out."""

    id: str
    name: str
    type: str
    url: str | None = None


class Tried(BaseModel):
    outcome: str
    detail: str | None = None


async def list_channels(*, asking: Asking = ASKING) -> None:
    """List channels, built-in mail first."""
    async with asking.api() as api:
        answer = await api.get(path("channels"))
    asking.show(answer, lambda: channels_table(parsed(tuple[ShownChannel, ...], answer), asking.language))


async def set_channel(file: Path, /, *, asking: Asking = ASKING) -> None:
    """Save a channel, with its secrets.

    Parameters
    ----------
    file
        YAML with id, name, type and the settings of that type (see README).
    """
    brought = read(read_channel, content_of(file), file.name, asking.language)
    async with asking.api() as api:
        answer = await api.put(path("channels", brought.id), brought.model_dump(mode="json", context=TO_KEEP))
    asking.show(answer, lambda: channels_table([parsed(ShownChannel, answer)], asking.language))


async def try_channel(
    channel: str, /, *, to: Annotated[str, Parameter(name="--to")] = "", asking: Asking = ASKING
) -> None:
    """Send a test message. Exits with 1 if it is not delivered.

    Parameters
    ----------
    channel
        Channel id.
    to
        Address in the channel's format; omit if it takes none.
    """
    async with asking.api() as api:
        answer = await api.post(path("channels", channel, "test"), {"address": to})
    tried = parsed(Tried, answer)
    said = (word("attempt", tried.outcome, asking.language), tried.detail)
    asking.show(answer, lambda: Text(": ".join(filter(None, said))))
    if tried.outcome != "sent":
        sys.exit(Exit.REFUSED)


async def remove(channel: str, /, *, asking: Asking = ASKING) -> None:
    """Remove an unused channel.

    Parameters
    ----------
    channel
        Channel id.
    """
    async with asking.api() as api:
        await api.delete(path("channels", channel))
    if not asking.json:
        asking.console.print(phrase("is_removed", asking.language, channel=channel), markup=False)


def channels_table(channels: Iterable[ShownChannel], language: Language) -> RenderableType:
    return filled(
        table(language, "id", "type", "name", "server"),
        ((channel.id, channel.type, channel.name, channel.url) for channel in channels),
    )
