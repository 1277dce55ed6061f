"""The only door to Temporal: starting cases, giving them commands, and reading how they began."""

import asyncio
import hashlib
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any, TypeVar

from temporalio.api.enums.v1 import EventType
from temporalio.client import (
    Client,
    RPCError,
    ScheduleOverlapPolicy,
    WorkflowExecutionStatus,
    WorkflowUpdateFailedError,
    WorkflowUpdateHandle,
    WorkflowUpdateRPCTimeoutOrCancelledError,
    WorkflowUpdateStage,
)
from temporalio.common import Priority, TypedSearchAttributes, WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError

from domain.alerts.groups import Waking
from domain.cases.faults import CheckReport
from domain.cases.instructions import Instruction
from domain.cases.ranks import Rank
from domain.ids import (
    PAGE,
    WAVE,
    alert_group_workflow_id,
    case_no_of,
    incident_workflow_id,
    order_workflow_id,
    project_workflow_id,
)
from domain.incidents.incident import Incident
from domain.moves.plans.launches import Launch
from domain.orders.order import Order
from domain.refusals import Problem, Refused
from domain.values import Value
from workflows.alert_group import AlertGroupWorkflow, Watch
from workflows.answers import PATIENCE, StandsStill, TemporalAway, answered, is_unknown, means_away
from workflows.engine.runs import Runs
from workflows.incident import IncidentWorkflow
from workflows.move_project import MoveProjectWorkflow
from workflows.order import OrderWorkflow
from workflows.receipts import Receipt
from workflows.recurring.case_check import CaseCheckWorkflow
from workflows.recurring.schedules import ROTA_NEWS
from workflows.refusals import as_refusal
from workflows.starting import TASK_TIMEOUT, priority, rank_of, search_attributes
from workflows.telemetry import tracers

C = TypeVar("C")
V = TypeVar("V", bound=Value)
Run = Callable[[Any, C], Awaitable[Receipt]]
_OVER = {
    "order": Problem(code="order_is_over"),
    "incident": Problem(code="incident_is_over"),
    PAGE: Problem(code="page_is_over"),
    "project": Problem(code="project_not_under_way"),
    WAVE: Problem(code="wave_not_under_way"),
}

# The embedded server gets slower, not faster, with more callers than this at once (TEMPORAL.md).
STARTS_AT_ONCE = 32
STARTS_WAITING = 500
CHECK_ASKED = "case-check-asked"
CHECK_WITHIN = timedelta(seconds=8)
NUDGE = timedelta(seconds=2)
# What the server itself says of an update: a task that it was sent with came back without it, as from a worker that was
# too slow for both; or the case has ended over it.
_UNHEARD, _ENDED_MEANWHILE = "UnprocessedUpdate", "AcceptedUpdateCompletedWorkflow"
_WHY = (
    r'message: "([^"]+)"',
    r"(InvalidCertificate\(\w+)",
    r"(tls handshake \w+)",
    r'Error\("([^"]+)"',
    r"InvalidMessage\((\w+)\)",
)
# What rustls calls an answer that is no handshake.
_SAID = {"InvalidContentType": "InvalidContentType, no TLS is spoken there"}


class CaseExists(Exception):
    """A case with this id was started before."""


async def connect(*, lazy: bool) -> Client:
    """A client for the server that TEMPORAL_ADDRESS and its companions name.

    A lazy one connects when first used, so that the API can serve what the tables hold while the server is away;
    workers need a connection.
    """
    config = ClientConfig.load_client_connect_config()
    config.setdefault("target_host", "127.0.0.1:7233")
    return await Client.connect(**config, lazy=lazy, data_converter=pydantic_data_converter, interceptors=tracers())


def why_away(error: Exception) -> str:
    """In few words: the SDK has one long sentence for whatever keeps it from connecting, and why is somewhere in it."""
    if isinstance(error, RPCError):
        return error.status.name
    found = (re.search(pattern, str(error)) for pattern in _WHY)
    said = next((match[1] for match in found if match), None) or next(iter(str(error).splitlines()), "")
    return _SAID.get(said, said) or type(error).__name__


class Temporal:
    """What the API may do with workflows. Raises `TemporalAway` whenever the server does not answer in time."""

    def __init__(self, client: Client, task_queue: str) -> None:
        self._client = client
        self._task_queue = task_queue
        self._slots = asyncio.Semaphore(STARTS_AT_ONCE)
        self._waiting = 0

    async def start_order(self, order: Order) -> None:
        """Durable when it returns. Raises `CaseExists` when the number was used before."""
        attributes = search_attributes(order.request.kind, order.customer, order.request.site)
        summary = f"{order.request.kind} at {order.request.site}"
        ranks = priority(order.customer, Rank.USUAL if order.part is None else Rank.PROJECT)
        await self.start(OrderWorkflow.run, order, order_workflow_id(order.no), attributes, summary, ranks)

    async def start_incident(self, incident: Incident) -> None:
        """Durable when it returns. Raises `CaseExists` when the number was used before."""
        site = incident.request.site
        attributes = search_attributes("incident", incident.customer, site)
        summary = f"incident at {site}"
        ranks = priority(incident.customer, rank_of(incident))
        await self.start(IncidentWorkflow.run, incident, incident_workflow_id(incident.no), attributes, summary, ranks)

    async def tell_of_rotas(self) -> None:
        """Soon, instead of within the hour; losing this only makes it later."""
        schedule = self._client.get_schedule_handle(ROTA_NEWS)
        with suppress(RPCError, RuntimeError):
            await schedule.trigger(overlap=ScheduleOverlapPolicy.BUFFER_ONE, rpc_timeout=NUDGE)

    async def start_project(self, launch: Launch) -> None:
        """Durable when it returns. Raises `CaseExists` when it was launched before."""
        attributes = search_attributes("project", launch.customer, launch.site)
        ranks = priority(launch.customer, Rank.PROJECT)
        workflow_id = project_workflow_id(launch.project)
        await self.start(MoveProjectWorkflow.run, launch, workflow_id, attributes, f"move {launch.project}", ranks)

    async def ensure_order(self, order: Order) -> None:
        """Durable when it returns, even if it was started before."""
        with suppress(CaseExists):
            await self.start_order(order)

    async def has_order(self, no: str) -> bool:
        return await self.order_at_start(no) is not None

    async def is_over(self, no: str) -> bool:
        """Whether the order does not run, or not any more."""
        async with answered():
            try:
                handle = self._client.get_workflow_handle(order_workflow_id(no))
                return (await handle.describe(rpc_timeout=PATIENCE)).status != WorkflowExecutionStatus.RUNNING
            except RPCError as error:
                if is_unknown(error):
                    return True
                raise

    async def tell_order(self, no: str, instruction: Instruction) -> None:
        """As `command`."""
        await self.command(order_workflow_id(no), instruction)

    async def order_at_start(self, no: str) -> Order | None:
        """The order as it was accepted, read from its history; None if there is no such workflow."""
        return await self.at_start(order_workflow_id(no), Order)

    async def launch_at_start(self, project: str) -> Launch | None:
        """The project as it was launched, read from its history; None if it never was."""
        return await self.at_start(project_workflow_id(project), Launch)

    async def incident_at_start(self, no: str) -> Incident | None:
        """The incident as it was reported, read from its history; None if there is no such workflow."""
        return await self.at_start(incident_workflow_id(no), Incident)

    async def command(self, case: str, instruction: Instruction) -> Receipt | None:
        """None when the command is accepted and durable but its effects are still under way.

        Raises `Refused` as the case does, `StandsStill` when its tasks fail.
        """
        try:
            return await self._commanded(case, instruction)
        except TemporalAway as away:
            standing = await Runs(self._client).standing(case)
            if standing.stands_still and standing.task is not None:
                raise StandsStill(case, standing.task.tries) from away
            raise

    async def _commanded(self, case: str, instruction: Instruction) -> Receipt | None:
        async with answered():
            try:
                update = await self._client.get_workflow_handle(case).start_update(
                    "command",
                    instruction,
                    wait_for_stage=WorkflowUpdateStage.ACCEPTED,
                    id=_update_id(instruction),
                    result_type=Receipt,
                    rpc_timeout=PATIENCE,
                )
                return await _result(update)
            except WorkflowUpdateFailedError as error:
                if (meaning := meaning_of(error)) is None:
                    raise
                raise meaning from error
            except RPCError as error:
                if is_unknown(error):
                    raise Refused(_is_over(case)) from error
                raise

    async def wake_group(self, waking: Waking) -> None:
        """Have somebody look at a group of alerts; raises `TemporalAway` whatever keeps them from coming."""
        async with self._slot(), answered():
            try:
                await self._client.start_workflow(
                    AlertGroupWorkflow.run,
                    Watch(group=waking.group),
                    id=alert_group_workflow_id(waking.group),
                    task_queue=self._task_queue,
                    task_timeout=TASK_TIMEOUT,
                    search_attributes=search_attributes("alert_group", waking.customer),
                    static_summary=f"alerts {waking.group}",
                    priority=priority(waking.customer, Rank.URGENT),
                    start_signal="wake",
                    start_signal_args=[secrets.token_hex(8)],
                    rpc_timeout=PATIENCE,
                )
            except RPCError as error:
                raise TemporalAway from error

    async def check_cases(self) -> CheckReport | None:
        """Check all cases now; None while that is still going on. Who asks meanwhile waits for the same check."""
        async with answered():
            handle = await self._client.start_workflow(
                CaseCheckWorkflow.run,
                id=CHECK_ASKED,
                task_queue=self._task_queue,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                rpc_timeout=PATIENCE,
            )
            try:
                return await asyncio.wait_for(handle.result(), CHECK_WITHIN.total_seconds())
            except TimeoutError:
                return None

    async def is_alive(self) -> bool:
        try:
            async with answered():
                return await self._client.service_client.check_health(timeout=timedelta(seconds=2))
        except (TemporalAway, RPCError):
            return False

    async def start(
        self,
        run: Run[C],
        case: C,
        workflow_id: str,
        attributes: TypedSearchAttributes,
        summary: str,
        ranks: Priority,
    ) -> None:
        """Durable when it returns. Raises `CaseExists` when the id was used before."""
        async with self._slot(), answered():
            try:
                await self._client.start_workflow(
                    run,
                    case,
                    id=workflow_id,
                    task_queue=self._task_queue,
                    task_timeout=TASK_TIMEOUT,
                    id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                    id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                    search_attributes=attributes,
                    static_summary=summary,
                    priority=ranks,
                    rpc_timeout=PATIENCE,
                )
            except WorkflowAlreadyStartedError as error:
                raise CaseExists(workflow_id) from error

    async def at_start(self, workflow_id: str, kind: type[V]) -> V | None:
        """What the case was started with, read from its history; None if there is no such workflow."""
        async with answered():
            try:
                handle = self._client.get_workflow_handle(workflow_id)
                first = await anext(handle.fetch_history_events(page_size=1, rpc_timeout=PATIENCE))
            except RPCError as error:
                if is_unknown(error):
                    return None
                raise
        assert first.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED
        payloads = first.workflow_execution_started_event_attributes.input.payloads
        (case,) = await self._client.data_converter.decode(payloads, [kind])
        return kind.model_validate(case)

    @asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        if self._waiting >= STARTS_WAITING:
            raise TemporalAway
        self._waiting += 1
        try:
            async with self._slots:
                yield
        finally:
            self._waiting -= 1


async def _result(update: WorkflowUpdateHandle[Receipt]) -> Receipt | None:
    try:
        return await update.result(rpc_timeout=PATIENCE)
    except WorkflowUpdateRPCTimeoutOrCancelledError:
        return None
    except WorkflowUpdateFailedError as error:
        if _type_of(error) == _ENDED_MEANWHILE:
            return None
        raise
    except RPCError as error:
        # It was accepted, so it is durable however long the server is away now.
        if means_away(error):
            return None
        raise


def meaning_of(error: WorkflowUpdateFailedError) -> Exception | None:
    """The case's own refusal, or that nobody has heard the command; None for what should never be."""
    if _type_of(error) == _UNHEARD:
        return TemporalAway()
    return as_refusal(error.cause) if isinstance(error.cause, ApplicationError) else None


def _type_of(error: WorkflowUpdateFailedError) -> str | None:
    return error.cause.type if isinstance(error.cause, ApplicationError) else None


def _update_id(instruction: Instruction) -> str:
    """The same request of the same actor with the same body is one update; any other the order itself refuses."""
    body = instruction.command.model_dump_json() + instruction.actor.model_dump_json()
    return f"{instruction.request_id}-{hashlib.sha256(body.encode()).hexdigest()[:12]}"


def _is_over(case: str) -> Problem:
    kind, _ = case_no_of(case)
    return _OVER.get(kind, Problem(code="case_is_over"))
