"""Running logged incidents through their workflow in skipped time, and comparing what came out with the log itself."""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import cached_property, partial
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from temporalio import activity
from temporalio.api.enums.v1 import EventType, IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.calendars import Calendars
from activities.notices import Outgoing
from activities.records import Records
from db.engine import open_database
from db.schema import migrate
from domain.cases.instructions import Instruction
from domain.clocks.calendars import Calendar, Weekly
from domain.contracts.matrix import Cell, CommunicationsMatrix, MatrixRow, Way
from domain.contracts.paging import PagingPolicy
from domain.ids import incident_workflow_id
from domain.incidents.incident import Incident, IncidentRequest, IncidentTerms, pinned_ladder
from domain.incidents.logs.logged import LoggedIncident, LoggedStep
from domain.incidents.progress import IncidentProgress
from domain.incidents.promises import RESOLUTION, RESPONSE
from domain.people import Actor, Role
from domain.priorities import Priority
from domain.refusals import Refused
from domain.values import Slug, Value
from workflows.answers import TemporalAway
from workflows.client import CaseExists, Temporal
from workflows.incident import IncidentWorkflow
from workflows.runner import workflow_runner
from workflows.starting import SEARCHABLE

QUEUE = "log-replay"
# Time can be skipped only forwards. After 28 years every date falls on the same weekday, and with it the nights in
# which clocks are changed; 28 years are always so many days between 1901 and 2099.
LATER = timedelta(days=10_227)
# The log reopens what others would report anew, so nothing is closed for good before the log is at its end.
REOPENED_WITHIN = 250
MOST_TRIES = 5
LAST_MOMENT = timedelta(days=800)
ACTOR = Actor(person="log", role=Role.SERVICE_DESK)
TARGETS = {
    Priority.BLOCKER: (60, 240),
    Priority.CRITICAL: (120, 480),
    Priority.MAJOR: (240, 960),
    Priority.MINOR: (540, 2700),
}


class ReplayedIncident(Value):
    """One incident as its workflow ended it, beside what the rows of the log give without it. Times are seconds."""

    number: Slug
    priority: Priority
    response_used: float
    response_expected: float
    resolution_used: float
    resolution_expected: float
    response_missed: bool
    resolution_missed: bool
    made_sla: bool
    ended: bool
    refused: tuple[str, ...] = ()
    failed_tasks: int = 0
    events: int = 0

    @property
    def is_equal(self) -> bool:
        used = (self.response_used, self.resolution_used)
        return used == (self.response_expected, self.resolution_expected)


class ReplayTurn(NamedTuple):
    """What happens to one incident at one instant; without a step it is reported."""

    incident: LoggedIncident
    step: LoggedStep | None
    number: int


class Unsent:
    """Nobody is to get messages about incidents of long ago."""

    @activity.defn
    async def deliver(self, outgoing: Outgoing) -> None:
        return


def working_week(zone: str) -> Calendar:
    """Ten hours a day from Monday to Friday, holidays included: a public log does not say whose holidays they were."""
    days = {day: [["08:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    return Calendar(zone=zone, weekly=Weekly.model_validate(days))


class LogReplay:
    def __init__(self, incidents: Sequence[LoggedIncident], zone: str) -> None:
        self.incidents = incidents
        self.calendar = working_week(zone)
        self.refused: dict[str, list[str]] = {incident.number: [] for incident in incidents}

    async def run(self, progress: Callable[[int, int], None]) -> list[ReplayedIncident]:
        """Every incident from report to end, at the log's own instants 28 years later.

        `progress` is told how many turns are done. Raises `TemporalAway` when the server that skips time is stuck.
        """
        async with self._environment() as environment:
            temporal = Temporal(environment.client, QUEUE)
            done = 0
            turns = list(self.turns)
            for at, together in groupby(turns, key=_instant):
                await self._skip_to(environment, at)
                by_incident = groupby(together, key=lambda turn: turn.incident.number)
                queues = [list(queue) for _, queue in by_incident]
                await asyncio.gather(*(self._take(temporal, queue) for queue in queues))
                done += sum(map(len, queues))
                progress(done, len(turns))
            await environment.sleep(LAST_MOMENT)
            return [await self._outcome(environment, incident) for incident in self.incidents]

    @cached_property
    def turns(self) -> Sequence[ReplayTurn]:
        """By time; of one incident within one instant, in the order of the log."""
        found: list[ReplayTurn] = []
        for incident in self.incidents:
            found.append(ReplayTurn(incident, None, 0))
            found += (ReplayTurn(incident, step, n) for n, step in enumerate(incident.steps, start=1))
        return sorted(found, key=lambda turn: (_instant(turn), turn.incident.number, turn.number))

    async def _skip_to(self, environment: WorkflowEnvironment, at: float) -> None:
        left = at - (await environment.get_current_time()).timestamp()
        if left > 0:
            await environment.sleep(timedelta(seconds=left))

    async def _take(self, temporal: Temporal, queue: Sequence[ReplayTurn]) -> None:
        for turn in queue:
            if turn.step is None:
                with suppress(CaseExists):
                    await _insist(partial(temporal.start_incident, self._reported(turn.incident)))
                continue
            said = Instruction(
                command=_later(turn.step).command,
                actor=ACTOR,
                given_at=turn.step.at + LATER,
                request_id=f"{turn.incident.number}-{turn.number}",
            )
            case = incident_workflow_id(turn.incident.number)
            try:
                await _insist(partial(temporal.command, case, said))
            except Refused as refused:
                self.refused[turn.incident.number] += [problem.code for problem in refused.problems]

    def _reported(self, logged: LoggedIncident) -> Incident:
        request = IncidentRequest(
            contract="log", site="log", title=logged.number, category=logged.category, priority=logged.priority
        )
        return Incident(
            no=logged.number,
            customer="log",
            received_at=logged.opened_at + LATER,
            in_hours=self.calendar.is_open(logged.opened_at),
            reported_by="log",
            request=request,
            terms=self.terms,
        )

    @cached_property
    def terms(self) -> IncidentTerms:
        return IncidentTerms(
            contract="log",
            version=1,
            calendar=self.calendar,
            zone=self.calendar.zone,
            matrix=matrix(),
            ladder=pinned_ladder(()),
            paging=PagingPolicy(),
            team={},
            reopen_days=REOPENED_WITHIN,
        )

    async def _outcome(self, environment: WorkflowEnvironment, logged: LoggedIncident) -> ReplayedIncident:
        handle = environment.client.get_workflow_handle(incident_workflow_id(logged.number))
        progress: IncidentProgress = await handle.query("progress", result_type=IncidentProgress)
        history = await handle.fetch_history()
        clocks = {clock.name: clock for clock in progress.clocks}
        # The log tells of the first answer alone; reopened, an incident is to be answered anew, in another cycle.
        answer = f"{RESPONSE}-1" if f"{RESPONSE}-1" in clocks else RESPONSE
        kinds = [event.event_type for event in history.events]
        used = {
            name: clock.used(self.calendar, clock.ended_at or clock.started_at or logged.opened_at).total_seconds()
            for name, clock in clocks.items()
        }
        return ReplayedIncident(
            number=logged.number,
            priority=progress.priority,
            response_used=used[answer],
            response_expected=logged.times.used_for_response(self.calendar).total_seconds(),
            resolution_used=used[RESOLUTION],
            resolution_expected=logged.times.used_for_resolution(self.calendar).total_seconds(),
            response_missed=clocks[answer].breached_at is not None,
            resolution_missed=clocks[RESOLUTION].breached_at is not None,
            made_sla=logged.made_sla,
            refused=tuple(self.refused[logged.number]),
            ended=EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED in kinds,
            failed_tasks=kinds.count(EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED),
            events=len(kinds),
        )

    @asynccontextmanager
    async def _environment(self) -> AsyncIterator[WorkflowEnvironment]:
        server = Path(sys.executable).parent / "temporal-test-server"
        environment = await WorkflowEnvironment.start_time_skipping(
            test_server_existing_path=str(server), data_converter=pydantic_data_converter, runtime=_quiet()
        )
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite+aiosqlite:///{folder}/replay.db"
            await asyncio.to_thread(migrate, url)
            database = open_database(url)
            calendars, records = Calendars(), Records(database)
            async with (
                environment,
                Worker(
                    environment.client,
                    task_queue=QUEUE,
                    workflows=[IncidentWorkflow],
                    activities=[
                        calendars.service_hours,
                        calendars.after_working_days,
                        records.record_incident,
                        Unsent().deliver,
                    ],
                    workflow_runner=workflow_runner(),
                    max_cached_workflows=2000,
                ),
            ):
                await environment.client.operator_service.add_search_attributes(
                    AddSearchAttributesRequest(
                        namespace=environment.client.namespace,
                        search_attributes={key.name: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD for key in SEARCHABLE},
                    )
                )
                yield environment
            await database.close()


def matrix() -> CommunicationsMatrix:
    """What is promised for each priority; the log names its priorities, but not what was promised for them."""
    return CommunicationsMatrix(
        rows={
            priority: MatrixRow(
                in_hours=Cell(
                    report_by=(Way.PORTAL,),
                    first=Role.SERVICE_DESK,
                    response_minutes=response,
                    resolution_minutes=resolution,
                )
            )
            for priority, (response, resolution) in TARGETS.items()
        }
    )


def _quiet() -> Runtime:
    """The engine writes its warnings to where the answer goes."""
    errors = LoggingConfig(filter=TelemetryFilter(core_level="ERROR", other_level="ERROR"))
    return Runtime(telemetry=TelemetryConfig(logging=errors))


async def _insist(ask: Callable[[], Awaitable[object]]) -> None:
    """A busy machine may need longer than a caller has patience for; asked again, it is the same request."""
    for _ in range(MOST_TRIES):
        with suppress(TemporalAway):
            await ask()
            return
    await ask()


def _instant(turn: ReplayTurn) -> float:
    at = turn.step.at if turn.step else turn.incident.opened_at
    return (at + LATER).timestamp()


def _later(step: LoggedStep) -> LoggedStep:
    """A hold of the log ends as much later."""
    until = getattr(step.command, "max_until", None)
    return step.but(command=step.command.but(max_until=until + LATER)) if until else step
