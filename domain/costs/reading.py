"""Cases as tables keep them, of which no more is read than what is paid for: most of a case is not about money."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError

from domain.cases.order_commands import PartUse
from domain.clocks.sla import ClockKind, ClockType
from domain.contracts.catalogue import Pricing
from domain.contracts.prices import Money
from domain.costs.cases import INCIDENT, Breach, CaseLog, ChargedCase
from domain.incidents.progress import IncidentState
from domain.kinds import OrderState
from domain.orders.charges import began
from domain.people import Role
from domain.times import Instant

_BREACHES: dict[str, Literal["response", "resolution"]] = {
    ClockKind.RESPONSE: "response",
    ClockKind.RESOLUTION: "resolution",
    ClockKind.FULFILMENT: "resolution",
}


class _Pinned(BaseModel):
    version: int


class _PinnedIncident(_Pinned):
    """Without prices its contract includes the work."""

    prices: object = None


class _Asked(BaseModel):
    kind: str = INCIDENT


class _Step(BaseModel):
    id: str
    type: str
    role: Role = Role.TECHNICIAN
    on_site: bool = True


class _Chain(BaseModel):
    steps: tuple[_Step, ...]


class _Item(BaseModel):
    id: str
    pricing: Pricing
    price: Money | None = None


class _Order(BaseModel):
    no: str
    received_at: Instant
    request: _Asked
    terms: _Pinned
    chain: _Chain
    item: _Item | None = None
    part: object = None


class _Incident(BaseModel):
    no: str
    received_at: Instant
    terms: _PinnedIncident


class _Logged(BaseModel):
    type: Literal["log_work", "complete"]
    step: str | None = None
    minutes: int = 0
    started_at: Instant | None = None
    parts: tuple[PartUse, ...] = ()
    outcome: str = "done"


def _other(command: str) -> str:
    if command in ("log_work", "complete"):
        raise PydanticCustomError("work_unreadable", "work that cannot be read is not to be passed over")
    return command


class _Other(BaseModel):
    type: Annotated[str, AfterValidator(_other)]


class _Actor(BaseModel):
    role: Role


class _Given(BaseModel):
    command: Annotated[_Logged | _Other, Field(union_mode="left_to_right")]
    actor: _Actor
    given_at: Instant


class _Clock(BaseModel):
    name: str
    kind: str
    type: str = ClockType.SLA
    breached_at: Instant | None = None


class _StepStanding(BaseModel):
    type: str
    status: str = "waiting"
    closed_at: Instant | None = None


class _Quote(BaseModel):
    price: Money
    at_most: bool = False


class _EndedAt(BaseModel):
    at: Instant


class _Window(BaseModel):
    start: Instant


class _Appointment(BaseModel):
    window: _Window


class _Waiver(BaseModel):
    clock: str
    breached_at: Instant
    agreed_at: Instant | None = None


class _Progress(BaseModel):
    state: str
    given: tuple[_Given, ...] = ()
    clocks: tuple[_Clock, ...] = ()


class _OrderProgress(_Progress):
    steps: tuple[_StepStanding, ...] = ()
    appointment: _Appointment | None = None
    ending: _EndedAt | None = None
    quote: _Quote | None = None


class _IncidentProgress(_Progress):
    resolved_at: Instant | None = None
    withdrawal: _EndedAt | None = None
    waivers: tuple[_Waiver, ...] = ()


def charged_order(order: str, progress: str) -> ChargedCase:
    """Of an order that has ended, as both are written."""
    asked, come = _Order.model_validate_json(order), _OrderProgress.model_validate_json(progress)
    closed = [step.closed_at for step in come.steps if step.closed_at is not None]
    charges = (step for step in come.steps if step.type == "charge" and step.status == "done")
    charged = [step.closed_at for step in charges if step.closed_at is not None]
    last = max(closed, default=asked.received_at)
    is_completed = come.state == OrderState.COMPLETED
    is_called_off = come.state == OrderState.CANCELLED and asked.part is None and come.ending is not None
    return ChargedCase(
        no=asked.no,
        version=asked.terms.version,
        kind=asked.request.kind,
        accepted=asked.received_at,
        ended=come.ending.at if come.ending else max(charged, default=last),
        is_completed=is_completed,
        is_charged=bool(charged) or not is_completed,
        item=asked.item.id if asked.item else None,
        pricing=asked.item.pricing if asked.item else None,
        price=asked.item.price if asked.item else None,
        logs=tuple(_order_logs(asked, come.given)),
        quote=come.quote.price if come.quote else None,
        quote_at_most=come.quote is not None and come.quote.at_most,
        cancelled_at=come.ending.at if is_called_off and come.ending else None,
        appointment=come.appointment.window.start if is_called_off and come.appointment else None,
        breaches=tuple(_breaches(come, frozenset())),
    )


def charged_incident(incident: str, progress: str) -> ChargedCase:
    """Of an incident that is over, as both are written. Where it has no prices, its contract includes the work."""
    asked, come = _Incident.model_validate_json(incident), _IncidentProgress.model_validate_json(progress)
    waived = frozenset((one.clock, one.breached_at) for one in come.waivers if one.agreed_at is not None)
    withdrawn = come.withdrawal.at if come.withdrawal else None
    last = max((one.given_at for one in come.given), default=asked.received_at)
    return ChargedCase(
        no=asked.no,
        version=asked.terms.version,
        kind=INCIDENT,
        accepted=asked.received_at,
        ended=come.resolved_at or withdrawn or last,
        is_completed=come.state == IncidentState.CLOSED,
        is_charged=asked.terms.prices is not None,
        logs=tuple(_incident_logs(asked, come.given)),
        breaches=tuple(_breaches(come, waived)),
    )


def _order_logs(order: _Order, given: Iterable[_Given]) -> Iterator[CaseLog]:
    """As `orders.charges.work_logs` has them, which a law holds them to."""
    steps = {step.id: step for step in order.chain.steps}
    for one in given:
        told = one.command
        if not isinstance(told, _Logged) or told.step is None:
            continue
        step, completes = steps[told.step], told.type == "complete"
        is_work = step.type == "work"
        yield CaseLog(
            step.role if is_work else Role.TECHNICIAN,
            told.minutes,
            _began(told, one, order.received_at),
            told.parts,
            is_visit=completes and is_work and step.on_site,
            wasted=completes and told.outcome == "wasted_visit",
        )


def _incident_logs(incident: _Incident, given: Iterable[_Given]) -> Iterator[CaseLog]:
    for one in given:
        told = one.command
        if isinstance(told, _Logged) and told.type == "log_work":
            yield CaseLog(one.actor.role, told.minutes, _began(told, one, incident.received_at), told.parts)


def _began(told: _Logged, given: _Given, received_at: datetime) -> datetime:
    return began(told.started_at, told.minutes, told_at=given.given_at, received_at=received_at)


def _breaches(progress: _Progress, waived: frozenset[tuple[str, datetime]]) -> Iterator[Breach]:
    """Of what was promised to the customer; those that were waived are held against nobody."""
    for clock in progress.clocks:
        named = _BREACHES.get(clock.kind)
        if named is None or clock.type != ClockType.SLA or clock.breached_at is None:
            continue
        if (clock.name, clock.breached_at) not in waived:
            yield Breach(named, clock.breached_at)
