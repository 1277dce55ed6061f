"""Everybody's phones, and the links with which they answer."""

from dataclasses import dataclass, field

from connectors.channels import Letter, Unreached
from connectors.links import Links
from tests.patience import until

LINKS = Links("https://it.example", "the secret of the stories")


@dataclass
class Phones:
    """Everybody's phones: who was called by what, in order. Addresses and channels in `dead` do not answer."""

    dead: set[str] = field(default_factory=set)
    rung: list[tuple[str, str]] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)

    async def send(self, channel_id: str, address: str, letter: Letter) -> None:
        if {channel_id, address, letter.person} & self.dead:
            raise Unreached("no answer")
        self.rung.append((letter.person, channel_id))
        self.letters.append(letter)

    async def all_rung(self) -> list[tuple[str, str]]:
        return list(self.rung)

    async def until_rung(self, person: str, channel: str) -> None:
        """Return when this phone has rung, however busy the machine is."""
        await until(self.all_rung, lambda rung: (person, channel) in rung)
