"""What an order costs: from the work logged and the prices that were promised to charge lines."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from domain.billing.rounding import Rounding, rounded_once
from domain.cases.order_commands import Complete, LogWork, PartUse
from domain.clocks.windows import ServiceHours
from domain.contracts.catalogue import Pricing
from domain.contracts.chains import Work
from domain.contracts.prices import ChargeLine, PriceList, piece, time_line
from domain.orders.order import Order
from domain.orders.progress import Progress
from domain.people import Role
from domain.times import MINUTE
from domain.values import Slug, Text, Value


class WorkLog(Value):
    """One stretch of work as it was told; `minutes` are raw, `step` is what was worked on, `person` has told of it."""

    step: Slug
    person: Slug | None = None
    note: Text | None = None
    role: Role
    minutes: int
    started_at: datetime
    parts: tuple[PartUse, ...]
    is_visit: bool = False
    wasted: bool = False

    @property
    def ended_at(self) -> datetime:
        return self.started_at + timedelta(minutes=self.minutes)


def began(said: datetime | None, minutes: int, *, told_at: datetime, received_at: datetime) -> datetime:
    """When work began: without a start it is taken to have ended when told, and not to be older than its case."""
    return said or max(received_at, told_at - timedelta(minutes=minutes))


def work_logs(order: Order, progress: Progress) -> Iterator[WorkLog]:
    """Every log in the order in which it was given."""
    for given in progress.given:
        told = given.command
        if not isinstance(told, LogWork | Complete) or told.step is None:
            continue
        step = order.chain.step(told.step)
        yield WorkLog(
            step=step.id,
            person=given.actor.person,
            note=told.reason,
            role=step.role if isinstance(step, Work) else Role.TECHNICIAN,
            minutes=told.minutes,
            started_at=began(told.started_at, told.minutes, told_at=given.given_at, received_at=order.received_at),
            parts=told.parts,
            is_visit=isinstance(told, Complete) and isinstance(step, Work) and step.on_site,
            wasted=isinstance(told, Complete) and told.outcome == "wasted_visit",
        )


def worked_until(order: Order, progress: Progress) -> datetime:
    """When the last stretch of work ended; it may be told as it begins."""
    return max((log.ended_at for log in work_logs(order, progress)), default=order.received_at)


def charge_lines(order: Order, progress: Progress, hours: ServiceHours) -> tuple[ChargeLine, ...]:
    """All lines of a completed order. `hours` is the contract's service time: work outside it costs the factor."""
    flat = flat_price(order, progress)
    logs = list(work_logs(order, progress))
    lines: list[ChargeLine] = []
    if flat is not None:
        lines.append(_whole(order, flat))
    else:
        lines += [*time_lines(order.terms.prices, logs, hours), *_travel(order, logs)]
        lines = _capped(order, lines, progress.quote.price if progress.quote else None)
    return (*lines, *part_lines(order.terms.prices, logs), *_wasted(order, logs))


def _whole(order: Order, price: Decimal) -> ChargeLine:
    return piece("flat", "flat", order.item.id if order.item else order.request.kind, price)


def _capped(order: Order, lines: list[ChargeLine], most: Decimal | None) -> list[ChargeLine]:
    """What was promised at most is charged in place of the work that came to more."""
    if most is None or sum(line.amount for line in lines) <= most:
        return lines
    return [_whole(order, most)]


def flat_price(order: Order, progress: Progress) -> Decimal | None:
    """What the whole costs whatever it takes, nothing where it is included; None by time and material."""
    item, quote = order.item, progress.quote
    if quote is not None:
        return None if quote.at_most else quote.price
    if item is None:
        return order.terms.prices.flat.get(order.request.kind)
    return {Pricing.FLAT: item.price, Pricing.INCLUDED: Decimal(0)}.get(item.pricing)


def unfinished_logs(order: Order, progress: Progress) -> list[WorkLog]:
    """What was logged for an order that is not completed and is to be paid for all the same."""
    if order.terms.prices.unfinished == "free":
        return []
    return [log for log in work_logs(order, progress) if log.minutes or log.parts]


def unfinished_lines(order: Order, progress: Progress, hours: ServiceHours) -> tuple[ChargeLine, ...]:
    """Work and parts of an order that was not completed: the work is never dearer than completed."""
    logs = list(work_logs(order, progress))
    most = flat_price(order, progress)
    if most is None and progress.quote is not None:
        most = progress.quote.price
    prices = order.terms.prices
    return (*_capped(order, list(time_lines(prices, logs, hours)), most), *part_lines(prices, logs))


def ending_lines(order: Order, progress: Progress) -> tuple[ChargeLine, ...]:
    """What an order costs besides because it was not completed: wasted visits and a late cancellation.

    That parts of a project may be called off was agreed on with its plan: none is too late.
    """
    prices = order.terms.prices
    lines = list(_wasted(order, list(work_logs(order, progress))))
    late = order.part is None and progress.ending is not None and progress.ending.late
    if late and prices.late_cancellation:
        lines.append(piece("late_cancellation", "late_cancellation", "late cancellation", prices.late_cancellation))
    return tuple(lines)


def time_lines(prices: PriceList, logs: Iterable[WorkLog], hours: ServiceHours) -> Iterator[ChargeLine]:
    for number, log in enumerate(logs):
        yield from _time_lines(prices, log, number, hours)


def _time_lines(prices: PriceList, log: WorkLog, number: int, hours: ServiceHours) -> Iterator[ChargeLine]:
    hourly = prices.hourly.get(log.role)
    if not log.minutes or hourly is None:
        return
    stretches = _cut(log, hours, prices.after_hours_factor)
    rounded = rounded_once([one.minutes for one in stretches], Rounding(step=prices.rounding_minutes))
    for one, charged in sorted(zip(stretches, rounded, strict=True)):
        if one.minutes:
            yield time_line(
                f"time-{number}{one.suffix}",
                log.step,
                minutes=one.minutes,
                charged=charged,
                hourly=hourly,
                factor=one.factor,
            )


class _Stretch(NamedTuple):
    suffix: str
    minutes: int
    factor: Decimal


def _cut(log: WorkLog, hours: ServiceHours, factor: Decimal) -> list[_Stretch]:
    """Its minutes within the service hours and after them; last comes what its last minute belongs to."""
    inside = int(hours.elapsed(log.started_at, log.ended_at) / MINUTE)
    within, after = _Stretch("", inside, Decimal(1)), _Stretch("-after-hours", log.minutes - inside, factor)
    is_open_last = hours.elapsed(log.ended_at - MINUTE, log.ended_at) == MINUTE
    return [after, within] if is_open_last else [within, after]


def _travel(order: Order, logs: list[WorkLog]) -> Iterator[ChargeLine]:
    """Of those that came. A visit for nothing has a price of its own beside that of the visits."""
    prices = order.terms.prices
    visits = sum(log.is_visit and not log.wasted for log in logs)
    if prices.travel and prices.travel_per == "visit" and visits:
        yield piece("travel", "travel", "travel", prices.travel, visits)
    elif prices.travel and prices.travel_per == "order" and any(log.is_visit for log in logs):
        yield piece("travel", "travel", "travel", prices.travel)


def part_lines(prices: PriceList, logs: Iterable[WorkLog]) -> Iterator[ChargeLine]:
    for number, use in enumerate(use for log in logs for use in log.parts):
        price = use.unit_price if use.unit_price is not None else prices.parts[use.part]
        yield piece(f"part-{number}", "part", use.part, price, use.quantity)


def _wasted(order: Order, logs: list[WorkLog]) -> Iterator[ChargeLine]:
    price = order.terms.prices.wasted_visit
    for number, log in enumerate(log for log in logs if log.wasted and price):
        yield piece(f"wasted-{number}", "wasted_visit", log.step, price)
