"""The order as people and systems read it: what was asked and promised, where it stands, and what it waits for."""

from collections.abc import Mapping
from datetime import datetime

from domain.assets.asset import Asset
from domain.cases.case import CaseProgress
from domain.cases.faults import CaseFault
from domain.cases.holders import Broken, Burnt, Stint, broken
from domain.cases.order_commands import Book
from domain.clocks.holds import ClockHold
from domain.clocks.sla import ClockKind, ClockType
from domain.contracts.catalogue import LANGUAGES, ItemWords, in_words
from domain.contracts.chains import Approval, StepBase, Work
from domain.kinds import OrderKind, OrderState
from domain.orders.answers import ItemAnswer, answered
from domain.orders.decisions.decide import RULES
from domain.orders.decisions.offered import is_awaited
from domain.orders.order import Order, OrderRequest
from domain.orders.papers import OrderPaper, papers_of
from domain.orders.progress import (
    LIVE,
    CertificateException,
    Custodian,
    Ending,
    OwnPeopleStint,
    PartStanding,
    Progress,
    Quote,
    StepProgress,
    StepStatus,
)
from domain.people import Role
from domain.times import Duration, Instant
from domain.values import Line, Slug, Value, clean
from domain.vendors.jobs import VendorJob
from domain.vendors.jobs import for_customers as jobs_for_customers


class Awaited(Value):
    """One command that would bring an open step on, the role that usually gives it, and who is named for that."""

    step: Slug
    command: Slug
    role: Role | None = None
    people: tuple[Slug, ...] = ()


class ClockFace(Value):
    name: Line
    kind: ClockKind
    type: ClockType
    target: Duration
    started_at: Instant | None
    stopped_at: Instant | None
    cancelled_at: Instant | None = None
    breached_at: Instant | None
    held: bool
    deadline: Instant | None = None
    used: Duration | None = None


class OrderSheet(Value):
    """`deadline` is None while the clock is held or has stopped. `seq` grows with everything that happens.

    `faults` are those of what runs it, not of the work. `item` is what of the catalogue was ordered, the kind where
    that lists nothing; its name is then the kind's. `expected_minutes` are of work. `bundle` is the order that this one
    belongs to; `parts` are those that belong to this one. `custodians` have taken goods, each as the directory had it
    then; `exceptions` are what has become questionable of them. `jobs` are those that vendors have or are asked to
    take, `stints` who had the order when, `burnt` for how much of the promised time, once it has ended; `broken` is
    what was promised by us or by a vendor and not kept. `own_people` is when which step was with the customer's own
    people.
    """

    no: Slug
    customer: Slug
    contract: Slug
    contract_version: int
    kind: OrderKind
    state: OrderState
    site: Slug
    received_at: Instant
    deadline: Instant | None
    missed: bool
    request: OrderRequest
    assets: tuple[Asset, ...]
    steps: tuple[StepProgress, ...]
    awaiting: tuple[Awaited, ...]
    appointment: Book | None
    holds: tuple[ClockHold, ...]
    clocks: tuple[ClockFace, ...]
    ending: Ending | None
    seq: int
    faults: tuple[CaseFault, ...] = ()
    papers: tuple[OrderPaper, ...] = ()
    item: Slug | None = None
    item_name: ItemWords = {}
    answered: tuple[ItemAnswer, ...] = ()
    quote: Quote | None = None
    expected_minutes: int | None = None
    bundle: Slug | None = None
    parts: tuple[PartStanding, ...] = ()
    custodians: tuple[Custodian, ...] = ()
    exceptions: tuple[CertificateException, ...] = ()
    jobs: tuple[VendorJob, ...] = ()
    stints: tuple[Stint, ...] = ()
    burnt: tuple[Burnt, ...] = ()
    broken: tuple[Broken, ...] = ()
    own_people: tuple[OwnPeopleStint, ...] = ()


# In a message there is room for so much of what was asked and answered.
MOST_TOLD, LONGEST_TOLD = 10, 200


class OrderLine(Value):
    """One order in a list. `technician`, `starts_at` and `ends_at` are of its visit, once one is agreed.

    `item` and its name are as on its sheet.
    """

    no: Slug
    customer: Slug
    contract: Slug
    kind: OrderKind
    state: OrderState
    site: Slug
    requester: Slug
    technician: Slug | None = None
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    reference: Line | None
    received_at: Instant
    updated_at: Instant
    deadline: Instant | None
    missed: bool
    stuck: bool
    faults: tuple[CaseFault, ...] = ()
    item: Slug | None = None
    item_name: ItemWords = {}


def sheet(order: Order, progress: Progress, *, deadline: datetime | None, now: datetime) -> OrderSheet:
    return OrderSheet(
        no=order.no,
        customer=order.customer,
        contract=order.terms.contract,
        contract_version=order.terms.version,
        kind=order.request.kind,
        state=progress.state,
        site=order.request.site,
        received_at=order.received_at,
        deadline=deadline,
        missed=progress.is_missed,
        request=order.request,
        assets=progress.assets,
        steps=progress.steps,
        awaiting=awaited(order, progress),
        appointment=progress.appointment,
        holds=progress.holds,
        clocks=faces(progress, now),
        ending=progress.ending,
        seq=progress.seq,
        papers=papers_of(progress),
        item=order.item.id if order.item else order.request.kind,
        item_name=order.item.name if order.item else {},
        answered=answers_of(order),
        quote=progress.quote,
        expected_minutes=expected_minutes(order) if order.item else None,
        bundle=order.bundle.order if order.bundle else None,
        parts=_parts(order, progress),
        custodians=progress.custodians,
        exceptions=progress.exceptions,
        jobs=progress.jobs,
        stints=progress.stints,
        burnt=progress.burnt,
        broken=broken(progress.clocks),
        own_people=progress.own_people,
    )


def _parts(order: Order, progress: Progress) -> tuple[PartStanding, ...]:
    """Of a bundle, in the order in which it lists them; what has not been placed yet is not among them."""
    steps = [step.id for step in order.chain.steps]
    return tuple(sorted(progress.parts, key=lambda part: steps.index(part.step)))


def expected_minutes(order: Order) -> int:
    """How long the work on it should take, by whomever: as its item says, or its steps do."""
    if order.item is not None and order.item.estimate_minutes is not None:
        return order.item.estimate_minutes
    return sum(step.estimate_minutes for step in order.chain.steps if isinstance(step, Work))


def told_of(order: Order) -> dict[str, str]:
    """What messages say of the item that was ordered: its name, and what was asked and answered, in each language."""
    if order.item is None:
        return {}
    found = answers_of(order)[:MOST_TOLD]
    told = {f"item_{language}": in_words(order.item.name, language) for language in LANGUAGES}
    for language in LANGUAGES:
        lines = (f"{in_words(one.text, language)} {in_words(one.name, language, one.answer)}" for one in found)
        told[f"answers_{language}"] = " · ".join(clean(line, LONGEST_TOLD) for line in lines)
    return told


def answers_of(order: Order) -> tuple[ItemAnswer, ...]:
    return answered(order.item.questions, order.request.answers) if order.item else ()


def line_for_customers(line: OrderLine) -> OrderLine:
    return line.but(faults=())


def for_customers(whole: OrderSheet) -> OrderSheet:
    clocks = tuple(face for face in whole.clocks if face.type.is_for_customers)
    late = tuple(one for one in whole.broken if one.type.is_for_customers)
    return whole.but(faults=(), clocks=clocks, broken=late, jobs=jobs_for_customers(whole.jobs))


# Ways out that always stand open are not what an order waits for.
ALWAYS_OPEN = (
    "skip",
    "hold",
    "resume",
    "cancel",
    "log_work",
    "reschedule",
    "reject",
    "decline_acceptance",
    "add_paper",
    "add_erasure_report",
    "declare_waste",
    "add_recycler_list",
    "doubt_certificate",
    "hand_over",
)


def awaited(order: Order, progress: Progress) -> tuple[Awaited, ...]:
    """What somebody has to say next, from the same table by which commands are judged."""
    found = []
    for step in order.chain.steps:
        status = progress.step(step.id).status
        if progress.with_own_people(step.id) is not None:
            theirs = Role.CONTACT
            found.append(Awaited(step=step.id, command="hand_over", role=theirs, people=order.people(theirs)))
            continue
        for command, rule in RULES.items():
            name = command.model_fields["type"].default
            is_open = status in LIVE and name not in ALWAYS_OPEN and rule.aims(step) and status in rule.status
            if is_open and is_awaited(progress, step, name):
                role = Role.COORDINATOR if name in _WITH_VENDORS else _acting(step, status)
                people = order.people(role) if role else ()
                found.append(Awaited(step=step.id, command=name, role=role, people=people))
        if any(one.step == step.id for one in progress.in_question):
            role = Role.COORDINATOR
            found.append(Awaited(step=step.id, command="settle_certificate", role=role, people=order.people(role)))
    return tuple(found)


# Whoever speaks with vendors.
_WITH_VENDORS = ("dispatch", "report_vendor")


def _acting(step: StepBase, status: StepStatus) -> Role | None:
    if status in (StepStatus.STUCK, StepStatus.FAILED):
        return Role.COORDINATOR
    return step.role if isinstance(step, Approval | Work) else _USUALLY.get(getattr(step, "type", ""))


_USUALLY = {
    "appointment": Role.COORDINATOR,
    "erasure": Role.TECHNICIAN,
    "custody": Role.TECHNICIAN,
    "evidence": Role.COORDINATOR,
    "vendor_dispatch": Role.COORDINATOR,
    "verification": Role.TECHNICIAN,
    "acceptance": Role.REQUESTER,
}


def faces(
    progress: CaseProgress, now: datetime, deadlines: Mapping[str, datetime] | None = None
) -> tuple[ClockFace, ...]:
    return tuple(
        ClockFace(
            name=clock.name,
            kind=clock.kind,
            type=clock.type,
            target=clock.target,
            started_at=clock.started_at,
            stopped_at=clock.stopped_at,
            cancelled_at=clock.cancelled_at,
            breached_at=clock.breached_at,
            held=bool(clock.held_by(now)),
            deadline=(deadlines or {}).get(clock.name),
        )
        for clock in progress.clocks
    )
