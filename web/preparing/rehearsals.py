"""Rehearsals asked for on a page: in processes of their own, one after the other, and told of as they go on."""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from pydantic import Field

from api.policy import Operation, allows
from api.unnoted import Unnoted
from connectors.workshop.jobs import MEGA, Limits
from connectors.workshop.lines import ForemanLine
from connectors.workshop.workshop import Crowded, Workshop
from db.engine import Database
from db.moves.plans import store_rehearsal
from domain.ids import project_workflow_id
from domain.keys import Key
from domain.moves.project import Project
from domain.moves.rehearsals.forecasts import Rehearsal
from domain.moves.rehearsals.rehearsal import MOST_RUNS, RehearsalPack
from domain.people import Actor
from domain.refusals import Problem, Refused
from domain.values import Value
from rehearsal.jobs import STAGE, all_together, one_run

log = structlog.get_logger()

# Of one run. Whoever has more to rehearse does it where there are more processors.
LIMITS = Limits(cpu=1_800, wall=3_600, memory=3_072 * MEGA, files=False)
MOST_AT_ONCE = 8
_USUAL_RUNS = 10


class RehearsalWish(Value):
    """What a rehearsal is asked for on a page. The same seed gives the same forecast."""

    runs: int = Field(default=_USUAL_RUNS, ge=1, le=MOST_RUNS)
    seed: int = Field(default=0, ge=0, le=10**6)


@dataclass
class Rehearsing:
    """One that goes on, or has broken off: then `problem` says why."""

    project: str
    plan: int
    wish: RehearsalWish
    actor: Actor
    at: datetime
    done: int = 0
    problem: Problem | None = None

    @property
    def goes_on(self) -> bool:
        return self.problem is None


class Rehearsals:
    """Those of this process. What they find is kept beside the plan; with the process, what is under way is gone."""

    def __init__(self, unnoted: Unnoted, limits: Limits = LIMITS, at_once: int = MOST_AT_ONCE) -> None:
        self._unnoted = unnoted
        self._limits = limits
        self._most = at_once
        self._here: dict[tuple[str, int], Rehearsing] = {}
        self._begun: dict[tuple[str, int], int] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._stage = asyncio.Semaphore(1)

    def of(self, project: str, plan: int) -> Rehearsing | None:
        return self._here.get((project, plan))

    def begun(self, project: str, plan: int) -> int:
        """How often one of this plan has begun here."""
        return self._begun.get((project, plan), 0)

    def begin(self, pack: RehearsalPack, wish: RehearsalWish, actor: Actor, database: Database) -> None:
        """Nothing happens when one of this plan goes on already. Raises `Crowded` when too many do."""
        key = pack.launch.project, pack.plan.version
        known = self._here.get(key)
        if known is not None and known.goes_on:
            return
        if len(self._tasks) >= self._most:
            raise Crowded
        self._here[key] = one = Rehearsing(*key, wish, actor, datetime.now(UTC))
        self._begun[key] = self.begun(*key) + 1
        task = asyncio.create_task(self._rehearse(one, pack, database))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _tell(self, project: Project) -> None:
        def may_know(key: Key) -> bool:
            return key.sees(project.customer) and allows(key, Operation.READ_PROJECTS)

        self._unnoted.tell(project_workflow_id(project.id), may_know)

    async def _rehearse(self, one: Rehearsing, pack: RehearsalPack, database: Database) -> None:
        try:
            async with self._stage:
                found = await self._found(one, pack)
            async with database.writing() as session:
                await store_rehearsal(session, found, datetime.now(UTC))
            del self._here[one.project, one.plan]
        except Refused as refused:
            one.problem = refused.problems[0]
        except Exception:
            # Its task ends here: nobody else would hear of it.
            log.exception("rehearsal breaks off", project=one.project, plan=one.plan)
            one.problem = Problem(code="rehearsal_broke_off")
        self._tell(pack.project)

    async def _found(self, one: Rehearsing, pack: RehearsalPack) -> Rehearsal:
        written = await asyncio.to_thread(lambda: pack.model_dump_json().encode())
        # There only while there is something to rehearse: what it has loaded is large.
        crew = ForemanLine(STAGE)
        try:
            workshop = Workshop(crew, making=self._limits)
            runs = await self._runs(one, workshop, written, pack.project)
            text = await workshop.make(all_together, written, one.wish.seed, runs)
        finally:
            await asyncio.to_thread(crew.end)
        return await asyncio.to_thread(Rehearsal.model_validate_json, text)

    async def _runs(self, one: Rehearsing, workshop: Workshop, pack: bytes, project: Project) -> Sequence[bytes]:
        # One processor is left to whoever reads pages meanwhile.
        free = asyncio.Semaphore(max(1, (os.cpu_count() or 1) - 1))

        async def run(seed: int) -> bytes:
            async with free:
                outcome = await workshop.make(one_run, pack, seed)
            one.done += 1
            self._tell(project)
            return outcome

        first = one.wish.seed * one.wish.runs
        tasks = [asyncio.create_task(run(seed)) for seed in range(first, first + one.wish.runs)]
        try:
            return await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
