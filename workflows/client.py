"""The only door to Temporal: starting orders, giving them commands, and reading how they began."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from temporalio.api.enums.v1 import EventType
from temporalio.client import (
    Client,
    RPCError,
    RPCTimeoutOrCancelledError,
    WorkflowHandle,
    WorkflowUpdateFailedError,
    WorkflowUpdateHandle,
    WorkflowUpdateRPCTimeoutOrCancelledError,
    WorkflowUpdateStage,
)
from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCStatusCode

from domain.ids import order_workflow_id
from domain.instructions import Instruction
from domain.orders import Order
from domain.refusals import Problem, Refused
from workflows.order import OrderWorkflow, Receipt
from workflows.refusals import as_refusal

# The embedded server gets slower, not faster, with more callers than this at once (TEMPORAL.md).
STARTS_AT_ONCE = 32
STARTS_WAITING = 500
PATIENCE = timedelta(seconds=8)
TASK_TIMEOUT = timedelta(seconds=5)

KIND = SearchAttributeKey.for_keyword("ImacKind")
CUSTOMER = SearchAttributeKey.for_keyword("ImacCustomer")
SITE = SearchAttributeKey.for_keyword("ImacSite")
SEARCHABLE = (KIND, CUSTOMER, SITE)

_AWAY = {
    # A worker died over the order's last task and no other has taken it yet.
    RPCStatusCode.FAILED_PRECONDITION,
    RPCStatusCode.UNAVAILABLE,
    RPCStatusCode.DEADLINE_EXCEEDED,
    RPCStatusCode.RESOURCE_EXHAUSTED,
    RPCStatusCode.CANCELLED,
    RPCStatusCode.INTERNAL,
    RPCStatusCode.ABORTED,
}


class Away(Exception):
    """Temporal, or every worker, cannot be reached or is overloaded: nothing has happened, ask again."""

    retry_after = timedelta(seconds=5)


class OrderExists(Exception):
    """An order with this number was started before."""


async def connect(*, lazy: bool) -> Client:
    """A client for the server that TEMPORAL_ADDRESS and its companions name.

    A lazy one connects when first used, so that the API can serve what the tables hold while the server is away;
    workers need a connection.
    """
    config = ClientConfig.load_client_connect_config()
    config.setdefault("target_host", "127.0.0.1:7233")
    return await Client.connect(**config, lazy=lazy, data_converter=pydantic_data_converter)


class Temporal:
    """What the API may do with workflows. Raises `Away` whenever the server does not answer in time."""

    def __init__(self, client: Client, task_queue: str) -> None:
        self._client = client
        self._task_queue = task_queue
        self._slots = asyncio.Semaphore(STARTS_AT_ONCE)
        self._waiting = 0

    async def start_order(self, order: Order) -> None:
        """Durable when it returns. Raises `OrderExists` when the number was used before."""
        async with self._slot(), _answered():
            try:
                await self._client.start_workflow(
                    OrderWorkflow.run,
                    order,
                    id=order_workflow_id(order.no),
                    task_queue=self._task_queue,
                    task_timeout=TASK_TIMEOUT,
                    id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                    id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                    search_attributes=_attributes(order),
                    static_summary=f"{order.request.kind} at {order.request.site}",
                    rpc_timeout=PATIENCE,
                )
            except WorkflowAlreadyStartedError as error:
                raise OrderExists(order.no) from error

    async def order_at_start(self, no: str) -> Order | None:
        """The order as it was accepted, read from its history; None if there is no such workflow."""
        async with _answered():
            try:
                events = self._handle(no).fetch_history_events(page_size=1, rpc_timeout=PATIENCE)
                first = await anext(events)
            except RPCError as error:
                if _is_unknown(error):
                    return None
                raise
        assert first.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED
        payloads = first.workflow_execution_started_event_attributes.input.payloads
        (order,) = await self._client.data_converter.decode(payloads, [Order])
        return Order.model_validate(order)

    async def command_order(self, no: str, instruction: Instruction) -> Receipt | None:
        """None when the command is accepted and durable but its effects are still under way.

        Raises `Refused` as the order does, with 404 when there is no such order.
        """
        async with _answered():
            try:
                update = await self._handle(no).start_update(
                    OrderWorkflow.command,
                    instruction,
                    wait_for_stage=WorkflowUpdateStage.ACCEPTED,
                    id=_update_id(instruction),
                    rpc_timeout=PATIENCE,
                )
                return await _result(update)
            except WorkflowUpdateFailedError as error:
                raise _refusal(error) from error
            except RPCError as error:
                if _is_unknown(error):
                    raise Refused(Problem(code="order_is_over")) from error
                raise

    async def correct(self, no: str, written: int) -> None:
        """Have the order write itself anew if the tables hold more of it than has happened. Needs a worker."""
        async with _answered():
            handle = self._handle(no)
            try:
                progress = await handle.query(OrderWorkflow.progress, rpc_timeout=PATIENCE)
                if progress.seq < written:
                    event_id = f"ahead-{written}-{progress.seq}"
                    await handle.signal(OrderWorkflow.look_again, event_id, rpc_timeout=PATIENCE)
            except RPCError as error:
                if not _is_unknown(error):
                    raise

    async def is_alive(self) -> bool:
        try:
            async with _answered():
                return await self._client.service_client.check_health(timeout=timedelta(seconds=2))
        except (Away, RPCError):
            return False

    def _handle(self, no: str) -> WorkflowHandle[OrderWorkflow, Receipt]:
        return self._client.get_workflow_handle_for(OrderWorkflow.run, order_workflow_id(no))

    @asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        if self._waiting >= STARTS_WAITING:
            raise Away
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


@asynccontextmanager
async def _answered() -> AsyncIterator[None]:
    try:
        yield
    except RPCTimeoutOrCancelledError as error:
        raise Away from error
    except RuntimeError as error:
        # A lazy client that has never reached its server says it in this way only.
        if "Failed client connect" in str(error):
            raise Away from error
        raise
    except RPCError as error:
        if error.status in _AWAY or _is_lost_namespace(error):
            raise Away from error
        raise


def _is_lost_namespace(error: RPCError) -> bool:
    # An overloaded server says so of a namespace that is there; it never means that an order does not exist.
    return error.status == RPCStatusCode.NOT_FOUND and error.message.lower().startswith("namespace")


def _is_unknown(error: RPCError) -> bool:
    return error.status == RPCStatusCode.NOT_FOUND and not _is_lost_namespace(error)


def _refusal(error: WorkflowUpdateFailedError) -> Exception:
    refusal = as_refusal(error.cause) if isinstance(error.cause, ApplicationError) else None
    return refusal or error


def _update_id(instruction: Instruction) -> str:
    """The same request of the same actor with the same body is one update; any other the order itself refuses."""
    body = instruction.command.model_dump_json() + instruction.actor.model_dump_json()
    return f"{instruction.request_id}-{hashlib.sha256(body.encode()).hexdigest()[:12]}"


def _attributes(order: Order) -> TypedSearchAttributes:
    return TypedSearchAttributes(
        [
            SearchAttributePair(KIND, str(order.request.kind)),
            SearchAttributePair(CUSTOMER, order.customer),
            SearchAttributePair(SITE, order.request.site),
        ]
    )
