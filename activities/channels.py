"""The switchboard: which of the operator's channels a letter goes by. Histories know channel ids only."""

from collections.abc import Iterator
from contextlib import contextmanager

from connectors.channels import Channel, Letter, Undeliverable, Unreached
from connectors.figures import WORK
from connectors.guarded_http import PUBLIC, GuardedHttp
from connectors.sending import send_by
from db.channels import channel_by_id
from db.engine import Database
from domain.cases.notices import DeliveryOutcome
from domain.channels.channel import MAIL
from domain.channels.sealing import SecretsLocked


class Switchboard:
    """`builtin` is the mail that the settings name; `door` says how far the other channels reach."""

    def __init__(self, database: Database, builtin: Channel, door: GuardedHttp = PUBLIC) -> None:
        self._database = database
        self._builtin = builtin
        self._door = door

    async def send(self, channel_id: str, address: str, letter: Letter) -> None:
        """One attempt. Raises `Undeliverable` or `Unreached`; by mail, no address is the letter's own."""
        if channel_id == MAIL:
            with counted(MAIL):
                await self._builtin.send(letter.but(email=address or letter.email))
            return
        try:
            async with self._database.reading() as session:
                channel = await channel_by_id(session, channel_id)
        except SecretsLocked as locked:
            # It goes out once the key is back.
            raise Unreached(str(locked)) from locked
        if channel is None:
            raise Undeliverable("there is no such channel")
        with counted(channel.type):
            await send_by(channel, address, letter, self._door)


@contextmanager
def counted(kind: str) -> Iterator[None]:
    """By kinds: the names of channels are the operator's, and may be a customer's as well."""
    outcome = DeliveryOutcome.FAILED
    try:
        yield
        outcome = DeliveryOutcome.SENT
    except Undeliverable:
        outcome = DeliveryOutcome.UNDELIVERABLE
        raise
    finally:
        WORK.letters.add(kind, outcome)
