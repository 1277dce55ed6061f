"""A move of thousands stays far below what a history, a payload and a task may hold."""

from datetime import timedelta
from typing import Any

import pytest
from temporalio.bridge.proto.workflow_activation import WorkflowActivationJob
from temporalio.bridge.proto.workflow_commands import WorkflowCommand

from domain.ids import project_workflow_id
from domain.moves.launched.project_progress import ProjectState
from domain.moves.plans.launches import AT_ONCE
from domain.moves.plans.plan import Basis
from domain.moves.plans.planning import plan
from domain.moves.plans.waves import Wave, Workplace
from domain.moves.rehearsals.rehearsal import RehearsalPack
from domain.places import Place
from rehearsal.engine import Engine
from rehearsal.executions import Execution
from rehearsal.lives import Life
from tests.domain.moves.plans.plan_samples import at, desk, site, technicians
from tests.rehearsal.packs import USUAL, packed
from tests.rehearsal.trials import Trial

MEGABYTE = 1 << 20
# The server asks for a new run at 4,096 events, and refuses a payload above 2 MB.
MOST_EVENTS, MOST_BYTES = 2000, 2 * MEGABYTE
# How many events the server writes for what comes to a workflow and for what it commands; a task itself is three.
EVENTS = {
    "signal_workflow": 1,
    "do_update": 2,
    "fire_timer": 1,
    "resolve_activity": 2,
    "resolve_signal_external_workflow": 1,
    "resolve_child_workflow_execution_start": 1,
    "resolve_child_workflow_execution": 1,
    "schedule_local_activity": 1,
    "schedule_activity": 1,
    "start_timer": 1,
    "cancel_timer": 1,
    "signal_external_workflow_execution": 1,
    "start_child_workflow_execution": 1,
}


class CountedLife:
    """Counts what would stand in the history, and how large what is handed over is."""

    def __init__(self, life: Life) -> None:
        self._life = life
        self.events = 3
        self.largest = 0
        self.most_commands = 0

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever a life has
        return getattr(self._life, name)

    def activate(self, when: Any, jobs: list[WorkflowActivationJob]) -> list[WorkflowCommand]:  # noqa: ANN401
        commands = list(self._life.activate(when, jobs))
        names = [job.WhichOneof("variant") for job in jobs]
        is_task = any(not job.resolve_activity.is_local for job in jobs)
        self.events += 3 * is_task + sum(EVENTS.get(name or "", 0) for name in names if is_task)
        self.events += sum(EVENTS.get(command.WhichOneof("variant") or "", 0) for command in commands)
        self.most_commands = max(self.most_commands, len(commands))
        self.largest = max([self.largest, *(one.ByteSize() for one in (*jobs, *commands))])
        return commands


class CountingEngine(Engine):
    """Of projects and waves; an order is measured by itself."""

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401  # as the engine's
        super().__init__(*args, **options)
        self.counted: dict[str, CountedLife] = {}

    def _start(self, *args: Any, **options: Any) -> Execution:  # noqa: ANN401  # as the engine's
        execution = super()._start(*args, **options)
        if not execution.birth.workflow_id.startswith("order/"):
            counted = self.counted[execution.birth.workflow_id] = CountedLife(execution.life)
            execution.life = counted  # type: ignore[assignment]
        return execution


def many(rows: int, waves: int) -> RehearsalPack:
    """A wave on each working day; every tenth pair swaps desks."""
    first = at("2026-04-13 07:00")
    days = [first + timedelta(days=day + 2 * (day // 5)) for day in range(waves)]
    each = rows // waves
    workplaces = []
    for n in range(0, rows, 2):
        targets = (desk(n + 1), desk(n)) if n % 20 == 0 else (desk(f"new{n}"), desk(f"new{n + 1}"))
        for number, target in zip((n, n + 1), targets, strict=True):
            wave = f"v{min(n // each, waves - 1)}"
            workplaces.append(
                Workplace(key=f"w{number}", source=desk(number), target=target, kit=2, minutes=45, wave=wave)
            )
    basis = Basis(
        workplaces=tuple(workplaces),
        waves=tuple(Wave(id=f"v{n}", start=day, end=day + timedelta(hours=11)) for n, day in enumerate(days)),
        technicians=technicians(max(4, each // 8)),
        sites=(site("nord"),),
        interim=(Place(site="nord", room="store"),),
    )
    assert not plan(basis, steps=0).left_over
    return packed(basis, USUAL)


@pytest.mark.parametrize(
    ("rows", "waves"),
    [
        pytest.param(250, 1, id="the largest wave"),
        pytest.param(5000, 40, id="5,000 rows in 40 waves", marks=pytest.mark.slow),
    ],
)
def test_nothing_grows_beyond_its_limits(rows: int, waves: int) -> None:
    # In an engine that remembers everything is packed as it is for a server.
    trial = Trial(many(rows, waves), 1, deaths_a_day=0, whims=False, of=CountingEngine)

    assert trial.run()

    assert trial.state in (ProjectState.DONE, ProjectState.DONE_WITH_EXCEPTIONS)
    assert len(trial.board.rows) == rows
    assert isinstance(trial.engine, CountingEngine)
    counted = trial.engine.counted
    assert len(counted) == waves + 1
    largest = max(counted, key=lambda case: counted[case].events)
    assert counted[largest].events < MOST_EVENTS, largest
    assert all(one.largest < MOST_BYTES / 4 for one in counted.values())
    assert all(one.most_commands <= AT_ONCE + 3 for one in counted.values())
    assert counted[project_workflow_id("umzug")].events < MOST_EVENTS
