"""What happened to an order, as it stands in the journal, and who is told about it."""

from enum import StrEnum

from domain.commands import CommandBase, Hold
from domain.instructions import AnyCommand
from domain.people import Actor, Role
from domain.times import Instant
from domain.values import Slug, Text, Value


class Happening(StrEnum):
    """What can happen besides commands; a command's happening bears the command's own name."""

    PLACED = "placed"
    STEP_OPENED = "step_opened"
    STEP_DONE = "step_done"
    STEP_STUCK = "step_stuck"
    STEP_UNDONE = "step_undone"
    HOLD_ENDED = "hold_ended"
    DEEMED_ACCEPTED = "deemed_accepted"
    EVIDENCE_OVERDUE = "evidence_overdue"
    NOTICE_UNDELIVERABLE = "notice_undeliverable"
    THRESHOLD_REACHED = "threshold_reached"
    DEADLINE_MISSED = "deadline_missed"
    COMPLETED = "completed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    FAILED = "failed"


class Event(Value):
    """One journal entry. `seq` counts within the order, so writing it twice changes nothing."""

    seq: int
    at: Instant
    what: Slug
    actor: Actor
    step: Slug | None = None
    reason: Text | None = None
    command: AnyCommand | None = None
    values: dict[str, str] = {}


class Message(Value):
    """One notice to write and send: `key` is its business key, roles are resolved to people when it is sent.

    `channels` are those by which it should go; people without a contact there get their usual mail.
    """

    key: str
    case: str
    contract: Slug
    template: Slug
    roles: tuple[Role, ...] = ()
    people: tuple[Slug, ...] = ()
    channels: tuple[Slug, ...] = ()
    values: dict[str, str] = {}


def facts_of(command: CommandBase) -> dict[str, str]:
    """What of a command those who are told of it need to know."""
    facts = {"reason": command.reason} if command.reason else {}
    if isinstance(command, Hold):
        facts |= {"code": command.code, "until": command.max_until.isoformat()}
    return facts


# A template, and who gets it.
Telling = tuple[str, tuple[Role, ...]]
# Who is told what when something happens to an order. Thresholds follow the contract's ladder instead.
TELLS: dict[str, tuple[Telling, ...]] = {
    Happening.PLACED: (("order_received", (Role.REQUESTER,)),),
    "book": (("appointment_agreed", (Role.REQUESTER,)),),
    "reschedule": (("appointment_agreed", (Role.REQUESTER,)),),
    "hold": (("order_held", (Role.REQUESTER, Role.COORDINATOR)),),
    Happening.HOLD_ENDED: (("hold_ended", (Role.COORDINATOR,)),),
    Happening.STEP_STUCK: (("step_stuck", (Role.COORDINATOR,)),),
    Happening.EVIDENCE_OVERDUE: (("evidence_overdue", (Role.COORDINATOR,)),),
    Happening.DEEMED_ACCEPTED: (("deemed_accepted", (Role.REQUESTER,)),),
    Happening.COMPLETED: (("order_completed", (Role.REQUESTER,)),),
    Happening.REJECTED: (("order_rejected", (Role.REQUESTER,)),),
    Happening.CANCELLED: (("order_cancelled", (Role.REQUESTER, Role.COORDINATOR)),),
    Happening.FAILED: (("order_failed", (Role.REQUESTER, Role.COORDINATOR)),),
}
