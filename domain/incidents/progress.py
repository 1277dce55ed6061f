"""How far an incident has come: its state, who holds it, what was done and promised, and how it ended."""

from datetime import datetime
from enum import StrEnum
from typing import Self

from domain.cases.holders import HeldProgress, Stint
from domain.cases.incident_commands import HolderKind
from domain.incidents.incident import UNJUDGED, Incident
from domain.incidents.relatives import LinkedOrder, MergedIn
from domain.oncall.page import PageState
from domain.people import Actor, Role
from domain.priorities import Grade, Priority
from domain.times import Instant
from domain.values import Slug, Text, Value
from domain.vendors.jobs import VendorJob


class IncidentState(StrEnum):
    """Resolved: solved as we see it; closed: as the customer sees it, or when nobody said otherwise in time."""

    REPORTED = "reported"
    CLASSIFIED = "classified"
    IN_PROGRESS = "in_progress"
    ON_HOLD = "on_hold"
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    MERGED = "merged"

    @property
    def is_unsolved(self) -> bool:
        return self not in (IncidentState.RESOLVED, *OVER)


# Nobody works on it any more, here.
OVER = (IncidentState.CLOSED, IncidentState.CANCELLED, IncidentState.MERGED)


class PromisedDate(Value):
    date: Instant
    given_at: Instant


class Withdrawal(Value):
    """Why it was none, or is looked after elsewhere."""

    actor: Actor
    at: Instant
    reason: Text


class Merger(Value):
    """Where it goes on."""

    into: Slug
    at: Instant


class Waiver(Value):
    """A breach that is not held against anybody, once a second person has agreed."""

    clock: Slug
    breached_at: Instant
    reason: Text
    proposed_by: Slug
    proposed_at: Instant
    agreed_by: Slug | None = None
    agreed_at: Instant | None = None


class IncidentPage(Value):
    """A page that went out for it. `owner` has taken it over, or answers for it because nobody has.

    One that `insists` goes on until somebody takes it over, although somebody has responded to the incident before.
    """

    no: int
    cause: Slug
    state: PageState = PageState.CALLING
    owner: Slug | None = None
    insists: bool = False

    @property
    def is_needed(self) -> bool:
        return self.state != PageState.STOPPED

    @property
    def is_in_hand(self) -> bool:
        """People are being called, or somebody has it. Nobody has one that is red."""
        return self.state in (PageState.CALLING, PageState.ACKNOWLEDGED)


class IncidentProgress(HeldProgress):
    """Everything about an incident that can change.

    `hours` names the calendar by which service time counts; a migration names another. `updated_at` is when the
    customer last heard of us. `red` says that everybody was paged and nobody took it. `answered_in_hours` says whether
    it was reopened in office hours: by that the response is promised and people are called again. `alerts_priority` is
    the gravest that monitoring has reported since it began. `answered_at` is since when what the customer has said to a
    solution waits for somebody to look at it, `unheard_at` when those were told who answer for that. `solved_with` is
    the parent by whose solution it was solved, `merged` are those that go on in it.
    """

    state: IncidentState = IncidentState.REPORTED
    priority: Priority
    category: Slug | None = None
    impact: Grade | None = None
    urgency: Grade | None = None
    hours: Slug
    owner: Slug | None = None
    stints: tuple[Stint, ...]
    responded_at: Instant | None = None
    updated_at: Instant | None = None
    resolved_at: Instant | None = None
    reopened_at: Instant | None = None
    answered_in_hours: bool | None = None
    reopen_until: Instant | None = None
    answered_at: Instant | None = None
    unheard_at: Instant | None = None
    solution: Text | None = None
    cause: Slug | None = None
    promises: tuple[PromisedDate, ...] = ()
    orders: tuple[LinkedOrder, ...] = ()
    pages: tuple[IncidentPage, ...] = ()
    parent: Slug | None = None
    proposed_at: Instant | None = None
    withdrawal: Withdrawal | None = None
    heard: tuple[Slug, ...] = ()
    red: bool = False
    alerts_priority: Priority | None = None
    merger: Merger | None = None
    merged: tuple[MergedIn, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    solved_with: Slug | None = None

    def held_now_by(self, kind: HolderKind, holder: str, at: datetime) -> Self:
        """Whoever takes it from the customer's own people waits for them no longer."""
        moved = super().held_now_by(kind, holder, at)
        if moved is self or self.holder.kind != HolderKind.CUSTOMER:
            return moved
        return moved.waiting_no_longer(at)

    def with_page(self, page: IncidentPage) -> "IncidentProgress":
        """The page as it now stands, under its number."""
        others = (known for known in self.pages if known.no != page.no)
        return self.but(pages=tuple(sorted((*others, page), key=lambda known: known.no)))

    @property
    def answerable(self) -> Slug | None:
        """Its owner; while it is red, whoever answers for the last page nobody took."""
        responsible = (page.owner for page in reversed(self.pages) if page.owner is not None)
        return next(responsible, self.owner) if self.red else self.owner

    @property
    def is_waiting_for_response(self) -> bool:
        return self.state.is_unsolved and self.responded_at is None

    @property
    def job(self) -> VendorJob | None:
        """The job a vendor has or is asked for, or the last one there was."""
        return self.job_at(None)

    def given_back(self, person: str, at: datetime) -> "IncidentProgress":
        """Whoever had taken it cannot: it is nobody's again, and whatever they held is the service desk's."""
        left = self.but(owner=None) if self.owner == person else self
        if (self.holder.kind, self.holder.holder) != (HolderKind.PERSON, person):
            return left
        return left.held_now_by(HolderKind.TEAM, Role.SERVICE_DESK, at)

    def back_with_us(self, at: datetime) -> Self:
        """Its owner holds it, or the service desk."""
        if self.holder.kind != HolderKind.VENDOR:
            return self
        if self.owner is not None:
            return self.held_now_by(HolderKind.PERSON, self.owner, at)
        return self.held_now_by(HolderKind.TEAM, Role.SERVICE_DESK, at)

    @property
    def other_reporters(self) -> tuple[str, ...]:
        """Of what goes on here."""
        return tuple(other.reporter for other in self.merged if other.reporter is not None)

    @property
    def is_unheard(self) -> bool:
        """What the customer has said waits for longer than anybody is reminded of it."""
        since, told_at = self.answered_at, self.unheard_at
        return since is not None and told_at is not None and since <= told_at

    @property
    def is_missed(self) -> bool:
        """Whether a promise to the customer broke. What broke before it was merged counts where it goes on."""
        return self.merger is None and (self.has_broken or any(other.missed for other in self.merged))

    @property
    def has_broken(self) -> bool:
        return any(clock.breached_at is not None for clock in self.clocks if clock.type.is_for_customers)


def begin(incident: Incident, hours: str) -> IncidentProgress:
    request = incident.request
    priority = request.asked_priority
    first = Stint(kind=HolderKind.TEAM, holder=Role.SERVICE_DESK, since=incident.received_at)
    return IncidentProgress(
        state=IncidentState.REPORTED if priority is None or request.category is None else IncidentState.CLASSIFIED,
        priority=priority or UNJUDGED,
        category=request.category,
        impact=request.impact,
        urgency=request.urgency,
        hours=hours,
        stints=(first,),
        parent=request.parent,
    )
