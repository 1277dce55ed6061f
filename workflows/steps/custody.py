from domain.contracts.chains import Custody
from domain.people import Role
from workflows.order_case import HUMAN, OrderCase


async def perform(case: OrderCase, step: Custody) -> None:
    if not step.irreversible:
        case.will_undo(step.id)
    await case.answered(step.id)


async def undo(case: OrderCase, step: Custody) -> None:
    if case.status(step.id) not in HUMAN:
        case.tell("bring_back", roles=(Role.COORDINATOR,), values={"giver": step.giver, "taker": step.taker})
