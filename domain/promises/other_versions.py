"""What a case's clocks would run by, had it begun under another version of its contract."""

from datetime import timedelta

from domain.clocks.calendars import Calendar
from domain.clocks.sla import SERVICE, SlaClock
from domain.contracts.contract import Contract
from domain.contracts.matrix import Counting
from domain.incidents.clocks import clock_of_cells
from domain.incidents.incident import Incident
from domain.orders.order import Order
from domain.orders.promises import WHOLE
from domain.priorities import Priority
from domain.promises.what_ifs import WhatIf
from domain.refusals import Problem, Unacceptable

AT = "/contract_version"


def order_under(order: Order, contract: Contract, clock: SlaClock) -> WhatIf:
    if clock.name != WHOLE:
        return WhatIf(calendar=_hours(contract, clock))
    item = contract.item(order.item.id) if order.item else None
    kind = order.request.kind
    target = (item.target_minutes if item else None) or contract.targets.get(kind)
    if target is None:
        raise Unacceptable(Problem(code="kind_not_offered", at=AT, values={"kind": kind}))
    return WhatIf(calendar=_hours(contract, clock), target_minutes=target)


def incident_under(incident: Incident, priority: Priority, contract: Contract, clock: SlaClock) -> WhatIf:
    row = clock_of_cells(clock.name)
    if row is None or row.repeats:
        return WhatIf(calendar=_hours(contract, clock))
    if contract.matrix is None:
        raise Unacceptable(Problem(code="incidents_not_offered", at=AT, values={"contract": contract.id}))
    cell = contract.matrix.cell(priority, in_hours=incident.in_hours)
    target = row.target_in(cell)
    always = Calendar(zone=contract.calendar.zone, always=True)
    return WhatIf(
        calendar=contract.calendar if cell.counting == Counting.SERVICE else always,
        target_minutes=target and int(target / timedelta(minutes=1)),
    )


def _hours(contract: Contract, clock: SlaClock) -> Calendar | None:
    return contract.calendar if clock.hours.startswith(SERVICE) else None
