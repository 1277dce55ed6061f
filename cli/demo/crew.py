"""The people of a launched move: they open its gates, work through its orders, and look after what has failed."""

import asyncio
from collections.abc import Mapping, Sequence

import httpx2

from cli.answers import AnsweredPage
from cli.demo.case import DemoTrouble, case_of
from cli.demo.move_board import MoveBoard
from cli.demo.people import Cast
from cli.demo.stage import Stage
from cli.http import ApiRefused, Query, if_there, path
from domain.cases.move_commands import Go, MoveOnly, RetryRows
from domain.moves.launched.project_progress import GateState, ProjectState
from domain.moves.launched.project_sheets import ProjectSheet, WaveSheet
from domain.moves.launched.wave_progress import LegProgress, LegStatus, WaveState, WorkplaceStanding, WorkplaceState
from domain.orders.sheets import OrderSheet
from domain.people import Role

AT_ONCE = 10
LOOK_AGAIN = 0.3
# An order that was told to go on needs a moment until its wave knows.
PATIENCE = 30
LOOKED_AT = (WorkplaceState.IN_FLIGHT, WorkplaceState.FAILED, WorkplaceState.EXCEPTION)
# Written into the journal: the same in every language, so that said twice it is the same request.
PUT_RIGHT = {DemoTrouble.FAILS: "Der Monitorarm ist gelöst.", DemoTrouble.DIFFERS: "Das richtige Gerät ist gebracht."}


class DemoCrew:
    """`troubles` names rows of the list in which something goes wrong at first."""

    def __init__(self, stage: Stage, project: str, troubles: Mapping[int, DemoTrouble], board: MoveBoard) -> None:
        self.stage = stage
        self.project = project
        self.troubles = troubles
        self.board = board
        self.cast = Cast(stage.contract)
        self.room = asyncio.Semaphore(AT_ONCE)
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.over: set[str] = set()
        self.tried_again: set[int] = set()
        self.looks_in_vain = 0

    async def work(self) -> ProjectSheet:
        """Until the project has ended, or nobody here can bring it on. The first trouble stops everybody."""
        try:
            with self.board.shown():
                while True:
                    sheet, rows = await self._look()
                    if sheet.state.is_final or self._gives_up(sheet, rows):
                        return sheet
                    await self._open_gates(sheet)
                    self._take_orders(rows)
                    await self._try_again(sheet, rows)
                    await asyncio.sleep(LOOK_AGAIN)
        finally:
            for task in self.tasks.values():
                task.cancel()
            await asyncio.gather(*self.tasks.values(), return_exceptions=True)

    async def _look(self) -> tuple[ProjectSheet, Sequence[WorkplaceStanding]]:
        for task in self.tasks.values():
            if task.done():
                task.result()
        admin = self.stage.admin
        sheet = await admin.read(ProjectSheet, path("projects", self.project, "standing"))
        query: Query = {"state": LOOKED_AT, "limit": 500}
        rows = await admin.read(AnsweredPage[WorkplaceStanding], path("projects", self.project, "workplaces"), query)
        self.board.show(sheet, rows.items)
        return sheet, rows.items

    def _gives_up(self, sheet: ProjectSheet, rows: Sequence[WorkplaceStanding]) -> bool:
        """When everything has been tried again, and for some time nothing has come of it.

        Where all orders are over, the move has only to hear of it, however busy the machine is.
        """
        is_idle = sheet.state == ProjectState.SETTLING and all(task.done() for task in self.tasks.values())
        is_in_vain = is_idle and any(self._is_stuck(row) for row in rows)
        self.looks_in_vain = self.looks_in_vain + 1 if is_in_vain else 0
        return self.looks_in_vain > PATIENCE

    def _is_stuck(self, row: WorkplaceStanding) -> bool:
        placed = [leg.order for leg in row.legs if leg.status == LegStatus.PLACED]
        return row.state != WorkplaceState.IN_FLIGHT or any(order not in self.over for order in placed)

    async def _open_gates(self, sheet: ProjectSheet) -> None:
        for wave in sheet.waves:
            if wave.gate == GateState.ASKED and wave.gate_by is not None:
                role = self.cast.role_of(wave.gate_by)
                if await self._say(Go(wave=wave.id), wave.gate_by, role, "commands", key=f"go-{wave.id}"):
                    self.stage.say("go", wave=wave.id, person=wave.gate_by)

    def _take_orders(self, rows: Sequence[WorkplaceStanding]) -> None:
        for row in rows:
            for leg in row.legs:
                task = self.tasks.get(leg.order or "")
                is_free = task is None or task.done()
                if leg.order is not None and leg.status == LegStatus.PLACED and is_free and leg.order not in self.over:
                    self.tasks[leg.order] = asyncio.create_task(self._carry_out(leg.order, leg))

    async def _carry_out(self, no: str, leg: LegProgress) -> None:
        trouble = self.troubles.get(leg.planned.row)
        if trouble == DemoTrouble.FAILS and leg.attempt > 1:
            trouble = None
        async with self.room:
            sheet = await if_there(self.stage.admin.read(OrderSheet, path("orders", no)), None)
            if sheet is None:
                # Its wave is about to place it.
                return
            case = await case_of(self.stage.admin, sheet, self.cast, trouble)
            await case.work(self.stage.keys, self.board.tell)
        if case.is_over:
            self.over.add(no)

    async def _try_again(self, sheet: ProjectSheet, rows: Sequence[WorkplaceStanding]) -> None:
        """Once the wave has come through: what was in the way has been seen to."""
        coordinator = self.stage.contract.people(Role.COORDINATOR)[0]
        for wave in sheet.waves:
            for row in failed_in(wave, rows):
                if row.row in self.tried_again:
                    continue
                self.tried_again.add(row.row)
                trouble = self.troubles.get(row.row)
                why = PUT_RIGHT[trouble] if trouble else None
                command = RetryRows(rows=(row.row,), reason=why)
                key = f"retry-{row.workplace}-{len(row.orders)}-{row.legs[-1].attempt}"
                where = ("waves", wave.id, "commands")
                if await self._say(command, coordinator, Role.COORDINATOR, *where, key=key):
                    self.board.tell_again(row, coordinator, why or "")

    async def _say(self, command: MoveOnly, person: str, role: Role, *where: str, key: str) -> bool:
        """Whether it was accepted: somebody at another terminal may have been quicker."""
        api = await self.stage.keys.acting_as(person, role)
        body = command.model_dump(mode="json", exclude_none=True)
        try:
            await api.post(path("projects", self.project, *where), body, key=f"demo-{self.project}-{key}")
        except ApiRefused as refused:
            if refused.status != httpx2.codes.CONFLICT:
                raise
            return False
        return True


def failed_in(wave: WaveSheet, rows: Sequence[WorkplaceStanding]) -> list[WorkplaceStanding]:
    """What can be tried again in a wave in which nothing goes on by itself any more."""
    if wave.state != WaveState.THROUGH:
        return []
    return [row for row in rows if row.wave == wave.id and row.state.is_open and row.retryable]
