"""Orders to measure with: of each kind, of ten steps, and with the commands that bring them to their end."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError

from bench.ground.stand import QUEUE, Stand
from db.assets.asset import store_asset
from domain.assets.asset import Asset, AssetStatus
from domain.cases import order_commands as commands
from domain.cases.instructions import Instruction
from domain.cases.order_commands import Command
from domain.contracts.chains import ErasureMethod, Notice
from domain.contracts.contract import Contract
from domain.contracts.tailoring import Insertion, Tailoring
from domain.ids import order_workflow_id
from domain.kinds import OrderKind
from domain.orders.order import Order, Registers, accept
from domain.people import Actor
from tests.world import (
    APPROVER,
    CONTRACT,
    COORDINATOR,
    DESK,
    HQ,
    NEW_DESK,
    RECYCLER,
    REQUESTER,
    TECHNICIAN,
    request,
)
from workflows.client import Temporal
from workflows.order import OrderWorkflow
from workflows.receipts import Receipt

OrdersRun = Sequence[tuple[Actor, Command]]
_NUMBERS = count(1)


def _news(number: int, *, after: str, before: tuple[str, ...] = ()) -> Insertion:
    return Insertion(step=Notice(id=f"news-{number}", template="order_progress", after=(after,)), before=before)


# Ten steps that machines do alone: reservation, seven notices, asset update, charge.
BY_MACHINES = CONTRACT.but(
    chains={
        OrderKind.INSTALL: Tailoring(
            drop=("approval", "appointment", "work", "acceptance"),
            add=(
                _news(1, after="reservation"),
                *(_news(number, after=f"news-{number - 1}") for number in range(2, 7)),
                _news(7, after="news-6", before=("asset_update",)),
            ),
        )
    }
)
# The default seven steps of an Install and three notices; five of the ten wait for somebody.
BY_PEOPLE = CONTRACT.but(
    chains={
        OrderKind.INSTALL: Tailoring(
            add=(
                _news(1, after="approval", before=("reservation",)),
                _news(2, after="appointment", before=("work",)),
                _news(3, after="acceptance", before=("asset_update",)),
            )
        )
    }
)


def installing() -> OrdersRun:
    return (
        (APPROVER, commands.Approve()),
        (COORDINATOR, _booking()),
        (TECHNICIAN, commands.Start()),
        (TECHNICIAN, commands.Complete(minutes=75)),
        (REQUESTER, commands.Accept()),
    )


def _booking() -> commands.Book:
    start = datetime.now(UTC) + timedelta(days=1)
    return commands.Book(window=commands.Window(start=start, end=start + timedelta(hours=2)))


def _erasure(serial: str) -> commands.RecordErasure:
    return commands.RecordErasure(
        serial=serial,
        method=ErasureMethod.PURGE,
        tool="eraser",
        passed=True,
        verification="10 %",
        operator="p-lang",
        verifier="p-koch",
        place="Lager",
        done_at=datetime.now(UTC),
    )


def _handing_over(serial: str, taker: Actor) -> OrdersRun:
    return (
        (TECHNICIAN, commands.ConfirmCustody(side="giver", serials=(serial,))),
        (taker, commands.ConfirmCustody(side="taker", serials=(serial,))),
    )


def way(order: Order) -> OrdersRun:
    """The shortest way from request to charge along the default chain of its kind."""
    serial = order.assets[0].serial or order.assets[0].tag
    approved_and_booked: OrdersRun = ((APPROVER, commands.Approve()), (COORDINATOR, _booking()))
    done: OrdersRun = ((TECHNICIAN, commands.Start()), (TECHNICIAN, commands.Complete(minutes=60)))
    accepted: OrdersRun = ((REQUESTER, commands.Accept()),)
    ways: dict[OrderKind, OrdersRun] = {
        OrderKind.INSTALL: (*approved_and_booked, *done, *accepted),
        OrderKind.MOVE: (*approved_and_booked, *done, *_handing_over(serial, COORDINATOR), *done, *accepted),
        OrderKind.ADD: (*approved_and_booked, *done, *accepted),
        OrderKind.CHANGE: (*approved_and_booked, *done, *accepted),
        OrderKind.REMOVE: (
            *approved_and_booked,
            *done,
            (TECHNICIAN, _erasure(serial)),
            *_handing_over(serial, COORDINATOR),
        ),
        OrderKind.DISPOSE: (
            (APPROVER, commands.Approve()),
            (TECHNICIAN, _erasure(serial)),
            *_handing_over(serial, RECYCLER),
            (COORDINATOR, commands.AddEvidence(document="disposal_proof", document_no="EN-1", serials=(serial,))),
        ),
        OrderKind.BREAK_FIX: ((COORDINATOR, _booking()), *done, *accepted),
        OrderKind.ASSIST: (*approved_and_booked, *done, *accepted),
    }
    return ways[order.request.kind]


_BEGINS = {
    OrderKind.INSTALL: AssetStatus.IN_STOCK,
    OrderKind.DISPOSE: AssetStatus.RETIRED,
}


async def new_orders(stand: Stand, kind: OrderKind, contract: Contract, number: int) -> list[Order]:
    """Accepted orders that nobody has started, each with an asset of its own in the register."""
    at = datetime.now(UTC)
    status = _BEGINS.get(kind, AssetStatus.DEPLOYED)
    place = DESK if status == AssetStatus.DEPLOYED else None
    assets = []
    for n in (next(_NUMBERS) for _ in range(number)):
        tag = f"B-{n:06}"
        assets.append(Asset(tag=tag, customer="adler", serial=f"S{tag}", model="T14", status=status, place=place))
    async with stand.database.writing() as session:
        for asset in assets:
            await store_asset(session, asset, before=None, under=asset.tag, source="bench", at=at)
    return [_order(kind, contract, asset, at) for asset in assets]


def _order(kind: OrderKind, contract: Contract, asset: Asset, at: datetime) -> Order:
    wanted = [{"model": "RAM 16 GB"}] if kind == OrderKind.ADD else []
    target = {OrderKind.INSTALL: DESK, OrderKind.MOVE: NEW_DESK}.get(kind)
    asked = request(kind, assets=[asset.tag], target=target, wanted=wanted)
    return accept(contract, asked, Registers((HQ,), (asset,)), no=f"O-{asset.tag}", at=at)


def said(number: int, actor: Actor, command: Command) -> Instruction:
    return Instruction(command=command, actor=actor, given_at=datetime.now(UTC), request_id=f"said-{number}")


async def work_off(stand: Stand, order: Order, commands: OrdersRun) -> WorkflowHandle[OrderWorkflow, Receipt]:
    """Start the order and say to it what is to be said, until it has ended."""
    await Temporal(stand.client, QUEUE).start_order(order)
    handle: WorkflowHandle[OrderWorkflow, Receipt] = stand.client.get_workflow_handle(
        order_workflow_id(order.no), result_type=Receipt
    )
    for number, (actor, command) in enumerate(commands):
        await say(handle, said(number, actor, command))
    await handle.result()
    return handle


async def say(handle: WorkflowHandle[OrderWorkflow, Receipt], instruction: Instruction) -> None:
    """A command is refused as long as a machine's step before it is slow; it is then said again."""
    async with asyncio.timeout(60):
        while True:
            try:
                await handle.execute_update(OrderWorkflow.command, instruction)
            except WorkflowUpdateFailedError:
                await asyncio.sleep(0.1)
            else:
                return
