"""What was done, and that it was taken over: by whom, or because nobody said otherwise in time."""

from domain.cases.order_commands import Accept, AddPaper, Complete, DeclineAcceptance
from domain.contracts.chains import Acceptance, Work
from domain.orders.order import Order
from domain.orders.progress import Progress, StepStatus
from domain.papers import Digest, PaperKind
from domain.people import Role
from domain.times import Instant
from domain.values import Line, Slug, Text, Value


class DoneWork(Value):
    """A piece of work, by whoever said that it is done, with what of its list was."""

    step: Slug
    person: Slug
    at: Instant
    checklist: tuple[Line, ...] = ()


class SentBack(Value):
    """Work that was to be done again before it was taken over."""

    person: Slug
    at: Instant
    reason: Text


class WorkAccepted(Value):
    """Without a `person` nobody has said anything within `deemed_after_days` (working days).

    `reason` is why somebody of the provider has signed for the customer; `signatures` are files of the order.
    """

    step: Slug
    at: Instant
    deemed_after_days: int
    person: Slug | None = None
    role: Role | None = None
    reason: Text | None = None
    done: tuple[DoneWork, ...] = ()
    sent_back: tuple[SentBack, ...] = ()
    signatures: tuple[Digest, ...] = ()

    @property
    def people(self) -> frozenset[str]:
        said = () if self.person is None else (self.person,)
        return frozenset((*(one.person for one in self.done), *(one.person for one in self.sent_back), *said))


def work_accepted(order: Order, progress: Progress) -> WorkAccepted | None:
    """Of the last acceptance that is done; none that was left out."""
    done = [
        step
        for step in order.chain.in_order()
        if isinstance(step, Acceptance) and progress.step(step.id).status == StepStatus.DONE
    ]
    closed = [(at, step) for step in done if (at := progress.step(step.id).closed_at) is not None]
    if not closed:
        return None
    at, step = max(closed, key=lambda found: found[0])
    said = next((given for given, _ in progress.told(Accept, step.id)), None)
    return WorkAccepted(
        step=step.id,
        at=at,
        deemed_after_days=step.deemed_after_days,
        person=said.actor.person if said else None,
        role=said.actor.role if said else None,
        reason=said.command.reason if said else None,
        done=_done_before(order, progress, step.id),
        sent_back=tuple(
            SentBack(person=given.actor.person, at=given.given_at, reason=given.command.reason)
            for given in progress.given
            if isinstance(given.command, DeclineAcceptance) and given.command.step == step.id
        ),
        signatures=tuple(
            given.command.digest
            for given in progress.given
            if isinstance(given.command, AddPaper)
            if (given.command.kind, given.command.step) == (PaperKind.SIGNATURE, step.id)
        ),
    )


def _done_before(order: Order, progress: Progress, acceptance: str) -> tuple[DoneWork, ...]:
    """Each piece of work as it was done at last."""
    before = order.chain.before(acceptance)
    works = (step for step in order.chain.in_order() if isinstance(step, Work) and step.id in before)
    found = []
    for work in works:
        told = [(given, said) for given, said in progress.told(Complete, work.id) if said.outcome == "done"]
        if told and progress.step(work.id).status == StepStatus.DONE:
            given, said = told[-1]
            ticked = work.checklist if said.checklist is None else said.checklist
            found.append(DoneWork(step=work.id, person=given.actor.person, at=given.given_at, checklist=ticked))
    return tuple(found)
