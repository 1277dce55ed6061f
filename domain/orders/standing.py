"""Where an order stands: right after its start, and as people read it."""

from dataclasses import dataclass
from datetime import datetime

from domain.cases.faults import CaseFault
from domain.keys import CUSTOMERS_OWN, Key
from domain.orders.decisions.decide import following
from domain.orders.order import Order
from domain.orders.progress import Progress, begin
from domain.orders.promises import order_clock
from domain.orders.sheets import OrderSheet, for_customers, sheet


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


def begun(order: Order, at: datetime) -> Progress:
    """Its clock runs, and the steps that wait for nothing are open."""
    progress = begin(order, (order_clock(order),))
    for step_id in progress.ready(order):
        progress = following(order, progress.opened(step_id, at), at)
    return progress
