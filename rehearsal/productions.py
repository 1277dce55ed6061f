"""One run of a rehearsal: the project is launched, people do their part, and what came of it is written down."""

from datetime import datetime, timedelta
from decimal import Decimal

from domain.ids import project_workflow_id
from domain.moves.rehearsals.rehearsal import RehearsalPack, RowTrouble, RunOutcome
from rehearsal.coordinators import Office
from rehearsal.crews import Crew
from rehearsal.dice import Dice
from rehearsal.engine import Engine
from rehearsal.placing import Dispatcher
from rehearsal.scenes import Scene
from rehearsal.stand_ins import Journal, ShelfRegister, World
from rehearsal.whiteboards import Whiteboard
from workflows.move_project import MoveProjectWorkflow
from workflows.order import OrderWorkflow
from workflows.receipts import Receipt
from workflows.wave import WaveWorkflow

# Whoever has not ended so long after the last wave was to end is not waited for.
GIVEN_UP_AFTER = timedelta(days=60)


class Production:
    """The same pack and seed make the same run."""

    def __init__(self, pack: RehearsalPack, seed: int) -> None:
        self._pack = pack
        self._seed = seed
        self._until = max(wave.end for wave in pack.launch.waves) + GIVEN_UP_AFTER
        self._board = Whiteboard(pack)
        dice = Dice(seed, pack.distributions)
        self._outages = dice.outages(pack.launch.received_at, self._until)
        self.register = ShelfRegister(pack.assets, self._is_away)
        self._world = World(self.register, Journal(self._board.hear))
        dispatcher = Dispatcher(pack, self.register)
        acts = [*self._world.acts, *dispatcher.acts]
        workflows = (MoveProjectWorkflow, WaveWorkflow, OrderWorkflow)
        self._engine = dispatcher.engine = Engine(pack.launch.received_at, workflows, acts, seed=seed)
        scene = Scene(pack, self._engine, dice, self._board)
        self._crew, self._office = Crew(scene), Office(scene)

    def run(self) -> RunOutcome:
        return self._engine.run(self._perform())

    async def _perform(self) -> RunOutcome:
        project = project_workflow_id(self._pack.launch.project)
        self._crew.begin()
        self._engine.start(MoveProjectWorkflow, self._pack.launch, project)
        over = self._engine.time.begin(self._engine.result(project, Receipt))
        finished = await self._engine.time.ended(over, self._until - self._engine.time.now)
        return self._outcome(finished)

    def _outcome(self, finished: bool) -> RunOutcome:
        lines = [line for _, line in self._world.till.lines]
        return RunOutcome(
            seed=self._seed,
            finished=finished,
            ended=self._engine.time.now,
            waves=self._board.waves,
            legs=tuple(notes.as_run() for notes in self._board.legs.values()),
            missed=tuple(sorted(self._board.missed, key=lambda missed: (missed.row, missed.clock))),
            loads=self._crew.loads,
            exceptions=sum(standing.state.is_open for standing in self._board.rows.values()),
            messages=len(self._world.postbox.posted),
            minutes=sum(load.minutes for load in self._crew.loads),
            amount=sum((line.amount for line in lines), Decimal(0)),
        )

    def _is_away(self, key: str) -> bool:
        """Assets are changed under `assets:{order}/{step}`."""
        now: datetime = self._engine.time.now
        if not any(start <= now < end for start, end in self._outages):
            return False
        _, _, rest = key.partition(":")
        self._board.note_trouble(rest.partition("/")[0], RowTrouble.REGISTER_AWAY)
        return True
