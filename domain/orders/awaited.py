"""What an order waits for, step by step."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from domain.cases.awaited import AwaitedBy, AwaitedCommand, Awaiting, AwaitingCase
from domain.contracts.chains import LABOUR, Verification
from domain.ids import order_workflow_id
from domain.orders.order import Order
from domain.orders.progress import CertificateException, Progress, StepProgress, StepStatus
from domain.orders.sheets import Awaited, awaited
from domain.refusals import Problem

_TROUBLED = (StepStatus.STUCK, StepStatus.FAILED)


def waiting(order: Order) -> AwaitedBy:
    return AwaitedBy(
        case=order_workflow_id(order.no),
        kind=AwaitingCase.ORDER,
        no=order.no,
        customer=order.customer,
        contract=order.terms.contract,
        site=order.request.site,
        order_kind=order.request.kind,
        item_name=order.item.name if order.item else {},
    )


def waits(order: Order, progress: Progress, deadline: datetime | None) -> Iterator[Awaiting]:
    """As its sheet has it, one for each step. `deadline` is the promise that runs out next.

    What an order of a project is in trouble with is its wave's exception, which has an owner and a clock.
    """
    if progress.state.is_final:
        return
    for step_id, group in groupby(awaited(order, progress), key=lambda one: one.step):
        found = list(group)
        step = progress.step(step_id)
        in_question = next((one for one in progress.in_question if one.step == step_id), None)
        if in_question is not None:
            yield _unsettled(in_question, found, is_held=bool(progress.holds))
            continue
        stint = progress.with_own_people(step_id)
        is_troubled = step.status in _TROUBLED
        yield Awaiting(
            step=step_id,
            command=_usual(step, [one.command for one in found]),
            commands=tuple(one.command for one in found),
            role=found[0].role,
            people=found[0].people,
            # It was opened long before it got stuck.
            since=stint.since if stint else None if is_troubled else step.opened_at,
            due=_due(order, progress, step, deadline),
            exception=is_troubled and order.part is None,
            held=bool(progress.holds),
            problem=step.problem,
        )


def _unsettled(one: CertificateException, found: list[Awaited], *, is_held: bool) -> Awaiting:
    """Of certificates no wave knows anything: it is the order's own exception in any case, due by its own clock."""
    return Awaiting(
        step=one.step,
        command=AwaitedCommand.SETTLE_CERTIFICATE,
        commands=tuple(each.command for each in found),
        role=found[0].role,
        people=found[0].people,
        since=one.since,
        due=one.due,
        exception=True,
        held=is_held,
        problem=what_is_questionable(one),
    )


def what_is_questionable(one: CertificateException) -> Problem:
    if one.reason is not None:
        return Problem(code="certificate_doubted", values={"vendor": one.custodian.name, "reason": one.reason})
    held = one.custodian.certificate.certificate if one.custodian.certificate else None
    number, until = (held.number, held.valid_until.isoformat()) if held else ("-", "-")
    values = {"vendor": one.custodian.name, "number": number, "until": until}
    return Problem(code="certificate_ended_away", values=values)


def _usual(step: StepProgress, commands: list[str]) -> AwaitedCommand:
    begun = step.status == StepStatus.STARTED and AwaitedCommand.COMPLETE in commands
    return AwaitedCommand.COMPLETE if begun else AwaitedCommand(commands[0])


def _due(order: Order, progress: Progress, step: StepProgress, deadline: datetime | None) -> datetime | None:
    """Work at a visit is due when that ends; all else when the promise for the whole runs out."""
    visit = progress.appointment
    if visit is None or step.status in _TROUBLED:
        return deadline
    return visit.window.end if isinstance(order.chain.step(step.id), (*LABOUR, Verification)) else deadline
