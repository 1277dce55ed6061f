"""What orders are measured against: workflows written by hand that call activities and decide nothing."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.assets import ChangeAssets, Reserve
    from activities.billing import Post
    from activities.calendars import HoursAsked, WorkingDays
    from activities.notices import Outgoing
    from activities.records import OrderEntry
    from domain.assets.asset import AssetChange, AssetStatus
    from domain.cases.events import Event, Message
    from domain.cases.instructions import Instruction
    from domain.contracts.prices import Charges, piece
    from domain.ids import order_workflow_id
    from domain.orders.order import Order
    from domain.orders.progress import begin
    from domain.people import MACHINE
    from domain.times import Instant
    from domain.values import Value

PATIENCE = timedelta(seconds=60)


class BareCall(Value):
    """One activity; `about` names the messages or journal entries it is to write."""

    activity: str
    about: tuple[str, ...] = ()


class BareJob(Value):
    """Calls in stages: each stage but the first waits for a command."""

    order: Order
    stages: tuple[tuple[BareCall, ...], ...]
    local: bool


@workflow.defn
class Started:
    """The least a workflow can be."""

    @workflow.run
    async def run(self, text: str) -> None:
        return


@workflow.defn
class BareOrder:
    @workflow.init
    def __init__(self, job: BareJob) -> None:
        self.order = job.order
        self.heard = 0
        self.answered = -1
        self.seq = 0
        self.told = 0

    @workflow.run
    async def run(self, job: BareJob) -> None:
        for stage in job.stages:
            await workflow.wait_condition(lambda: self.heard > self.answered)
            for call in stage:
                await self.perform(call, job.local)
            self.answered += 1
        await workflow.wait_condition(workflow.all_handlers_finished)

    @workflow.update
    async def command(self, instruction: Instruction) -> None:
        self.heard += 1
        number = self.heard
        await workflow.wait_condition(lambda: self.answered >= number)

    async def perform(self, call: BareCall, local: bool) -> None:
        asked = ASKED[call.activity](self, call)
        if local:
            await workflow.execute_local_activity(call.activity, asked, schedule_to_close_timeout=PATIENCE)
        else:
            await workflow.execute_activity(call.activity, asked, start_to_close_timeout=PATIENCE)


class BareMove(Value):
    """What one parent has done, and how much of it at once."""

    jobs: tuple[BareJob, ...]
    at_once: int


@workflow.defn
class BareWave:
    @workflow.run
    async def run(self, move: BareMove) -> None:
        waiting = list(reversed(move.jobs))

        async def work_off() -> None:
            while waiting:
                job = waiting.pop()
                await workflow.execute_child_workflow(BareOrder.run, job, id=f"bare/{job.order.no}")

        await asyncio.gather(*(work_off() for _ in range(move.at_once)))


class BareAlarm(Value):
    """What is to be noted when it is due."""

    key: str
    due: Instant
    local: bool


@workflow.defn
class BareTimer:
    @workflow.run
    async def run(self, alarm: BareAlarm) -> None:
        # One that begins after its time is late, and no fault.
        await workflow.sleep(max(alarm.due - workflow.now(), timedelta(0)))
        if alarm.local:
            await workflow.execute_local_activity("note", alarm.key, schedule_to_close_timeout=PATIENCE)
        else:
            await workflow.execute_activity("note", alarm.key, start_to_close_timeout=PATIENCE)


def _hours(bare: BareOrder, call: BareCall) -> HoursAsked:
    at, terms = bare.order.received_at, bare.order.terms
    return HoursAsked(calendar=terms.calendar, start=at, until=at, span=2 * timedelta(minutes=terms.target_minutes))


def _days(bare: BareOrder, call: BareCall) -> WorkingDays:
    return WorkingDays(calendar=bare.order.terms.calendar, start=workflow.now(), days=3)


def _reserve(bare: BareOrder, call: BareCall) -> Reserve:
    order = bare.order
    return Reserve(
        key=f"assets:{order.no}/reservation",
        customer=order.customer,
        order_no=order.no,
        tags=order.request.assets,
        wanted=(),
        at=workflow.now(),
    )


def _change(bare: BareOrder, call: BareCall) -> ChangeAssets:
    order = bare.order
    changes = tuple(
        AssetChange(tag=tag, status=AssetStatus.DEPLOYED, place=order.request.target) for tag in order.request.assets
    )
    return ChangeAssets(
        key=f"assets:{order.no}/asset_update",
        customer=order.customer,
        order_no=order.no,
        changes=changes,
        at=workflow.now(),
    )


def _charge(bare: BareOrder, call: BareCall) -> Post:
    order = bare.order
    lines = (piece("flat", "flat", order.request.kind, order.terms.prices.flat[order.request.kind]),)
    charges = Charges(order_no=order.no, customer=order.customer, contract=order.terms.contract, lines=lines)
    return Post(charges=charges, at=workflow.now())


def _record(bare: BareOrder, call: BareCall) -> OrderEntry:
    now = workflow.now()
    events = tuple(Event(seq=bare.seq + n, at=now, what=what, actor=MACHINE) for n, what in enumerate(call.about, 1))
    bare.seq += len(events)
    progress = begin(bare.order, ()).but(seq=bare.seq)
    return OrderEntry(order=bare.order, progress=progress, events=events, deadline=now, at=now)


def _deliver(bare: BareOrder, call: BareCall) -> Outgoing:
    order = bare.order
    known = {"order": order.no, "kind": order.request.kind, "site": order.request.site, "reference": ""}
    facts = known | {"zone": "Europe/Berlin", "deadline": order.received_at.isoformat()}
    facts |= {
        "from": order.received_at.isoformat(),
        "to": order.received_at.isoformat(),
        "step": "work",
        "until": order.received_at.isoformat(),
    }
    bare.told += len(call.about)
    messages = (
        Message(
            key=f"notice:{order.no}/{template}/{bare.told - n}",
            case=order_workflow_id(order.no),
            contract=order.terms.contract,
            template=template,
            people=(order.request.requester,),
            values=facts,
        )
        for n, template in enumerate(call.about)
    )
    return Outgoing(messages=tuple(messages))


ASKED: dict[str, Callable[[BareOrder, BareCall], Value]] = {
    "service_hours": _hours,
    "after_working_days": _days,
    "reserve_assets": _reserve,
    "change_assets": _change,
    "post_charges": _charge,
    "record": _record,
    "deliver": _deliver,
}
