"""What the records of a launched move project say, from which its report is made."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from domain.cases.instructions import Instruction
from domain.cases.order_commands import Complete, LogWork
from domain.clocks.sla import ClockType
from domain.ids import leg_order_no
from domain.moves.launched.project_progress import ProjectProgress
from domain.moves.launched.wave_progress import LegProgress, WaveState, WorkplaceStanding
from domain.moves.lists.staging import StagedRow
from domain.moves.plans.launches import Launch
from domain.moves.plans.versions import ProjectPlan
from domain.orders.progress import Progress
from domain.times import Instant
from domain.values import Line, Slug, Value


class LedgerLine(Value):
    """An entry of the ledger; what takes an earlier one back has a negative quantity and amount."""

    order: Slug
    at: Instant
    reason: Slug
    text: Line
    quantity: Decimal
    unit: Slug
    unit_price: Decimal
    per: int = 1
    factor: Decimal
    amount: Decimal


@dataclass(frozen=True)
class OrderFacts:
    """`minutes` as they were logged; `broken` are promises to the customer, by clock."""

    minutes: int = 0
    technician: str | None = None
    broken: tuple[tuple[str, datetime], ...] = ()


@dataclass(frozen=True)
class WaveFacts:
    """What a wave that has begun has written of itself, and what it was told."""

    state: WaveState
    given: tuple[Instruction, ...] = ()


@dataclass(frozen=True)
class ProjectRecords:
    """`rows` are those of the list that the plan was made from; `entries` are None for whoever may not read charges."""

    launch: Launch
    progress: ProjectProgress
    plan: ProjectPlan
    rows: Sequence[StagedRow]
    standings: Sequence[WorkplaceStanding]
    orders: Mapping[str, OrderFacts]
    entries: Sequence[LedgerLine] | None
    waves: Mapping[str, WaveFacts] = field(default_factory=dict)


def facts_of(progress: Progress) -> OrderFacts:
    told = (given.command for given in progress.given)
    return OrderFacts(
        minutes=sum(command.minutes for command in told if isinstance(command, LogWork | Complete)),
        technician=progress.appointment.technician if progress.appointment else None,
        broken=tuple(
            (clock.name, clock.breached_at)
            for clock in progress.clocks
            if clock.type == ClockType.SLA and clock.breached_at is not None
        ),
    )


def order_numbers(project: str, legs: Iterable[LegProgress]) -> list[str]:
    """Of every attempt at every leg; a number bears no order where there could be none."""
    return [
        leg_order_no(project, leg.planned.workplace, leg.planned.leg, attempt)
        for leg in legs
        for attempt in range(1, leg.attempt + 1)
    ]
