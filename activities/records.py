"""Writing down what a workflow has decided: projection and journal in one transaction."""

from temporalio import activity

from db.engine import Database
from db.journal import withdraw, write_events
from db.orders import NEVER, OrderRow, order_row
from domain.events import Event
from domain.ids import order_workflow_id
from domain.orders import Order
from domain.progress import Progress, StepStatus
from domain.times import Instant
from domain.values import Value


class Entry(Value):
    """Events since the last entry, and the order as it stands after them.

    `whole` says that this is all that ever happened: whatever the tables hold beyond it was written in a workflow task
    that was lost before it was durable.
    """

    order: Order
    progress: Progress
    events: tuple[Event, ...]
    deadline: Instant | None
    at: Instant
    whole: bool = False


class Records:
    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn
    async def record(self, entry: Entry) -> int:
        """The last sequence number that is now written; a repeat, or an entry that comes late, changes nothing."""
        workflow_id = order_workflow_id(entry.order.no)
        async with self._database.writing() as session:
            row = await order_row(session, entry.order.no) or _new_row(entry)
            as_known = await write_events(session, workflow_id, entry.order.customer, entry.events)
            if entry.whole:
                await withdraw(session, workflow_id, entry.progress.seq + 1)
            if entry.whole or not as_known or entry.progress.seq >= row.seq:
                _update(row, entry)
                session.add(row)
        return entry.progress.seq


def _new_row(entry: Entry) -> OrderRow:
    order = entry.order
    return OrderRow(
        no=order.no,
        customer=order.customer,
        contract=order.terms.contract,
        kind=order.request.kind,
        state=entry.progress.state,
        site=order.request.site,
        requester=order.request.requester,
        reference=order.request.reference,
        received_at=order.received_at,
        updated_at=order.received_at,
        order=order.model_dump_json(exclude_none=True),
        progress="",
    )


def _update(row: OrderRow, entry: Entry) -> None:
    progress = entry.progress
    row.state, row.seq = progress.state, progress.seq
    row.updated_at = entry.at
    row.deadline = entry.deadline or NEVER
    row.missed = progress.is_missed
    row.stuck = any(step.status == StepStatus.STUCK for step in progress.steps)
    row.progress = progress.model_dump_json(exclude_none=True)
