"""Agreeing on a time on site, and moving it."""

from datetime import datetime

from domain.cases.instructions import Instruction
from domain.cases.order_commands import Book, Reschedule
from domain.clocks.holds import ClockHold, HoldReason
from domain.contracts.chains import Appointment, Work
from domain.orders.decisions.asked import OrderAsked
from domain.orders.order import Order
from domain.orders.progress import Progress, StepStatus
from domain.people import MACHINE
from domain.refusals import Problem, Unacceptable, conflict


def book(asked: OrderAsked, command: Book) -> Progress:
    _check_window(asked, command)
    return _agreed(asked, asked.settle(), command)


def as_planned(order: Order, progress: Progress, step_id: str, visit: Book, at: datetime) -> Progress:
    """The visit that a project's plan foresees. It stands even if a wave that runs late has it in the past."""
    said = Instruction(command=visit, actor=MACHINE, given_at=at, request_id=step_id)
    asked = OrderAsked(order, progress, said, step_id)
    return _agreed(asked, asked.settle(), visit.but(customer_asked=True))


def reschedule(asked: OrderAsked, command: Reschedule) -> Progress:
    """Only while nobody has begun to work since it was agreed; the technician stays unless another is named."""
    begun = next((step.id for step in asked.case.chain.steps if isinstance(step, Work) and _began(asked, step)), None)
    if begun is not None:
        raise conflict("work_has_begun", step=begun)
    _check_window(asked, command)
    kept = asked.progress.appointment
    technician = command.technician or (kept.technician if kept else None)
    return _agreed(asked, asked.progress, command.but(technician=technician))


def _began(asked: OrderAsked, work: Work) -> bool:
    """Work of an earlier visit, before this appointment was made, does not count."""
    agreed_at, now = asked.progress.step(asked.step_id).closed_at, asked.progress.step(work.id)
    if now.status == StepStatus.DONE:
        return agreed_at is None or now.closed_at is None or now.closed_at >= agreed_at
    return now.status == StepStatus.STARTED


def _agreed(asked: OrderAsked, progress: Progress, command: Book) -> Progress:
    """A date the customer asked for stops the clocks until it comes; another date lets them run again."""
    agreed = Book(window=command.window, technician=command.technician, customer_asked=command.customer_asked)
    progress = called_off(progress, asked.at).but(appointment=agreed)
    if not command.customer_asked or command.window.start <= asked.at:
        return progress
    held = ClockHold(
        reason=HoldReason.AGREED_DATE, actor=asked.actor.person, at=asked.at, max_until=command.window.start
    )
    return progress.but(clocks=tuple(clock.hold(held) for clock in progress.clocks))


def called_off(progress: Progress, at: datetime) -> Progress:
    """Without the appointment, and without the rest it gave to the clocks."""
    if any(held.reason == HoldReason.AGREED_DATE for held in progress.holds):
        return progress.but(appointment=None)
    clocks = tuple(clock.resume(HoldReason.AGREED_DATE, at) for clock in progress.clocks)
    return progress.but(appointment=None, clocks=clocks)


def _check_window(asked: OrderAsked, command: Book) -> None:
    if command.window.end <= asked.at:
        raise Unacceptable(Problem(code="window_in_the_past", at="/window"))


def check_access(order: Order, command: Book) -> None:
    """Refuse a window outside the site's access hours.

    Asked at the edge, where local time may be computed; inside a workflow a new tz database would change history.
    """
    window = command.window
    open_for = order.terms.access.elapsed(window.start, window.end)
    visits = any(isinstance(step, Appointment) and not step.remote for step in order.chain.steps)
    if visits and open_for < window.end - window.start:
        values = {"site": order.request.site}
        raise Unacceptable(Problem(code="outside_access_hours", at="/window", values=values))
