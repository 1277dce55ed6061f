"""What happened to an order, as it stands in the journal, and who is told about it."""

from enum import StrEnum

from pydantic import model_validator

from domain.cases.incident_commands import CustomerAnswer, Inform, Merge, Promise, Resolve, Respond
from domain.cases.instructions import AnyCommand
from domain.cases.lookups import parted
from domain.cases.order_commands import CommandBase, Hold
from domain.people import Actor, Role
from domain.times import Instant
from domain.values import Slug, Text, Value


class Happening(StrEnum):
    """What can happen besides commands; a command's happening bears the command's own name."""

    PLACED = "placed"
    REPORTED = "reported"
    STEP_OPENED = "step_opened"
    STEP_DONE = "step_done"
    STEP_STUCK = "step_stuck"
    STEP_UNDONE = "step_undone"
    PART_PLACED = "part_placed"
    HOLD_ENDED = "hold_ended"
    DEEMED_ACCEPTED = "deemed_accepted"
    BOOKED_BY_PLAN = "booked_by_plan"
    EVIDENCE_OVERDUE = "evidence_overdue"
    LEFT_CONTROL = "left_control"
    PROOF_OVERDUE = "proof_overdue"
    ITEM_MISSING = "item_missing"
    CERTIFICATE_EXPIRED = "certificate_expired"
    CERTIFICATE_RENEWED = "certificate_renewed"
    NOTICE_UNDELIVERABLE = "notice_undeliverable"
    THRESHOLD_REACHED = "threshold_reached"
    DEADLINE_MISSED = "deadline_missed"
    SOLVED = "solved"
    DEEMED_CONFIRMED = "deemed_confirmed"
    RESOLUTION_PROPOSED = "resolution_proposed"
    ALERTS_ADDED = "alerts_added"
    ALERTS_AGAIN = "alerts_again"
    ALERTS_FLAPPING = "alerts_flapping"
    ALERTS_SILENT = "alerts_silent"
    ALERTS_STILL = "alerts_still"
    ALERTS_TRUNCATED = "alerts_truncated"
    PRIORITY_RAISED = "priority_raised"
    ORDER_ENDED = "order_ended"
    PARENT_SOLVED = "parent_solved"
    PARENT_REOPENED = "parent_reopened"
    MERGED_IN = "merged_in"
    CLOSES_SOON = "closes_soon"
    ANSWER_WAITS = "answer_waits"
    ANSWER_UNHEARD = "answer_unheard"
    ANSWER_HEEDED = "answer_heeded"
    BREACH_WAIVED = "breach_waived"
    PAGE_SENT = "page_sent"
    PAGE_ANSWERED = "page_answered"
    VENDOR_ASKED = "vendor_asked"
    VENDOR_SILENT = "vendor_silent"
    NO_VENDOR = "no_vendor"
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

    @model_validator(mode="before")
    @classmethod
    def _as_recorded_before(cls, data: object) -> object:
        if not isinstance(data, dict) or data.get("command") is None:
            return data
        command, _ = parted(data["command"])
        return data | {"command": command}


class Message(Value):
    """One notice to write and send: `key` is its business key, roles are resolved to people when it is sent.

    `channels` are those by which people are told who have a contact there; everybody else is told by mail.
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
    match command:
        case Hold():
            facts |= {"code": command.code, "until": command.max_until.isoformat()}
        case Respond() | Inform():
            facts |= {"message": command.message or ""}
        case Promise():
            facts |= {"date": command.date.isoformat()}
        case Resolve():
            facts |= {"solution": command.solution}
        case CustomerAnswer():
            facts |= {"message": command.message}
        case Merge():
            facts |= {"into": command.into}
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
    Happening.ITEM_MISSING: (("item_missing", (Role.COORDINATOR, Role.SDM)),),
    Happening.CERTIFICATE_EXPIRED: (("certificate_in_question", (Role.COORDINATOR, Role.SDM)),),
    "doubt_certificate": (("certificate_in_question", (Role.COORDINATOR, Role.SDM)),),
    Happening.DEEMED_ACCEPTED: (("deemed_accepted", (Role.REQUESTER,)),),
    Happening.COMPLETED: (("order_completed", (Role.REQUESTER,)),),
    Happening.REJECTED: (("order_rejected", (Role.REQUESTER,)),),
    Happening.CANCELLED: (("order_cancelled", (Role.REQUESTER, Role.COORDINATOR)),),
    Happening.FAILED: (("order_failed", (Role.REQUESTER, Role.COORDINATOR)),),
}

# Of an order in a project people hear only what needs them: hundreds run at once, and the wave tells the rest.
PART_TELLS: dict[str, tuple[Telling, ...]] = {
    what: TELLS[what]
    for what in (
        "book",
        "reschedule",
        Happening.STEP_STUCK,
        Happening.EVIDENCE_OVERDUE,
        Happening.ITEM_MISSING,
        Happening.CERTIFICATE_EXPIRED,
        "doubt_certificate",
    )
} | {Happening.FAILED: (("order_failed", (Role.COORDINATOR,)),)}

# And to an incident. A solution is told with how long it can be objected to.
INCIDENT_TELLS: dict[str, tuple[Telling, ...]] = {
    Happening.REPORTED: (("incident_received", (Role.REQUESTER,)),),
    "respond": (("incident_responded", (Role.REQUESTER,)),),
    "inform": (("incident_update", (Role.REQUESTER,)),),
    "promise": (("incident_promised", (Role.REQUESTER,)),),
    "hold": (("incident_held", (Role.REQUESTER, Role.ASSIGNEE)),),
    Happening.HOLD_ENDED: (("incident_hold_ended", (Role.ASSIGNEE,)),),
    Happening.SOLVED: (("incident_solved", (Role.REQUESTER,)),),
    "reopen": (("incident_reopened", (Role.ASSIGNEE, Role.SDM)),),
    Happening.DEEMED_CONFIRMED: (("incident_closed", (Role.REQUESTER,)),),
    Happening.CLOSES_SOON: (("incident_closes_soon", (Role.REQUESTER,)),),
    Happening.ANSWER_WAITS: (("incident_answer_waits", (Role.ASSIGNEE, Role.SDM)),),
    Happening.PARENT_SOLVED: (("incident_parent_solved", (Role.REQUESTER, Role.ASSIGNEE)),),
    Happening.PARENT_REOPENED: (("incident_parent_reopened", (Role.ASSIGNEE,)),),
    "merge": (("incident_merged", (Role.REQUESTER, Role.ASSIGNEE)),),
    Happening.MERGED_IN: (("incident_merged_in", (Role.REQUESTER, Role.ASSIGNEE)),),
    Happening.BREACH_WAIVED: (("incident_breach_waived", (Role.SDM, Role.BRM, Role.REQUESTER)),),
    "cancel": (("incident_cancelled", (Role.REQUESTER, Role.ASSIGNEE)),),
    Happening.RESOLUTION_PROPOSED: (("incident_resolution_proposed", (Role.ASSIGNEE,)),),
    Happening.ALERTS_AGAIN: (("incident_alerts_again", (Role.ASSIGNEE,)),),
    Happening.ALERTS_SILENT: (("incident_alerts_silent", (Role.ASSIGNEE,)),),
    Happening.ALERTS_STILL: (("incident_alerts_still", (Role.ASSIGNEE,)),),
    Happening.ALERTS_TRUNCATED: (("incident_alerts_truncated", (Role.ASSIGNEE,)),),
    Happening.ORDER_ENDED: (("incident_order_ended", (Role.ASSIGNEE,)),),
    Happening.NO_VENDOR: (("incident_no_vendor", (Role.SDM, Role.ASSIGNEE)),),
}


def told_of(what: str) -> tuple[Role, ...]:
    """Who hears of it in any case."""
    return tuple(role for _, roles in INCIDENT_TELLS.get(what, ()) for role in roles)
