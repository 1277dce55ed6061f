"""How each kind of step is performed and undone."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from workflows.order_case import OrderCase
from workflows.steps import (
    acceptance,
    appointment,
    approval,
    asset_update,
    charge,
    custody,
    erasure,
    evidence,
    notice,
    part_order,
    reservation,
    vendor_dispatch,
    verification,
    work,
)

Performance = Callable[[OrderCase, Any], Awaitable[None]]


class Handler(NamedTuple):
    """`undo` is called only for steps that have put themselves on the case's list before they acted."""

    perform: Performance
    undo: Performance | None = None


HANDLERS: dict[str, Handler] = {
    "approval": Handler(approval.perform),
    "reservation": Handler(reservation.perform, reservation.undo),
    "appointment": Handler(appointment.perform, appointment.undo),
    "work": Handler(work.perform, work.undo),
    "erasure": Handler(erasure.perform),
    "custody": Handler(custody.perform, custody.undo),
    "evidence": Handler(evidence.perform),
    "vendor_dispatch": Handler(vendor_dispatch.perform, vendor_dispatch.undo),
    "verification": Handler(verification.perform),
    "acceptance": Handler(acceptance.perform),
    "asset_update": Handler(asset_update.perform, asset_update.undo),
    "part_order": Handler(part_order.perform, part_order.undo),
    "charge": Handler(charge.perform, charge.undo),
    "notice": Handler(notice.perform),
}
