"""One letter by one of the operator's channels."""

import asyncio
from importlib import import_module

from connectors.channels import Letter, Undeliverable
from connectors.guarded_http import GuardedHttp
from connectors.matrix_chat import send_to_room
from connectors.webhooks import send_webhook
from domain.channels.channel import AnyChannel, Mail, MatrixChat, Webhook


async def send_by(channel: AnyChannel, address: str, letter: Letter, door: GuardedHttp) -> None:
    """One attempt. Raises `Undeliverable` or `Unreached`."""
    if channel.takes is not None and not channel.takes.fits(address):
        raise Undeliverable("the address is not one of this channel's")
    match channel:
        case Mail():
            raise Undeliverable("mail is sent as the settings say")
        case Webhook():
            await send_webhook(channel, letter, door)
        case MatrixChat():
            await send_to_room(channel, address, letter, door)
        case _:
            # Apprise takes a tenth of a worker's start to load, and a house without such a channel never needs it.
            providers = await asyncio.to_thread(import_module, "connectors.providers")
            await providers.send_by_provider(channel, address, letter, door)
