"""What an incident waits for: an answer, its solution, the customer's word."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from domain.cases.awaited import AwaitedBy, AwaitedCommand, Awaiting, AwaitingCase
from domain.cases.incident_commands import HolderKind
from domain.clocks.holds import HoldReason
from domain.ids import incident_workflow_id
from domain.incidents.incident import Incident
from domain.incidents.progress import OVER, IncidentProgress, IncidentState
from domain.incidents.promises import RESPONSE
from domain.incidents.sheets import next_deadline
from domain.people import Role


def waiting(incident: Incident, progress: IncidentProgress) -> AwaitedBy:
    return AwaitedBy(
        case=incident_workflow_id(incident.no),
        kind=AwaitingCase.INCIDENT,
        no=incident.no,
        customer=incident.customer,
        contract=incident.terms.contract,
        site=incident.request.site,
        title=incident.request.title,
        priority=progress.priority,
    )


def waits(incident: Incident, progress: IncidentProgress, deadlines: Mapping[str, datetime]) -> Iterator[Awaiting]:
    """`deadlines` are those of the running clocks, by name. What is asked of the customer, customers are shown."""
    if progress.state in OVER:
        return
    if progress.state.is_unsolved and progress.holder.kind == HolderKind.CUSTOMER:
        yield _theirs(incident, progress, deadlines)
    elif progress.state.is_unsolved:
        yield _work(incident, progress, deadlines)
    if progress.answered_at is not None:
        yield _reply(incident, progress, progress.answered_at)
    yield from _customers_word(incident, progress)
    for waiver in progress.waivers:
        if waiver.agreed_at is None:
            yield Awaiting(
                step=f"waive-{waiver.clock}"[:64],
                command=AwaitedCommand.WAIVE,
                commands=("waive",),
                role=Role.SDM,
                since=waiver.proposed_at,
                internal=True,
            )


def _work(incident: Incident, progress: IncidentProgress, deadlines: Mapping[str, datetime]) -> Awaiting:
    is_answered = progress.responded_at is not None
    opened = progress.reopened_at or incident.received_at
    command = AwaitedCommand.RESOLVE if is_answered else AwaitedCommand.RESPOND
    first = ("classify",) if progress.state == IncidentState.REPORTED else ()
    role, people = _workers(progress)
    return Awaiting(
        step=command,
        command=command,
        commands=("resolve", "inform") if is_answered else ("respond", *first, "resolve"),
        role=role,
        people=people,
        # When it turned red it does not remember.
        since=None if progress.red else (progress.responded_at or opened),
        due=next_deadline(progress, deadlines) if is_answered else deadlines.get(RESPONSE),
        exception=progress.red,
        held=bool(progress.holds),
        internal=True,
    )


def _theirs(incident: Incident, progress: IncidentProgress, deadlines: Mapping[str, datetime]) -> Awaiting:
    """The customer's own people have it, and see that it waits for them."""
    return Awaiting(
        step="hand_over",
        command=AwaitedCommand.HAND_OVER,
        commands=("hand_over",),
        role=Role.CONTACT,
        people=incident.people(Role.CONTACT),
        since=progress.holder.since,
        due=next_deadline(progress, deadlines),
        held=bool(progress.holds),
    )


def _reply(incident: Incident, progress: IncidentProgress, since: datetime) -> Awaiting:
    """The customer has said something to its solution, and nobody has looked at it."""
    role, people = _workers(progress)
    if progress.is_unheard:
        answering = incident.people(incident.terms.paging.final_owner)
        people = tuple(dict.fromkeys((*(people or incident.people(role)), *answering)))
    return Awaiting(
        step="reply",
        command=AwaitedCommand.INFORM,
        commands=("inform", "reopen", "confirm"),
        role=role,
        people=people,
        since=since,
        exception=True,
        internal=True,
    )


def _workers(progress: IncidentProgress) -> tuple[Role, tuple[str, ...]]:
    """Whoever answers for it; without anybody, the team that holds it."""
    holder = progress.holder
    if progress.red and progress.answerable is not None:
        return Role.SERVICE_DESK, (progress.answerable,)
    if holder.kind == HolderKind.PERSON:
        return Role.TECHNICIAN, (holder.holder,)
    is_role = holder.kind == HolderKind.TEAM and holder.holder in set(Role)
    role = Role(holder.holder) if is_role else Role.SERVICE_DESK
    return role, (progress.owner,) if progress.owner is not None else ()


def _customers_word(incident: Incident, progress: IncidentProgress) -> Iterator[Awaiting]:
    reporter = incident.people(Role.REQUESTER)
    reporters = tuple(dict.fromkeys((*reporter, *progress.other_reporters)))
    asked = next((held for held in progress.holds if held.reason == HoldReason.WAITING_CUSTOMER), None)
    if progress.state == IncidentState.RESOLVED:
        yield Awaiting(
            step="confirm",
            command=AwaitedCommand.CONFIRM,
            commands=("confirm", "reopen"),
            role=Role.CONTACT,
            people=reporters,
            since=progress.resolved_at,
            due=progress.reopen_until,
        )
    elif asked is not None:
        yield Awaiting(
            step="answer",
            command=AwaitedCommand.ANSWER,
            commands=("answer",),
            role=Role.CONTACT,
            people=reporter,
            since=asked.at,
            due=asked.max_until,
            held=True,
        )
