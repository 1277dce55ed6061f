"""What a contract promises, as its page says it: what can be ordered, who is told when, what it costs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from documents.wording import name_of_step, word
from domain.clocks.calendars import Calendar
from domain.clocks.closures import Holiday
from domain.clocks.ladders import LadderRow, rows_for
from domain.clocks.sla import MADE_TO, ClockKind
from domain.clocks.thresholds import DEADLINE, Threshold
from domain.contracts.catalogue import OfferedItem, Pricing, in_words
from domain.contracts.chains import Acceptance, Approval, Chain, Erasure, Evidence, Step, VendorDispatch, Work
from domain.contracts.contract import Contract
from domain.contracts.offers import offered
from domain.contracts.paging import OnDuty, PagingStep
from domain.keys import CUSTOMERS_OWN, Key
from domain.people import Language, Role
from domain.times import ZERO
from web.moments import hours
from web.words import say

# What is shown of a contract under which of its fields' names, where two versions differ.
SECTIONS = {
    "name": "contract",
    "valid_from": "validity",
    "valid_until": "validity",
    "calendar": "service_hours",
    "targets": "can_be_ordered",
    "chains": "can_be_ordered",
    "catalogue": "can_be_ordered",
    "matrix": "when_something_fails",
    "paging": "who_is_called",
    "responder_holds": "who_is_called",
    "ladder": "who_is_told_when",
    "prices": "prices",
    "requesters": "people_named",
    "approvers": "people_named",
    "team": "people_named",
}
# Of many holidays and parts, so many are looked at.
HOLIDAYS_SHOWN = 8
PARTS_SHOWN = 30
_INCIDENT_CLOCKS = frozenset(
    {ClockKind.RESPONSE, ClockKind.RESOLUTION, ClockKind.PROMISED, ClockKind.UPDATE, ClockKind.VENDOR}
)
_YEAR, _MINUTE = timedelta(days=365), timedelta(minutes=1)
_WHOLE = DEADLINE.percent


@dataclass(frozen=True)
class ChainStage:
    """A step of a chain, with what it demands."""

    called: str
    facts: tuple[str, ...]
    is_cutoff: bool


@dataclass(frozen=True)
class OfferedLine:
    """What can be ordered, called by its name. `is_own` says that its steps differ from those of its kind."""

    name: str
    about: str
    target: timedelta
    pricing: Pricing
    flat: Decimal | None
    stages: tuple[ChainStage, ...]
    is_own: bool
    questions: tuple[str, ...] = ()


@dataclass(frozen=True)
class LadderRung:
    """Who is told at one point of a clock's way, and how often again."""

    point: str
    row: LadderRow

    @property
    def again(self) -> timedelta | None:
        return timedelta(minutes=self.row.every_minutes) if self.row.every_minutes and self.row.times > 1 else None


@dataclass(frozen=True)
class LadderShown:
    kind: ClockKind
    rungs: tuple[LadderRung, ...]


@dataclass(frozen=True)
class PagingCall:
    """Who is called how long after a page has begun."""

    who: str
    after: timedelta


def offers(contract: Contract, language: Language) -> tuple[OfferedLine, ...]:
    """The items of its catalogue that can be ordered; where it lists none, the kinds."""
    listed = (item for item in offered(contract) if not item.withdrawn)
    return tuple(_offer(contract, item, language) for item in listed)


def _offer(contract: Contract, item: OfferedItem, language: Language) -> OfferedLine:
    return OfferedLine(
        name=in_words(item.name, language) or _begun_large(word("order_kind", item.kind, language)),
        about=in_words(item.description, language),
        target=timedelta(minutes=item.target_minutes),
        pricing=item.pricing,
        flat=item.price,
        stages=tuple(_stages(item.chain, language)),
        is_own=item.kind in contract.chains or item.chain != contract.chain(item.kind),
        questions=tuple(in_words(question.text, language) for question in item.questions),
    )


def _begun_large(words: str) -> str:
    return words[:1].upper() + words[1:]


def _stages(chain: Chain, language: Language) -> Iterator[ChainStage]:
    for step in chain.in_order():
        yield ChainStage(name_of_step(step, language), tuple(_facts(step, language)), step.id == chain.cutoff)


def _facts(step: Step, language: Language) -> Iterator[str]:
    match step:
        case Approval():
            yield word("role", step.role, language)
            if step.four_eyes:
                yield say("four_eyes", language)
        case Work():
            yield word("role", step.role, language)
            yield say("about_so_long", language, length=hours(timedelta(minutes=step.estimate_minutes)))
        case Erasure():
            yield say("at_least_so", language, method=word("erasure_method", step.at_least, language))
        case Evidence():
            yield word("document", step.document, language)
        case Acceptance():
            yield say("deemed_after", language, days=step.deemed_after_days)
        case VendorDispatch(vendor=str(vendor)):
            yield vendor
    if step.target_minutes is not None:
        yield say("within_service_time", language, length=hours(timedelta(minutes=step.target_minutes)))


def ladders(contract: Contract, caller: Key, language: Language) -> tuple[LadderShown, ...]:
    """What teams and vendors have promised is no customer's affair."""
    own = caller.role in CUSTOMERS_OWN
    found = (
        LadderShown(kind, tuple(_rungs(rows_for(kind, contract.ladder), language)))
        for kind in ClockKind
        if (contract.matrix or kind not in _INCIDENT_CLOCKS) and not (own and not MADE_TO[kind].is_for_customers)
    )
    return tuple(ladder for ladder in found if ladder.rungs)


def _rungs(rows: Iterable[LadderRow], language: Language) -> Iterator[LadderRung]:
    for row in sorted(rows, key=lambda row: (row.at.percent, row.at.offset)):
        if row.tell or row.page:
            yield LadderRung(point_of(row.at, language), row)


def point_of(at: Threshold, language: Language) -> str:
    """`75 %`, `at the deadline`, `4 h after the deadline`."""
    point = say("at_the_deadline", language) if at.percent == _WHOLE else f"{at.percent} %"
    if not at.offset:
        return point
    if at.percent == _WHOLE:
        return say("after_deadline" if at.offset > ZERO else "before_deadline", language, length=hours(abs(at.offset)))
    return f"{point} {'+' if at.offset > ZERO else '−'} {hours(abs(at.offset))}"


def calls(steps: Iterable[PagingStep], language: Language) -> tuple[PagingCall, ...]:
    return tuple(PagingCall(_called(step.to, language), timedelta(minutes=step.after_minutes)) for step in steps)


def _called(to: OnDuty | Role, language: Language) -> str:
    return word("rota_layer" if isinstance(to, OnDuty) else "role", to, language)


def holidays_ahead(calendar: Calendar, today: date) -> tuple[Holiday, ...]:
    """Of a year, those that take away service: others lie on days that are closed anyway."""
    if calendar.always:
        return ()
    found = (
        one for one in calendar.holidays if today <= one.day < today + _YEAR and calendar.weekly.days[one.day.weekday()]
    )
    return tuple(sorted(found, key=lambda one: one.day))[:HOLIDAYS_SHOWN]


def opens_at(calendar: Calendar, now: datetime) -> datetime | None:
    """When the service begins again; None while it is open."""
    return None if calendar.is_open(now) else calendar.add(now, _MINUTE) - _MINUTE


def changed_sections(contract: Contract, before: Contract) -> tuple[str, ...]:
    """The names, in our words, of what differs between two versions."""
    differ = (name for name in SECTIONS if getattr(contract, name) != getattr(before, name))
    return tuple(dict.fromkeys(SECTIONS[name] for name in differ))
