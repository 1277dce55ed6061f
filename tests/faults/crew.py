"""Everybody who moves a project while things break: they look into the tables, say what is next, and insist."""

import asyncio
from collections.abc import Callable, Container
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connectors.holidays import with_holidays
from db.moves.launches import LaunchRow, launch_row
from db.orders import OrderRow, order_row
from domain.cases.instructions import AnyCommand, Instruction
from domain.cases.move_commands import Go
from domain.cases.order_commands import Complete, ConfirmCustody, Found, Verify
from domain.ids import order_workflow_id, project_workflow_id
from domain.kinds import OrderState
from domain.moves.launched.project_progress import GateState, ProjectProgress
from domain.orders.progress import StepProgress, StepStatus
from domain.people import Actor
from domain.refusals import Refused
from tests.faults.undying import insist
from tests.patience import LOOK, until
from tests.stories.move_stage import PROJECT, MoveDesk
from tests.world import APPROVER, COORDINATOR, OFFICE, TECHNICIAN

NOT_HERE = (Found(tag="PC-0999"),)


def working_morning(after: datetime) -> datetime:
    """The next day on which somebody works, at nine in UTC: in Augsburg the morning has an hour or two left."""
    office, day = with_holidays(OFFICE, after), after.replace(hour=9, minute=0, second=0, microsecond=0)
    while not office.is_open(day := day + timedelta(days=1)):
        pass
    return day


@dataclass
class Crew:
    """`misplaced` are people whose things are not found at the first look."""

    desk: MoveDesk
    misplaced: Container[int] = ()
    _said: set[str] = field(default_factory=set)

    async def say(self, case: str, actor: Actor, command: AnyCommand, *, as_request: str) -> None:
        said = Instruction(command=command, actor=actor, given_at=await self.desk.now(), request_id=as_request)
        await insist(self.desk.temporal, case, said)

    async def until(self, holds: Callable[[ProjectProgress], bool]) -> ProjectProgress:
        """Work at whatever there is to be done until the project has come so far."""
        while True:
            row = await until(self._launched)
            assert row is not None
            if holds(row.as_progress()):
                return row.as_progress()
            await self._open_gates(row.as_progress())
            await self._work()
            await asyncio.sleep(LOOK)

    async def _launched(self) -> LaunchRow | None:
        async with self.desk.stage.database.reading() as session:
            return await launch_row(session, PROJECT.id)

    async def orders(self) -> dict[int, OrderRow]:
        """The newest order of each person, as far as it stands in the tables."""
        found = {}
        async with self.desk.stage.database.reading() as session:
            for who, standing in (await self.desk.rows()).items():
                for no in standing.orders:
                    if (row := await order_row(session, no)) is not None:
                        found[who] = row
        return found

    async def _open_gates(self, progress: ProjectProgress) -> None:
        for wave in progress.waves:
            if wave.gate == GateState.ASKED:
                case = project_workflow_id(PROJECT.id)
                await self.say(case, APPROVER, Go(wave=wave.id), as_request=f"go-{wave.id}")

    async def _work(self) -> None:
        for who, row in (await self.orders()).items():
            if OrderState(row.state).is_final:
                continue
            for step in row.as_progress().steps:
                command = self._next(who, row, step)
                request = f"{row.no}-{step.id}-{step.status}-{step.round}"
                if command is not None and request not in self._said:
                    self._said.add(request)
                    taker = isinstance(command, ConfirmCustody) and command.side == "taker"
                    actor = COORDINATOR if taker else TECHNICIAN
                    try:
                        await self.say(order_workflow_id(row.no), actor, command, as_request=request)
                    except Refused as refused:
                        # A table may be ahead of the history of a worker that has died: it is said again later.
                        if str(refused) != "step_not_ready":
                            raise
                        self._said.discard(request)

    def _next(self, who: int, row: OrderRow, step: StepProgress) -> Complete | ConfirmCustody | Verify | None:
        if step.status not in (StepStatus.OPEN, StepStatus.STARTED):
            return None
        assets = row.as_progress().assets
        match step.type:
            case "work":
                return Complete(step=step.id, minutes=20)
            case "custody":
                side = "giver" if step.status == StepStatus.OPEN else "taker"
                serials = tuple(asset.serial or asset.tag for asset in assets)
                return ConfirmCustody(step=step.id, side=side, serials=serials)
            case "verification":
                found = tuple(Found(tag=asset.tag) for asset in assets)
                wrong = who in self.misplaced and step.round == 1
                return Verify(step=step.id, found=NOT_HERE if wrong else found)
        return None
