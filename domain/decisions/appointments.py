"""Agreeing on a time on site, and moving it."""

from domain.chains import Appointment, Work
from domain.commands import Book, Reschedule
from domain.decisions.asked import Asked, conflict
from domain.holds import Hold, HoldReason
from domain.orders import Order
from domain.progress import Progress, StepStatus
from domain.refusals import Problem, Unacceptable


def book(asked: Asked, command: Book) -> Progress:
    _check_window(asked, command)
    return _agreed(asked, asked.settle(), command)


def reschedule(asked: Asked, command: Reschedule) -> Progress:
    """Only while nobody has begun to work; the agreed technician stays unless another is named."""
    begun = (StepStatus.STARTED, StepStatus.DONE)
    work = [step.id for step in asked.order.chain.steps if isinstance(step, Work)]
    if any(asked.progress.step(step_id).status in begun for step_id in work):
        raise conflict("work_has_begun", step=work[0])
    _check_window(asked, command)
    kept = asked.progress.appointment
    technician = command.technician or (kept.technician if kept else None)
    return _agreed(asked, asked.progress, command.but(technician=technician))


def _agreed(asked: Asked, progress: Progress, command: Book) -> Progress:
    """A date the customer asked for stops the clocks until it comes."""
    if not command.customer_asked or command.window.start <= asked.at:
        return progress.but(appointment=command)
    held = Hold(reason=HoldReason.AGREED_DATE, actor=asked.actor.person, at=asked.at, max_until=command.window.start)
    return progress.but(appointment=command, clocks=tuple(clock.hold(held) for clock in progress.clocks))


def _check_window(asked: Asked, command: Book) -> None:
    if command.window.end <= asked.at:
        raise Unacceptable(Problem(code="window_in_the_past", at="/window"))


def check_access(order: Order, command: Book) -> None:
    """Refuse a window outside the site's access hours.

    Asked at the edge, where local time may be computed; inside a workflow a new tz database would change history.
    """
    window = command.window
    open_for = order.terms.access.elapsed(window.start, window.end)
    if any(isinstance(step, Appointment) for step in order.chain.steps) and open_for < window.end - window.start:
        values = {"site": order.request.site}
        raise Unacceptable(Problem(code="outside_access_hours", at="/window", values=values))
