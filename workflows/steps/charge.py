from temporalio import workflow

from activities.billing import Billing, Post, Reverse
from domain.clocks.sla import SERVICE
from domain.contracts.chains import Charge
from domain.contracts.prices import Charges
from domain.orders.charges import charge_lines, worked_until
from workflows.order_case import OrderCase


async def perform(case: OrderCase, step: Charge) -> None:
    order = case.order
    until = max(workflow.now(), worked_until(order, case.progress))
    lines = charge_lines(order, case.progress, await case.hours.until(SERVICE, until))
    charges = Charges(order_no=order.no, customer=order.customer, contract=order.terms.contract, lines=lines)
    case.will_undo(step.id)
    await case.act(Billing.post_charges, Post(charges=charges, at=workflow.now()), summary="post the charges")
    case.settle(step.id)


async def undo(case: OrderCase, step: Charge) -> None:
    asked = Reverse(order_no=case.order.no, at=workflow.now())
    await case.act(Billing.reverse_charges, asked, summary="take the charges back")
