"""Where a rehearsal plays: the engine, what everybody can see, and how people make themselves heard."""

from dataclasses import dataclass
from itertools import count

from domain.cases.instructions import AnyCommand, Instruction
from domain.cases.lookups import LookedUp
from domain.moves.rehearsals.rehearsal import Distributions, RehearsalPack
from domain.people import Actor
from rehearsal.dice import Dice
from rehearsal.engine import Engine
from rehearsal.virtual_time import VirtualTime
from rehearsal.whiteboards import Whiteboard
from workflows.receipts import Receipt


@dataclass
class Scene:
    pack: RehearsalPack
    engine: Engine
    dice: Dice
    board: Whiteboard

    def __post_init__(self) -> None:
        self._numbers = count(1)

    @property
    def time(self) -> VirtualTime:
        return self.engine.time

    @property
    def chances(self) -> Distributions:
        return self.pack.distributions

    async def say(self, case: str, actor: Actor, command: AnyCommand, looked_up: LookedUp | None = None) -> Receipt:
        """By the same update as in production. Raises as the workflow refuses it."""
        said = Instruction.model_construct(
            command=command,
            actor=actor,
            given_at=self.time.now,
            request_id=f"said-{next(self._numbers)}",
            looked_up=looked_up,
        )
        return await self.engine.update(case, "command", said, Receipt)
