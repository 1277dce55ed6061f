from datetime import timedelta

from temporalio import workflow

from activities.bundles import Bundles
from activities.moves import Moves, TellOrder, Unheard
from domain.cases.events import Happening
from domain.cases.instructions import Instruction
from domain.cases.order_commands import Cancel
from domain.contracts.chains import PartOrder
from domain.orders.order import Order
from domain.orders.progress import PartStanding, StepStatus
from domain.refusals import Problem
from workflows.effects import Impossible, patiently
from workflows.order_case import OrderCase

LOOKS_EVERY = timedelta(hours=12)


async def perform(case: OrderCase, step: PartOrder) -> None:
    part = _placed_now(case, step)
    case.will_undo(step.id)
    case.advance(case.progress.with_part(PartStanding(step=step.id, order=part.no)))
    await case.act(Bundles.place_part, part, summary=f"place {step.item}")
    case.note(Happening.PART_PLACED, step=step.id, values={"order": part.no})
    if case.status(step.id) == StepStatus.OPEN:
        case.advance(case.progress.with_step(step.id, status=StepStatus.STARTED))
    # An order that somebody ends in Temporal says nothing any more.
    while not await case.answered(step.id, until=workflow.now() + LOOKS_EVERY, summary="is its order still there"):
        lost = await case.act(Moves.lost_orders, Unheard(orders=(part.no,)), summary=f"is {part.no} still there")
        if lost.orders and not case.is_answered(step.id):
            raise Impossible(Problem(code="order_lost", values={"order": part.no}))


async def undo(case: OrderCase, step: PartOrder) -> None:
    """As it was said when the bundle was called off. What has ended stays as it is."""
    ending = case.progress.ending
    standing = next((part for part in case.progress.parts_under_way if part.step == step.id), None)
    if standing is None or ending is None or ending.rest != "cancel":
        case.undoable.remove(step.id)
        return
    # It may have been called off while it was being placed.
    part = _placed_now(case, step)
    await case.act(Bundles.place_part, part, summary=f"place {step.item}")
    said = Instruction(
        command=Cancel(reason=ending.reason),
        actor=ending.actor,
        given_at=ending.at,
        request_id=f"{case.no}-cancel",
    )
    told = await patiently(Moves.tell_order, TellOrder(order=standing.order, instruction=said), summary="call it off")
    if told.problem is None:
        return
    if told.problem.code != "order_is_over":
        raise Impossible(told.problem)
    # It has told how it ended before it did.
    case.undoable.remove(step.id)


def _placed_now(case: OrderCase, step: PartOrder) -> Order:
    return case.order.part_placed(step.id, case.progress.step(step.id).round, workflow.now())
