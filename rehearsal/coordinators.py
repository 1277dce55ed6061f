"""Who sits in the office: says go when asked, has failed rows tried again, agrees on new visits, answers what waits."""

from collections import Counter
from datetime import datetime, timedelta

from activities.records import CaseEntry, OrderEntry, ProjectEntry, WaveEntry
from connectors.holidays import with_holidays
from domain.cases.instructions import AnyCommand
from domain.cases.move_commands import Go, RetryRows
from domain.cases.order_commands import AddEvidence, Book, Complete, ReportVendor, Start, Window
from domain.contracts.chains import Appointment, Evidence, Step, VendorDispatch
from domain.ids import order_workflow_id, project_workflow_id, wave_workflow_id
from domain.moves.launched.project_progress import GateState, WaveStanding
from domain.orders.erasures import name_of
from domain.orders.progress import StepStatus
from domain.people import Actor, Role
from rehearsal.scenes import Scene
from rehearsal.whiteboards import OrderOnBoard

MOST_TRIES = 3
# Of a project's order nobody approves or accepts anything.
IN_OFFICE = (Appointment, Evidence, VendorDispatch)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


class Office:
    """Everything is answered once, after a while, and in service hours."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._launch = scene.pack.launch
        self._hours = with_holidays(self._launch.calendar, self._launch.received_at)
        self._coordinator = Actor(person=self._launch.launched_by, role=Role.COORDINATOR)
        self._answered: set[str] = set()
        self._tries: Counter[int] = Counter()
        self._waves: dict[str, WaveStanding] = {}
        scene.board.listeners.append(self._hear)

    def _hear(self, entry: CaseEntry) -> None:
        match entry:
            case ProjectEntry():
                self._look_at_gates(entry)
            case WaveEntry():
                self._look_at_rows(entry)
            case OrderEntry():
                self._look_at_order(self._scene.board.orders[entry.order.no])

    def _look_at_gates(self, entry: ProjectEntry) -> None:
        self._waves = {wave.id: wave for wave in entry.progress.waves}
        for wave in entry.progress.waves:
            by = wave.brief.gate.by
            if wave.gate == GateState.ASKED and by is not None and self._is_new(f"gate/{wave.id}"):
                # Whoever is asked long before lets no wave begin before its time.
                at = max(self._after(self._scene.chances.go_minutes, "go", wave.id), wave.brief.start)
                self._scene.time.begin(self._say_go(wave.id, Actor(person=by, role=Role.APPROVER), at))

    async def _say_go(self, wave: str, named: Actor, at: datetime) -> None:
        await self._scene.time.until(at)
        if self._waves[wave].gate == GateState.ASKED:
            await self._scene.say(project_workflow_id(self._launch.project), named, Go(wave=wave))
        else:
            # The waves before have fallen behind again: it will be asked anew.
            self._answered.discard(f"gate/{wave}")

    def _look_at_rows(self, entry: WaveEntry) -> None:
        for standing in entry.rows:
            tries = self._tries[standing.row]
            waits = standing.state.is_open and standing.retryable and tries < MOST_TRIES
            if waits and self._is_new(f"row/{standing.row}/{tries}"):
                self._scene.time.begin(self._retry(entry.launch.wave.id, standing.row))

    async def _retry(self, wave: str, row: int) -> None:
        await self._scene.time.until(self._after(self._scene.chances.answer_minutes, "retry", row, self._tries[row]))
        self._tries[row] += 1
        standing = self._scene.board.rows[row]
        if standing.state.is_open and standing.retryable:
            case = wave_workflow_id(self._launch.project, wave)
            await self._scene.say(case, self._coordinator, RetryRows(rows=(row,)))

    def _look_at_order(self, shown: OrderOnBoard) -> None:
        for standing in shown.progress.steps:
            step = shown.order.chain.step(standing.id)
            if standing.status == StepStatus.OPEN and isinstance(step, IN_OFFICE):
                no = shown.order.no
                if self._is_new(f"{no}/{step.id}/{standing.round}"):
                    self._scene.time.begin(self._answer(no, step, standing.round))

    async def _answer(self, no: str, step: Step, turn: int) -> None:
        """The first visit of a project's order has agreed upon itself before anybody could."""
        await self._scene.time.until(self._after(self._scene.chances.answer_minutes, no, step.id, turn))
        shown = self._scene.board.orders[no]
        if shown.progress.step(step.id).status != StepStatus.OPEN:
            return
        for command in self._commands(shown, step):
            await self._scene.say(order_workflow_id(no), self._coordinator, command)

    def _commands(self, shown: OrderOnBoard, step: Step) -> tuple[AnyCommand, ...]:
        match step:
            case Appointment():
                return (self._other_visit(shown, step.id),)
            case VendorDispatch(offered=True):
                return (ReportVendor(step=step.id, status="accepted"), ReportVendor(step=step.id, status="done"))
            case VendorDispatch():
                return (Start(step=step.id), Complete(step=step.id))
            case Evidence():
                serials = tuple(name_of(asset) for asset in shown.progress.assets)
                proof = AddEvidence(step=step.id, document=step.document, document_no="as proven", serials=serials)
                return (proof,)
            case _:
                raise NotImplementedError(step.type)

    def _other_visit(self, shown: OrderOnBoard, step: str) -> Book:
        """As long as the first, when the technician works again a day later at the earliest."""
        visit = shown.part.visit
        hours = {one.id: one.hours for one in self._scene.pack.plan.basis.technicians}
        free = hours.get(visit.technician or "", self._hours).add(self._scene.time.now + DAY, SECOND) - SECOND
        window = Window(start=free, end=free + (visit.window.end - visit.window.start))
        return Book(step=step, window=window, technician=visit.technician)

    def _after(self, middle: float, *what: object) -> datetime:
        return self._hours.add(self._scene.time.now, self._scene.dice.answer(middle, *what))

    def _is_new(self, what: str) -> bool:
        if what in self._answered:
            return False
        self._answered.add(what)
        return True
