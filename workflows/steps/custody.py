from datetime import datetime, timedelta

from temporalio import workflow

from activities.vendors import CustodianAsked, Vendors
from domain.cases.events import Happening
from domain.contracts.chains import Custody
from domain.orders.departures import GoodsAway, certificate_at, certified, under_way
from domain.orders.progress import Custodian, StepStatus
from domain.people import Role
from workflows.effects import Impossible
from workflows.order_case import OrderCase
from workflows.steps.offering import have_taken

# Nobody waits for years at once, whatever a certificate says.
LONGEST = timedelta(days=365)


async def perform(case: OrderCase, step: Custody) -> None:
    if not step.irreversible:
        case.will_undo(step.id)
    if step.offered:
        await have_taken(case, step)
    else:
        await case.answered(step.id)


async def undo(case: OrderCase, step: Custody) -> None:
    if case.status(step.id) == StepStatus.DONE:
        case.tell("bring_back", roles=(Role.COORDINATOR,), values={"giver": step.giver, "taker": step.taker})


async def watch_certificates(case: OrderCase) -> None:
    """As long as goods are away under one: that it ends is said at once, unless a renewed one is there by then."""
    while True:
        await workflow.wait_condition(lambda: under_way(case.order, case.progress) is not None)
        away = under_way(case.order, case.progress)
        assert away is not None
        if await _has_ended(case, away):
            await _look_again(case, away)


async def _has_ended(case: OrderCase, away: GoodsAway) -> bool:
    """False when something else is to be watched by then, or nothing, or it takes longer still."""
    left = away.ends_at - workflow.now()
    if left > timedelta(0):
        try:
            await workflow.wait_condition(
                lambda: under_way(case.order, case.progress) != away,
                timeout=min(left, LONGEST),
                timeout_summary=f"the certificate of {away.custodian.vendor} ends",
            )
        except TimeoutError:
            return away.ends_at <= workflow.now()
        return False
    return True


async def _look_again(case: OrderCase, away: GoodsAway) -> None:
    renewed = await _renewed(case, away, workflow.now())
    # It may have been proven or ended while it was looked up.
    if under_way(case.order, case.progress) != away:
        return
    if renewed is not None:
        case.advance(case.progress.but(custodians=(*case.progress.custodians, renewed)))
        case.note(Happening.CERTIFICATE_RENEWED, step=away.step, values=certified([renewed]))
        return
    step = case.order.chain.step(away.step)
    assert isinstance(step, Custody)
    case.advance(case.progress.questioned(away.step, away.ends_at, step.settle_minutes))
    values = certified([away.custodian]) | {"until": _last_day(away.custodian)}
    case.note(Happening.CERTIFICATE_EXPIRED, step=away.step, values=values)


async def _renewed(case: OrderCase, away: GoodsAway, at: datetime) -> Custodian | None:
    held = away.custodian.certificate
    assert held is not None
    asked = CustodianAsked(
        customer=case.order.customer,
        vendor=away.custodian.vendor,
        certificate=held.certificate.kind,
        zone=case.order.terms.access.zone,
    )
    try:
        found = await case.act(Vendors.find_custodian, asked, summary="is there a renewed certificate")
    except Impossible:
        found = None
    now = certificate_at(found, at) if found else None
    if found is None or now is None:
        return None
    return away.custodian.but(at=at, name=found.name, version=found.version, certificate=now)


def _last_day(custodian: Custodian) -> str:
    return custodian.certificate.certificate.valid_until.isoformat() if custodian.certificate else ""
