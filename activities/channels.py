"""The switchboard: which of the operator's channels a letter goes by. Histories know channel ids only."""

from connectors.channels import Channel, Letter, Undeliverable
from db.engine import Database

BUILTIN = "mail"


class Switchboard:
    def __init__(self, database: Database, builtin: Channel) -> None:
        self._database = database
        self._builtin = builtin

    async def send(self, channel_id: str, address: str, letter: Letter) -> None:
        """One attempt. Raises `Undeliverable` or `Unreached`."""
        if channel_id != BUILTIN:
            raise Undeliverable("there is no such channel")
        await self._builtin.send(letter.but(email=address))
