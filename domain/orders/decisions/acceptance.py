"""The user signs, or sends the work back."""

from domain.cases.order_commands import Accept, DeclineAcceptance
from domain.contracts.chains import Work
from domain.orders.decisions.asked import OrderAsked
from domain.orders.progress import Progress
from domain.people import Role
from domain.refusals import Problem, Unacceptable, conflict

_OWN = (Role.REQUESTER, Role.CONTACT, Role.APPROVER)


def accept(asked: OrderAsked, command: Accept) -> Progress:
    _check_signer(asked, command.reason)
    return asked.settle()


def decline(asked: OrderAsked, command: DeclineAcceptance) -> Progress:
    """The last work step before the signature is done again; no new approval or appointment is asked for."""
    before = asked.case.chain.before(asked.step_id)
    works = [step.id for step in asked.case.chain.in_order() if isinstance(step, Work) and step.id in before]
    if not works:
        raise conflict("nothing_to_redo", step=asked.step_id)
    return asked.progress.reopened(asked.step_id).opened(works[-1], asked.at)


def _check_signer(asked: OrderAsked, reason: str | None) -> None:
    """The provider may sign for the customer only with a reason, such as a paper protocol."""
    if asked.actor.role not in _OWN and not reason:
        raise Unacceptable(Problem(code="reason_needed", at="/reason"))
