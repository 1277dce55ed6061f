"""What a command does to an incident, or why it is refused."""

from collections.abc import Callable
from dataclasses import dataclass

from domain.cases import incident_commands as told
from domain.cases import order_commands as commands
from domain.cases.decisions import CaseRules, decide_by
from domain.cases.incident_commands import HolderKind
from domain.cases.instructions import Instruction
from domain.cases.vendor_decisions import dispatched, reported
from domain.clocks.holds import HoldReason
from domain.incidents.asked import IncidentAsked, settled
from domain.incidents.incident import Incident
from domain.incidents.progress import IncidentProgress, IncidentState, PromisedDate, Withdrawal
from domain.incidents.relation_decisions import check_children, link, merge
from domain.incidents.waivers import waive
from domain.keys import CUSTOMERS_OWN
from domain.people import Role
from domain.priorities import priority_of
from domain.refusals import NotAllowed, Problem, Unacceptable, conflict

# A link in a notice is good for more than one answer, but not for a flood.
MOST_ANSWERS = 100


def following(progress: IncidentProgress) -> IncidentProgress:
    """The state that its facts make."""
    return progress.but(state=_state(progress))


def _state(progress: IncidentProgress) -> IncidentState:
    if progress.withdrawal is not None:
        return IncidentState.CANCELLED
    if progress.merger is not None:
        return IncidentState.MERGED
    if progress.resolved_at is not None:
        return IncidentState.CLOSED if progress.state == IncidentState.CLOSED else IncidentState.RESOLVED
    if progress.holds:
        return IncidentState.ON_HOLD
    if progress.responded_at is not None or progress.reopened_at is not None:
        return IncidentState.IN_PROGRESS
    return IncidentState.CLASSIFIED if progress.category is not None else IncidentState.REPORTED


def classify(asked: IncidentAsked, command: told.Classify) -> IncidentProgress:
    """Whoever judges an incident again says why."""
    progress = asked.progress
    graded = None
    if command.impact is not None and command.urgency is not None:
        graded = priority_of(command.impact, command.urgency)
    if command.priority is not None and graded not in (None, command.priority):
        raise Unacceptable(Problem(code="priority_contradicts", at="/priority", values={"priority": str(graded)}))
    priority = command.priority or graded or progress.priority
    is_judged = progress.state != IncidentState.REPORTED
    if is_judged and priority != progress.priority and not command.reason:
        raise Unacceptable(Problem(code="change_reason_needed", at="/reason"))
    return progress.but(
        priority=priority,
        category=command.category or progress.category,
        impact=command.impact or progress.impact,
        urgency=command.urgency or progress.urgency,
    )


def change_priority(asked: IncidentAsked, command: told.ChangePriority) -> IncidentProgress:
    if command.priority == asked.progress.priority:
        raise conflict("priority_is_so", priority=command.priority)
    return asked.progress.but(priority=command.priority)


def respond(asked: IncidentAsked, command: told.Respond) -> IncidentProgress:
    if asked.progress.responded_at is not None:
        raise conflict("already_responded")
    progress = asked.progress.but(responded_at=asked.at, updated_at=asked.at, red=False)
    person = asked.actor.person
    if _takes_it(asked):
        return progress.held_now_by(HolderKind.PERSON, person, asked.at).but(owner=person)
    return progress if progress.owner else progress.but(owner=person)


def _takes_it(asked: IncidentAsked) -> bool:
    """A technician who answers the customer works on it, unless the contract says otherwise or others have it."""
    is_others = asked.progress.holder.kind in (HolderKind.VENDOR, HolderKind.CUSTOMER)
    return asked.actor.role == Role.TECHNICIAN and asked.case.terms.responder_holds and not is_others


def inform(asked: IncidentAsked, command: told.Inform) -> IncidentProgress:
    if asked.progress.responded_at is None:
        raise conflict("not_responded")
    return asked.progress.but(updated_at=asked.at, answered_at=None)


def unchanged(asked: IncidentAsked, command: commands.CommandBase) -> IncidentProgress:
    """What is only to be on file."""
    return asked.progress


def hand_over(asked: IncidentAsked, command: told.HandOver) -> IncidentProgress:
    holder = asked.progress.holder
    if asked.actor.role in CUSTOMERS_OWN:
        return _given_back(asked, command)
    if command.kind == HolderKind.CUSTOMER:
        return _given_to_customer(asked, command)
    if command.instead_of is not None:
        return _taken_from(command.instead_of, asked, command)
    if (holder.kind, holder.holder) == (command.kind, command.to):
        raise conflict("holder_is_so", holder=command.to)
    progress = asked.progress.held_now_by(command.kind, command.to, asked.at)
    return progress.but(owner=command.to) if command.kind == HolderKind.PERSON else progress


def _given_to_customer(asked: IncidentAsked, command: told.HandOver) -> IncidentProgress:
    """The promise to the customer goes on; where the contract says so, it waits for them, as long as it may wait."""
    if not asked.case.people(Role.CONTACT):
        raise Unacceptable(Problem(code="no_own_people", at="/to"))
    if command.to != Role.CONTACT:
        raise Unacceptable(Problem(code="own_people_as_team", at="/to"))
    if command.instead_of is not None:
        raise Unacceptable(Problem(code="instead_of_needless", at="/instead_of"))
    if asked.progress.holder.kind == HolderKind.CUSTOMER:
        raise conflict("holder_is_so", holder=command.to)
    progress = asked.progress.held_now_by(HolderKind.CUSTOMER, Role.CONTACT, asked.at)
    return progress.waiting_for_own_people(asked.actor, asked.at) if asked.case.terms.contact_holds else progress


def _given_back(asked: IncidentAsked, command: told.HandOver) -> IncidentProgress:
    """The customer's own people give back what they have, and nothing else: it is its owner's again, or the desk's."""
    mine = asked.case.people(Role.CONTACT)
    if asked.progress.holder.kind != HolderKind.CUSTOMER or asked.actor.person not in mine:
        raise NotAllowed(Problem(code="not_with_you"))
    if not command.is_back_to_desk:
        raise NotAllowed(Problem(code="only_back_to_desk", at="/to"))
    if asked.progress.owner is not None:
        return asked.progress.held_now_by(HolderKind.PERSON, asked.progress.owner, asked.at)
    return asked.progress.held_now_by(HolderKind.TEAM, Role.SERVICE_DESK, asked.at)


def _taken_from(person: str, asked: IncidentAsked, command: told.HandOver) -> IncidentProgress:
    progress = asked.progress
    holds = (progress.holder.kind, progress.holder.holder) == (HolderKind.PERSON, person)
    if not holds and progress.owner != person:
        raise conflict("holder_is_so", holder=progress.holder.holder)
    owner = command.to if command.kind == HolderKind.PERSON else None
    progress = progress.but(owner=owner) if progress.owner == person else progress
    return progress.held_now_by(command.kind, command.to, asked.at) if holds else progress


def send_technician(asked: IncidentAsked, command: told.SendTechnician) -> IncidentProgress:
    if command.at is not None and command.at <= asked.at:
        raise Unacceptable(Problem(code="in_the_past", at="/at"))
    return asked.progress.held_now_by(HolderKind.PERSON, command.technician, asked.at)


def dispatch(asked: IncidentAsked, command: commands.Dispatch) -> IncidentProgress:
    return dispatched(asked.progress, command, asked.at)


def report_vendor(asked: IncidentAsked, command: commands.ReportVendor) -> IncidentProgress:
    return reported(asked.progress, command, asked.at)


def promise(asked: IncidentAsked, command: told.Promise) -> IncidentProgress:
    if command.date <= asked.at:
        raise Unacceptable(Problem(code="in_the_past", at="/date"))
    promised = PromisedDate(date=command.date, given_at=asked.at)
    return asked.progress.but(promises=(*asked.progress.promises, promised))


def hold(asked: IncidentAsked, command: commands.Hold) -> IncidentProgress:
    """Waiting for a vendor stops no promise to the customer: it changes who holds the incident."""
    if command.code == HoldReason.WAITING_VENDOR:
        raise Unacceptable(Problem(code="vendor_never_holds", at="/code"))
    return asked.progress.held(command, asked.actor, asked.at)


def resume(asked: IncidentAsked, command: commands.Resume) -> IncidentProgress:
    return asked.progress.resumed(command, asked.at)


def migrate(asked: IncidentAsked, command: commands.Migrate) -> IncidentProgress:
    return asked.progress.with_calendar(command, asked.looked_up)


def resolve(asked: IncidentAsked, command: told.Resolve) -> IncidentProgress:
    """Who solves it has answered as well."""
    check_children(asked, command)
    progress = settled(asked)
    return progress.but(
        resolved_at=asked.at,
        responded_at=progress.responded_at or asked.at,
        updated_at=asked.at,
        reopened_at=None,
        reopen_until=None,
        answered_at=None,
        owner=progress.owner or asked.actor.person,
        solution=command.solution,
        cause=command.cause,
        proposed_at=None,
        red=False,
        solved_with=None,
    )


def answer(asked: IncidentAsked, command: told.CustomerAnswer) -> IncidentProgress:
    """Nobody waits for the customer any more. Whoever has it is told; what was solved waits for them to look at it."""
    said = sum(isinstance(given.command, told.CustomerAnswer) for given in asked.progress.given)
    if said >= MOST_ANSWERS:
        raise conflict("answers_spent", most=str(MOST_ANSWERS))
    waits = tuple(held for held in asked.progress.holds if held.reason == HoldReason.WAITING_CUSTOMER)
    # What waits because it is with them goes on waiting until they give it back.
    is_theirs = asked.progress.holder.kind == HolderKind.CUSTOMER and asked.case.terms.contact_holds
    progress = asked.progress if is_theirs else asked.progress.lifted(waits, asked.at)
    if progress.state != IncidentState.RESOLVED:
        return progress
    return progress.but(answered_at=progress.answered_at or asked.at)


def confirm(asked: IncidentAsked, command: told.Confirm) -> IncidentProgress:
    return asked.progress.but(state=IncidentState.CLOSED, answered_at=None)


def reopen(asked: IncidentAsked, command: told.Reopen) -> IncidentProgress:
    """Whoever has answered in time waits for us, however long that takes."""
    until = asked.progress.reopen_until
    if until is not None and asked.at > until and asked.progress.answered_at is None:
        raise conflict("reopen_too_late", until=until.isoformat())
    check_children(asked, command)
    return asked.progress.but(
        state=IncidentState.IN_PROGRESS,
        resolved_at=None,
        reopened_at=asked.at,
        updated_at=asked.at,
        answered_at=None,
        solved_with=None,
    )


def cancel(asked: IncidentAsked, command: commands.Cancel) -> IncidentProgress:
    if command.rest is not None:
        raise Unacceptable(Problem(code="rest_needless", at="/rest"))
    withdrawal = Withdrawal(actor=asked.actor, at=asked.at, reason=command.reason)
    return settled(asked).but(withdrawal=withdrawal, red=False)


_UNSOLVED = frozenset(state for state in IncidentState if state.is_unsolved)
_SOLVED = frozenset({IncidentState.RESOLVED, IncidentState.CLOSED})


@dataclass(frozen=True)
class IncidentRule:
    decides: Callable[..., IncidentProgress]
    states: frozenset[IncidentState] = _UNSOLVED


RULES: dict[type[commands.CommandBase], IncidentRule] = {
    told.Classify: IncidentRule(classify),
    told.ChangePriority: IncidentRule(change_priority),
    told.Respond: IncidentRule(respond),
    told.Inform: IncidentRule(inform, _UNSOLVED | _SOLVED),
    told.Diagnose: IncidentRule(unchanged),
    told.HandOver: IncidentRule(hand_over),
    told.SendTechnician: IncidentRule(send_technician),
    commands.Dispatch: IncidentRule(dispatch),
    commands.ReportVendor: IncidentRule(report_vendor),
    told.Promise: IncidentRule(promise),
    told.Link: IncidentRule(link, _UNSOLVED | _SOLVED),
    told.CustomerAnswer: IncidentRule(answer, _UNSOLVED | {IncidentState.RESOLVED}),
    told.Merge: IncidentRule(merge),
    told.Waive: IncidentRule(waive, _UNSOLVED | _SOLVED),
    told.Resolve: IncidentRule(resolve),
    told.Confirm: IncidentRule(confirm, frozenset({IncidentState.RESOLVED})),
    told.Reopen: IncidentRule(reopen, _SOLVED),
    commands.LogWork: IncidentRule(unchanged, _UNSOLVED | _SOLVED),
    commands.Hold: IncidentRule(hold),
    commands.Resume: IncidentRule(resume),
    commands.Migrate: IncidentRule(migrate),
    commands.Cancel: IncidentRule(cancel),
}


def _check_state(asked: IncidentAsked) -> None:
    if asked.progress.state not in RULES[type(asked.command)].states:
        raise conflict("incident_state_forbids", state=asked.progress.state, command=asked.command.type)
    if asked.case.needs_finding and _ends(asked) and not _has_finding(asked.progress):
        raise conflict("finding_needed", command=asked.command.type)


def _ends(asked: IncidentAsked) -> bool:
    return isinstance(asked.command, told.Resolve | told.Merge | commands.Cancel)


def _has_finding(progress: IncidentProgress) -> bool:
    """What was found before it was opened again has turned out not to be it."""
    since = progress.reopened_at
    found = (given.given_at for given in progress.given if isinstance(given.command, told.Diagnose))
    return any(since is None or at >= since for at in found)


HEARD = CaseRules[IncidentAsked, IncidentProgress](
    case="incident",
    decides={command: rule.decides for command, rule in RULES.items()},
    not_for="not_for_incidents",
    check=_check_state,
    ends=_ends,
    follow=lambda _, decided: following(decided),
)


def decide(incident: Incident, progress: IncidentProgress, instruction: Instruction) -> IncidentProgress:
    return decide_by(HEARD, IncidentAsked(incident, progress, instruction))
