"""Where an order stands: right after its start, as people read it, and with what was said after its end."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from domain.cases.faults import CaseFault
from domain.cases.instructions import Instruction
from domain.ids import order_workflow_id
from domain.keys import CUSTOMERS_OWN, Key
from domain.orders.decisions.decide import decide_late, following
from domain.orders.order import Order
from domain.orders.progress import Progress, begin
from domain.orders.promises import order_clock
from domain.orders.sheets import OrderSheet, for_customers, sheet
from domain.refusals import Refused


@dataclass(frozen=True)
class OrderStanding:
    order: Order
    progress: Progress
    deadline: datetime | None
    faults: tuple[CaseFault, ...] = ()

    @property
    def customer(self) -> str:
        return self.order.customer

    def sheet(self, caller: Key, now: datetime) -> OrderSheet:
        """As far as the caller may see it."""
        whole = sheet(self.order, self.progress, deadline=self.deadline, now=now).but(faults=self.faults)
        return for_customers(whole) if caller.role in CUSTOMERS_OWN else whole

    def with_late(self, said: Iterable[Instruction]) -> "OrderStanding":
        """As if its run had still heard them, oldest first.

        What two people have brought at once is there once: whoever was first has brought it.
        """
        progress = self.progress
        for instruction in said:
            try:
                progress = decide_late(self.order, progress, instruction)
            except Refused:
                continue
        return replace(self, progress=progress)


def late_case(no: str) -> str:
    """For what the instructions that come after the end are handed in: each is a file, beside the one it names."""
    return f"{order_workflow_id(no)}/late"


def begun(order: Order, at: datetime) -> Progress:
    """Its clock runs, and the steps that wait for nothing are open."""
    progress = begin(order, (order_clock(order),))
    for step_id in progress.ready(order):
        progress = following(order, progress.opened(step_id, at), at)
    return progress
