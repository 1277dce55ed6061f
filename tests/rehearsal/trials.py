"""A move project with everything against it: workers die, work fails, people change their minds, and all is watched."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from random import Random

from temporalio.exceptions import ApplicationError

from activities.records import CaseEntry, WaveEntry
from domain.assets.asset import Asset, AssetChange
from domain.cases.instructions import AnyCommand
from domain.cases.lookups import LookedUp
from domain.cases.move_commands import CallOff, Go, WhenDone, WhenInFlight, WithdrawRows
from domain.cases.order_commands import Hold, Resume
from domain.clocks.holds import HoldReason
from domain.ids import project_workflow_id, wave_workflow_id
from domain.kinds import Leg
from domain.moves.launched.project_progress import ProjectProgress, ProjectState
from domain.moves.launched.wave_progress import LegStatus
from domain.moves.rehearsals.rehearsal import RehearsalPack
from domain.people import Actor
from rehearsal.coordinators import Office
from rehearsal.crews import Crew
from rehearsal.dice import Dice
from rehearsal.engine import Engine
from rehearsal.executions import Gone
from rehearsal.placing import Dispatcher
from rehearsal.scenes import Scene
from rehearsal.stand_ins import Journal, ShelfRegister, World
from rehearsal.whiteboards import LegNotes, OrderOnBoard, Whiteboard
from tests.world import COORDINATOR
from workflows.move_project import MoveProjectWorkflow
from workflows.order import OrderWorkflow
from workflows.receipts import Receipt
from workflows.refusals import as_refusal
from workflows.wave import WaveWorkflow

LONGEST = timedelta(days=90)
MINUTE = timedelta(minutes=1)
REFUSED = Receipt(no="refused", state="refused", seq=0)


class WatchedRegister(ShelfRegister):
    """Nobody ever comes to a desk at which somebody else is."""

    def __init__(self, assets: Iterable[Asset], dice: Random, end_with: Callable[[Exception], None]) -> None:
        super().__init__(assets, self._is_down)
        self._dice = dice
        self._end_with = end_with

    def _is_down(self, key: str) -> bool:
        return self._dice.random() < 0.05

    async def change(
        self, key: str, customer: str, order_no: str, changes: tuple[AssetChange, ...], at: datetime
    ) -> tuple[Asset, ...]:
        changed = await super().change(key, customer, order_no, changes, at)
        self._look(changed, key)
        return changed

    async def undo(self, key: str, at: datetime) -> None:
        await super().undo(key, at)
        self._look([before for before, _ in self._changes.get(key, [])], key)

    def _look(self, moved: Iterable[Asset], key: str) -> None:
        for asset in moved:
            if asset.place is not None and asset.place.desk is not None:
                here = {other.holder for other in self.at(asset.customer, asset.place)}
                if len(here) > 1:
                    self._end_with(AssertionError(f"{key} brings {asset.holder} to {asset.place}, where {here} are"))


class TrialBoard(Whiteboard):
    """Ways back are in no plan."""

    def __init__(self, pack: RehearsalPack) -> None:
        super().__init__(pack)
        for notes in list(self.legs.values()):
            back = LegNotes(notes.row, notes.planned.but(leg=Leg.BACK))
            self.legs.setdefault(back.leg, back)


class ModestScene(Scene):
    """Whoever is refused looks again what there is to be done."""

    async def say(self, case: str, actor: Actor, command: AnyCommand, looked_up: LookedUp | None = None) -> Receipt:
        try:
            return await super().say(case, actor, command, looked_up)
        except Gone:
            return REFUSED
        except ApplicationError as error:
            if as_refusal(error) is None:
                raise
            if isinstance(command, Go) and self.engine.is_open(case):
                await self.time.sleep(timedelta(hours=4))
                return await self.say(case, actor, command, looked_up)
            return REFUSED


class Trial:
    """The same pack and seed make the same trial."""

    def __init__(
        self,
        pack: RehearsalPack,
        seed: int,
        *,
        deaths_a_day: float = 40,
        whims: bool = True,
        of: type[Engine] = Engine,
        dispatching: type[Dispatcher] = Dispatcher,
    ) -> None:
        self.pack = pack
        self.dice = Random(seed)
        self.board = TrialBoard(pack)
        self.board.listeners.append(self._watch)
        self.register = WatchedRegister(pack.assets, self.dice, self._end_with)
        self.orders: dict[str, OrderOnBoard] = self.board.orders
        self._stuck: set[str | None] = set()
        self.state = ProjectState.RUNNING
        self.deaths = 0
        self.project = project_workflow_id(pack.launch.project)
        self._deaths_a_day = deaths_a_day
        self._whims = whims
        world = World(self.register, Journal(self._hear))
        dispatcher = dispatching(pack, self.register)
        acts = [*world.acts, *dispatcher.acts]
        workflows = (MoveProjectWorkflow, WaveWorkflow, OrderWorkflow)
        self.engine = of(pack.launch.received_at, workflows, acts, seed=seed, remembers=True)
        dispatcher.engine = self.engine
        self.scene = ModestScene(pack, self.engine, Dice(seed, pack.distributions), self.board)
        self.crew, self.office = Crew(self.scene), Office(self.scene)

    def run(self) -> bool:
        """Whether the project came to its end."""
        return self.engine.run(self._perform())

    async def _perform(self) -> bool:
        self.crew.begin()
        self.engine.start(MoveProjectWorkflow, self.pack.launch, self.project)
        over = self.engine.time.begin(self.engine.result(self.project, Receipt))
        if self._deaths_a_day:
            self.engine.time.begin(self._kill())
        if self._whims:
            self.engine.time.begin(self._change_minds())
        finished = await self.engine.time.ended(over, LONGEST)
        if finished:
            self.state = ProjectState(over.result.state)
            # What waves and orders have still to write down is not long in coming.
            await self.engine.time.sleep(timedelta(days=1))
        return finished

    async def _kill(self) -> None:
        """Until the day after the last wave: while nothing goes on, it would be the same death again and again."""
        last = max(wave.end for wave in self.pack.launch.waves) + timedelta(days=1)
        await self.engine.time.until(min(wave.start for wave in self.pack.launch.waves) - timedelta(hours=1))
        while self.engine.time.now < last:
            await self.engine.time.sleep(self.dice.expovariate(self._deaths_a_day) * timedelta(days=1))
            for case in self.dice.sample(self.engine.open_ids(), min(2, len(self.engine.open_ids()))):
                self.dice.choice((self.engine.kill, self.engine.kill_in_task))(case)
                self.deaths += 1

    async def _change_minds(self) -> None:
        first = min(wave.start for wave in self.pack.launch.waves)
        await self.engine.time.until(first)
        for _ in range(self.dice.randrange(4)):
            await self.engine.time.sleep(self.dice.randrange(30, 600) * MINUTE)
            for case, command in self._whim():
                await self.scene.say(case, COORDINATOR, command)
                await self.engine.time.sleep(self.dice.randrange(5, 90) * MINUTE)

    def _whim(self) -> list[tuple[str, AnyCommand]]:
        row = self.dice.choice(list(self.pack.rows.values())).row
        known = self.board.rows.get(row)
        hold = Hold(
            code=HoldReason.SITE_CLOSED, max_until=self.engine.time.now + timedelta(hours=20), reason="nobody may enter"
        )
        off = CallOff(
            in_flight=self.dice.choice(list(WhenInFlight)), done=self.dice.choice(list(WhenDone)), reason="it is over"
        )
        withdrawn = WithdrawRows(rows=(row,), reason="it stays")
        wave = wave_workflow_id(self.pack.launch.project, known.wave) if known else self.project
        whims: list[list[tuple[str, AnyCommand]]] = [
            [(self.project, hold), (self.project, Resume())],
            [(self.project, hold)],
            [(wave, withdrawn)] if known else [],
            [(wave, hold), (wave, withdrawn), (wave, Resume())] if known else [],
            [(self.project, off)],
        ]
        return self.dice.choice(whims)

    def _hear(self, entry: CaseEntry) -> None:
        try:
            self.board.hear(entry)
        except Exception as error:
            self._end_with(error)
            raise

    def _end_with(self, fault: Exception) -> None:
        """What goes wrong in an activity would else be taken for a system that is away, and tried again for ever."""

        def end() -> None:
            raise fault

        self.engine.time.soon(end)

    def _watch(self, entry: CaseEntry) -> None:
        """Who was stuck had left the window, and comes back into it whenever a person has seen to it."""
        if isinstance(entry, WaveEntry):
            legs = [
                leg
                for row in self.board.rows.values()
                if row.wave == entry.launch.wave.id
                for leg in row.legs
                if leg.order is not None
            ]
            self._stuck |= {leg.order for leg in legs if leg.status == LegStatus.STUCK}
            in_window = [leg.id for leg in legs if leg.status == LegStatus.PLACED and leg.order not in self._stuck]
            assert len(in_window) <= entry.launch.at_once, in_window

    def progress(self) -> ProjectProgress:
        return self.engine.query(self.project, "progress", ProjectProgress)
