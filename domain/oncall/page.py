"""A page: calling people about a case, one after the other, until somebody takes it over."""

from datetime import datetime, timedelta
from enum import StrEnum

from domain.cases.case import CaseProgress
from domain.cases.faults import CaseFault
from domain.contracts.paging import PagingPolicy
from domain.people import Role
from domain.times import Instant
from domain.values import Line, Slug, Text, Value


class PageState(StrEnum):
    """`unanswered` is the red state: everybody was called, nobody has acknowledged, the final owner answers for it."""

    CALLING = "calling"
    ACKNOWLEDGED = "acknowledged"
    UNANSWERED = "unanswered"
    STOPPED = "stopped"


class PageHappening(StrEnum):
    """What can happen to a page besides answers; an answer's happening bears the command's own name."""

    PAGED = "paged"
    CALLED = "called"
    CALL_FAILED = "call_failed"
    NOBODY_REACHED = "nobody_reached"
    PAGED_AGAIN = "paged_again"
    UNANSWERED = "unanswered"
    STOPPED = "stopped"


class Page(Value):
    """What somebody is to take over. Steps and delays are pinned here, people are found when a step is due.

    `case` is the workflow id of what the page is about, `no` counts its pages, `cause` says why (`reported`,
    `response_75`), `values` fill the texts.
    """

    no: int
    case: str
    customer: Slug
    contract: Slug
    policy: PagingPolicy = PagingPolicy()
    cause: Slug
    values: dict[str, str] = {}
    started_at: Instant

    @property
    def incident(self) -> str:
        return self.case.rpartition("/")[2]

    @property
    def name(self) -> str:
        """As people write it: `I-…/1`."""
        return f"{self.incident}/{self.no}"

    @property
    def background(self) -> dict[str, str]:
        """What every message about it may say."""
        facts = {"incident": self.incident, "cause": self.cause, "since": self.started_at.isoformat()}
        return {"zone": "UTC"} | self.values | facts


class Method(Value):
    """One way to reach a person: the `nth` of their addresses on this channel. Histories hold no addresses."""

    channel: Slug
    nth: int = 1
    after_minutes: int = 0

    @property
    def name(self) -> str:
        return self.channel if self.nth == 1 else f"{self.channel}.{self.nth}"


class Callee(Value):
    person: Slug
    name: Line
    methods: tuple[Method, ...]


class CallAttempt(Value):
    """One try. `reached` is None while it is under way; `ended_at` says when it really was out."""

    method: Method
    due: Instant
    at: Instant
    ended_at: Instant | None = None
    reached: bool | None = None

    @property
    def late(self) -> timedelta:
        return (self.ended_at or self.at) - self.due


class Call(Callee):
    """Somebody is called, by one method after the other; the first is due with the step."""

    round: int
    step: int
    due: Instant
    attempts: tuple[CallAttempt, ...] = ()

    @property
    def next_due(self) -> datetime | None:
        """None when every method was tried. After one that failed, the next is due at once."""
        if len(self.attempts) == len(self.methods):
            return None
        minutes = self.methods[len(self.attempts)].after_minutes
        if not self.attempts:
            return self.due + timedelta(minutes=minutes)
        last = self.attempts[-1]
        if last.reached is False:
            return last.ended_at
        return last.at + timedelta(minutes=max(minutes - last.method.after_minutes, 0))

    @property
    def is_under_way(self) -> bool:
        return any(attempt.ended_at is None for attempt in self.attempts)

    @property
    def is_lost(self) -> bool:
        """No method works, or there is none."""
        return len(self.attempts) == len(self.methods) and all(tried.reached is False for tried in self.attempts)


class PageProgress(CaseProgress):
    """`begun_at` is from when the delays of this round count; `called` is how many of its steps were called."""

    state: PageState = PageState.CALLING
    round: int = 1
    begun_at: Instant
    called: int = 0
    calls: tuple[Call, ...] = ()
    declined: tuple[Slug, ...] = ()
    owner: Slug | None = None
    acknowledged_at: Instant | None = None
    final_owner: Slug | None = None
    stopped: Slug | None = None

    @property
    def calls_now(self) -> tuple[Call, ...]:
        """The calls of this round."""
        return tuple(call for call in self.calls if call.round == self.round)

    @property
    def people_called(self) -> tuple[str, ...]:
        """Everybody who was ever called, in order."""
        return tuple(dict.fromkeys(call.person for call in self.calls))

    def name_of(self, person: str) -> str:
        """As known from a call; whoever was never called is known by their id."""
        return next((call.name for call in self.calls if call.person == person), person)


def begin(page: Page) -> PageProgress:
    return PageProgress(begun_at=page.started_at)


class NewsKind(StrEnum):
    ACKNOWLEDGED = "acknowledged"
    DECLINED = "declined"
    UNANSWERED = "unanswered"
    LATE = "late"


class PageNews(Value):
    """What a page tells its case. `owner` is who has it after that; unanswered, the final owner."""

    event_id: Slug
    page: int
    kind: NewsKind
    person: Slug | None
    owner: Slug | None
    at: Instant


class StopPage(Value):
    """The case needs nobody any more: `why` is responded, resolved, cancelled …"""

    event_id: Slug
    why: Slug


class PageSheet(Value):
    """A page as people read it. `due_at` is when something happens next by itself."""

    incident: Slug
    no: int
    customer: Slug
    contract: Slug
    cause: Slug
    title: Text | None = None
    zone: str
    state: PageState
    round: int
    started_at: Instant
    owner: Slug | None
    acknowledged_at: Instant | None
    final_owner: Slug | None
    final_role: Role
    declined: tuple[Slug, ...]
    stopped: Slug | None
    due_at: Instant | None
    calls: tuple[Call, ...]
    faults: tuple[CaseFault, ...] = ()
