"""Availability worked out from a document: a promise, and what happened. Nothing is kept of it."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, PlainSerializer, StringConstraints, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from domain.clocks.calendar_checks import aimless
from domain.clocks.calendars import Calendar
from domain.levels.availability import LevelPromise, MeasuredLevel, measure
from domain.levels.needs import DEEPEST, DOWN, Need, Trouble, course, depth_of, names_in
from domain.levels.spans import Seconds, second, united
from domain.refusals import Problem, refuse_if
from domain.times import YEARS, Instant, ZoneName, day_at
from domain.values import Line, Text, Value

_MONTHS_OF_A_QUARTER, _MONTHS_OF_A_YEAR = 3, 12
MOST = 10_000
# Looked at again with each outage that begins or ends.
MOST_NEEDED = 200
_MINUTE = 60
# Seconds: longer than there are dates.
_FOR_EVER = 10**12
# Minutes are shown in thousandths.
_SHOWN = 1_000

Target = Annotated[Decimal, Field(gt=0, le=100, max_digits=9, decimal_places=6)]
Degraded = Annotated[Decimal, Field(gt=0, le=1, max_digits=7, decimal_places=6)]
MonthName = Annotated[str, StringConstraints(pattern=r"^\d{4}-(0[1-9]|1[0-2])$", max_length=7)]
QuarterName = Annotated[str, StringConstraints(pattern=r"^\d{4}-Q[1-4]$", max_length=7)]
YearName = Annotated[str, StringConstraints(pattern=r"^\d{4}$", max_length=4)]


class Period(Value):
    """A month, a quarter or a year of the calendar, in one zone."""

    zone: ZoneName
    month: MonthName | None = None
    quarter: QuarterName | None = None
    year: YearName | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(name is not None for name in (self.month, self.quarter, self.year)) != 1:
            raise PydanticCustomError("period_unclear", "either month, quarter or year")
        if self._first.year not in YEARS or self._first.year + 1 not in YEARS:
            said = "the year must lie between {first} and {last}"
            raise PydanticCustomError("year_beyond_calendars", said, {"first": YEARS[0], "last": YEARS[-1]})
        return self

    @property
    def _first(self) -> date:
        if self.month is not None:
            return date(int(self.month[:4]), int(self.month[5:]), 1)
        if self.quarter is not None:
            return date(int(self.quarter[:4]), _MONTHS_OF_A_QUARTER * (int(self.quarter[6:]) - 1) + 1, 1)
        return date(int(self.year or ""), 1, 1)

    @property
    def span(self) -> Seconds:
        first = self._first
        months = 1 if self.month else _MONTHS_OF_A_QUARTER if self.quarter else _MONTHS_OF_A_YEAR
        years, month = divmod(first.month - 1 + months, _MONTHS_OF_A_YEAR)
        start, end = (day_at(day, self.zone)[0] for day in (first, date(first.year + years, month + 1, 1)))
        return second(start), second(end)


class _SpanTold(Value):
    since: Instant = Field(alias="from")
    of: Line | None = None


class OutageTold(_SpanTold):
    """Without an end it goes on; `factor` says by how much what it concerns is down, if it is only degraded."""

    of: Line
    until: Instant | None = None
    factor: Degraded = Decimal(1)


class MaintenanceTold(_SpanTold):
    """Of something the service needs, or of the whole service; what was never announced was not announced in time."""

    until: Instant
    announced: Instant | None = None
    agreed: bool = True


class ExclusionTold(_SpanTold):
    until: Instant
    reason: Text = ""


class ServiceLife(Value):
    since: Instant | None = None
    until: Instant | None = None


def _minutes(seconds: Fraction) -> int | float:
    exact = seconds / _MINUTE
    return int(exact) if exact.denominator == 1 else int(exact * _SHOWN) / _SHOWN


Minutes = Annotated[
    Fraction,
    PlainSerializer(_minutes, return_type=float | int, when_used="json"),
    WithJsonSchema({"type": "number"}, mode="serialization"),
]


class LevelAnswer(Value):
    """Minutes are cut to three places, availability (percent) as well: neither is ever shown better than it was."""

    promised_minutes: Minutes
    excluded_minutes: Minutes
    down_minutes: Minutes
    availability: str | None
    kept: bool
    left_minutes: Minutes
    longest_minutes: Minutes
    number: int


class LevelCase(Value):
    """What `imac level simulate` takes. `id`, `what`, `by_hand` and `right` are for those who keep such documents.

    An outage that goes on, and one that ends later, count until `now`.
    """

    id: Text = ""
    what: Text = ""
    by_hand: Text = ""
    period: Period
    window: Calendar
    target: Target
    needs: Need
    outages: Annotated[tuple[OutageTold, ...], Field(max_length=MOST)] = ()
    maintenance: Annotated[tuple[MaintenanceTold, ...], Field(max_length=MOST)] = ()
    exclusions: Annotated[tuple[ExclusionTold, ...], Field(max_length=MOST)] = ()
    notice_minutes: Annotated[int, Field(ge=0, le=525_600)] = 0
    maintenance_is: Literal["out", "in"] = "out"
    service: ServiceLife = ServiceLife()
    now: Instant
    right: JsonValue = None


def simulate(asked: LevelCase) -> LevelAnswer:
    """Raises `Unacceptable` with all problems of the document."""
    refuse_if(list(problems(asked)))
    return answered(measured(asked))


def answered(found: MeasuredLevel) -> LevelAnswer:
    return LevelAnswer(
        promised_minutes=Fraction(found.promised),
        excluded_minutes=Fraction(found.excluded),
        down_minutes=found.down,
        availability=found.shown,
        kept=found.is_kept,
        left_minutes=found.left,
        longest_minutes=Fraction(found.longest),
        number=found.number,
    )


def measured(asked: LevelCase) -> MeasuredLevel:
    period, now = asked.period.span, second(asked.now)
    life = asked.service
    promise = LevelPromise(
        period=period,
        window=asked.window,
        target=Fraction(asked.target),
        life=(
            second(life.since) if life.since else -_FOR_EVER,
            second(life.until) if life.until else _FOR_EVER,
        ),
        out=_out(asked),
    )
    troubles = (
        Trouble(one.of, (second(one.since), min(second(one.until) if one.until else now, now)), Fraction(one.factor))
        for one in asked.outages
    )
    return measure(promise, course(asked.needs, troubles))


def _out(asked: LevelCase) -> list[Seconds]:
    """When nothing is promised: while what is maintained, taken alone, takes the service down, and what is excluded."""
    agreed = [one for one in asked.maintenance if asked.maintenance_is == "out" and _counts(one, asked.notice_minutes)]
    told: Sequence[MaintenanceTold | ExclusionTold] = [*agreed, *asked.exclusions]
    whole = [(second(one.since), second(one.until)) for one in told if one.of is None]
    parts = (Trouble(one.of, (second(one.since), second(one.until))) for one in told if one.of is not None)
    return united([*whole, *(down.span for down in course(asked.needs, parts) if down.level == DOWN)])


def _counts(one: MaintenanceTold, notice: int) -> bool:
    in_time = one.announced is not None and one.announced + timedelta(minutes=notice) <= one.since
    return one.agreed and in_time


def problems(asked: LevelCase) -> Iterator[Problem]:
    if depth_of(asked.needs) > DEEPEST:
        yield Problem(code="need_too_deep", at="/needs", values={"limit": f"{DEEPEST}"})
    if sum(1 for _ in names_in(asked.needs)) > MOST_NEEDED:
        yield Problem(code="too_long", at="/needs", values={"max_length": f"{MOST_NEEDED}"})
    for problem in aimless(asked.window):
        yield problem.but(at=f"/window{problem.at}")
    names = set(names_in(asked.needs))
    for field in ("outages", "maintenance", "exclusions"):
        yield from _of_spans(getattr(asked, field), names, f"/{field}")
    for place, outage in enumerate(asked.outages):
        if outage.since > asked.now:
            values = {"at": f"{outage.since.isoformat()}", "now": f"{asked.now.isoformat()}"}
            yield Problem(code="outage_to_come", at=f"/outages/{place}/from", values=values)
    life = asked.service
    if life.since and life.until and life.until <= life.since:
        yield _ends_too_early(life.since, life.until, "/service")


def _of_spans(
    told: Sequence[OutageTold | MaintenanceTold | ExclusionTold], names: set[str], where: str
) -> Iterator[Problem]:
    for place, one in enumerate(told):
        if one.of is not None and one.of not in names:
            yield Problem(code="not_needed", at=f"{where}/{place}/of", values={"name": one.of})
        if one.until is not None and one.until <= one.since:
            yield _ends_too_early(one.since, one.until, f"{where}/{place}")


def _ends_too_early(since: datetime, until: datetime, at: str) -> Problem:
    return Problem(
        code="ends_before_begin", at=f"{at}/until", values={"since": since.isoformat(), "until": until.isoformat()}
    )
