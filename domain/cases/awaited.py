"""What cases wait for people to say, in one form for all kinds of case: so that it is found without reading each."""

from enum import StrEnum

from domain.contracts.catalogue import ItemWords
from domain.kinds import OrderKind
from domain.people import Role
from domain.priorities import Priority
from domain.refusals import Problem
from domain.times import Instant
from domain.values import Line, Slug, Value


class AwaitingCase(StrEnum):
    """What waits; a plan waits for its approval."""

    ORDER = "order"
    INCIDENT = "incident"
    PAGE = "page"
    WAVE = "wave"
    PROJECT = "project"
    PLAN = "plan"


class AwaitedCommand(StrEnum):
    """What somebody is to say next, as a rule; a plan is approved at an address of its own."""

    APPROVE = "approve"
    APPROVE_PLAN = "approve_plan"
    BOOK = "book"
    START = "start"
    COMPLETE = "complete"
    RECORD_ERASURE = "record_erasure"
    CONFIRM_CUSTODY = "confirm_custody"
    DISPATCH = "dispatch"
    REPORT_VENDOR = "report_vendor"
    ADD_EVIDENCE = "add_evidence"
    SETTLE_CERTIFICATE = "settle_certificate"
    VERIFY = "verify"
    ACCEPT = "accept"
    RETRY = "retry"
    RESPOND = "respond"
    RESOLVE = "resolve"
    CONFIRM = "confirm"
    ANSWER = "answer"
    HAND_OVER = "hand_over"
    INFORM = "inform"
    WAIVE = "waive"
    ACKNOWLEDGE = "acknowledge"
    GO = "go"
    CLOSE = "close"
    RETRY_ROWS = "retry_rows"
    WITHDRAW_ROWS = "withdraw_rows"


class Awaiting(Value):
    """One thing that a case waits for. `commands` are those that would bring it on, `command` the usual one.

    `people` are named for it; without any it is up to whoever has the `role`. `step` names it within its case, and
    `since` is None where the case does not remember: whoever writes it down does. An `exception` is what goes on only
    when a person has decided how; `held` says that the case is paused meanwhile, `internal` that customers' own people
    are not shown it.
    """

    step: Slug
    command: AwaitedCommand
    commands: tuple[Slug, ...]
    role: Role | None = None
    people: tuple[Slug, ...] = ()
    since: Instant | None = None
    due: Instant | None = None
    exception: bool = False
    held: bool = False
    internal: bool = False
    problem: Problem | None = None


class AwaitedBy(Value):
    """The case that waits. `case` is what its journal calls it; a title, kind, item or priority it has or has not."""

    case: Line
    kind: AwaitingCase
    no: Line
    customer: Slug
    contract: Slug
    site: Line | None = None
    title: Line | None = None
    order_kind: OrderKind | None = None
    item_name: ItemWords = {}
    priority: Priority | None = None


class AwaitedLine(AwaitedBy):
    """One line of what is awaited: the case, and what it waits for."""

    step: Slug
    command: AwaitedCommand
    commands: tuple[Slug, ...]
    role: Role | None = None
    people: tuple[Slug, ...] = ()
    since: Instant
    due: Instant | None = None
    exception: bool = False
    held: bool = False
    problem: Problem | None = None
