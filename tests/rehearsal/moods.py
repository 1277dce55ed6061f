"""The outside world in changing moods: it answers at once, late, not for days, or says that it is impossible."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import wraps
from random import Random
from typing import Any

from activities.calendars import Calendars, HoursAsked
from activities.failures import impossible
from activities.pages import CallAsked, StepAsked, StepPeople
from activities.vendors import VendorAsked
from domain.oncall.page import Callee, Method
from domain.refusals import Problem, RegisterRefused
from domain.vendors.vendor import UnderpinningContract, VendorTerms
from rehearsal.acts import ActivityFunction
from rehearsal.stand_ins import StandInAway
from rehearsal.virtual_time import VirtualTime
from tests.rehearsal.sayings import CALENDARS, PEOPLES_IDS

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
# What may refuse for good; whatever else there is answers in the end.
MAY_REFUSE = frozenset({"reserve_assets", "change_assets", "undo_assets", "deliver"})


class Moods:
    """`trouble` is how often something is not as it should be. Calm, everything answers at once."""

    def __init__(self, dice: Random, trouble: float) -> None:
        self.time: VirtualTime
        self.trouble = trouble
        self._dice = dice
        self._away: dict[str, datetime] = {}

    def calm_down(self) -> None:
        self.trouble = 0
        self._away.clear()

    def moody(self, act: ActivityFunction) -> ActivityFunction:
        @wraps(act)
        async def acting(asked: Any) -> Any:  # noqa: ANN401  # whatever the activity is handed
            return await self._answer(act, asked)

        return acting

    async def _answer(self, act: Callable[[Any], Awaitable[Any]], asked: Any) -> Any:  # noqa: ANN401
        name = act.__name__
        if self.time.now < self._away.get(name, self.time.now):
            raise StandInAway
        if self._dice.random() >= self.trouble:
            return await act(asked)
        match self._dice.randrange(5):
            case 0 if name in MAY_REFUSE:
                raise impossible(RegisterRefused(Problem(code="asset_unknown", values={"tag": "NB-000"})))
            case 1:
                self._away[name] = self.time.now + self._dice.choice((MINUTE, 20 * MINUTE, 2880 * MINUTE))
                raise StandInAway
            case 2:
                answer = await act(asked)
                await self.time.sleep(self._dice.choice((SECOND, 5 * SECOND, 40 * SECOND)))
                return answer
            case _:
                await self.time.sleep(self._dice.choice((SECOND, 5 * SECOND, 15 * SECOND)))
                return await act(asked)


class Street:
    """Vendors that may be asked, and people who may be called."""

    def __init__(self, dice: Random) -> None:
        self._dice = dice
        self._calendars = Calendars()

    @property
    def acts(self) -> list[ActivityFunction]:
        return [self.find_vendor, self.people_of_step, self.final_owner, self.call]

    async def find_vendor(self, asked: VendorAsked) -> VendorTerms | None:
        names = (asked.vendor,) if asked.vendor else ("v-druck", "v-netz", "v-strom")
        left = [name for name in names if name not in asked.declined]
        if not left:
            return None
        terms = VendorTerms(
            vendor=left[0], name="Lieferant", version=1, people=("p-wolf",), answer_minutes=self._dice.choice((1, 600))
        )
        if self._dice.random() < 0.3:
            return terms
        uc = UnderpinningContract(
            id="uc-1",
            calendar=self._dice.choice(CALENDARS),
            response_minutes=self._dice.choice((30, 600)),
            resolution_minutes=self._dice.choice((600, 6000)),
            valid_from=asked.at.date(),
        )
        hours = HoursAsked(calendar=uc.calendar, start=asked.at, until=asked.at, span=2 * uc.resolution)
        return terms.but(uc=uc, hours=await self._calendars.service_hours(hours))

    async def people_of_step(self, asked: StepAsked) -> StepPeople:
        people = self._dice.sample(PEOPLES_IDS, self._dice.choice((0, 1, 1, 1, 2)))
        owner = self._dice.choice((None, "p-sommer"))
        return StepPeople(people=tuple(map(self._callee, people)), owner=owner)

    async def final_owner(self, asked: StepAsked) -> Callee | None:
        return self._callee("p-sommer") if self._dice.random() < 0.8 else None

    async def call(self, asked: CallAsked) -> bool:
        return self._dice.random() < 0.7

    def _callee(self, person: str) -> Callee:
        methods = (Method(channel="chat"), Method(channel="sms", after_minutes=2), Method(channel="voice"))
        return Callee(person=person, name=person, methods=methods[: self._dice.randrange(4)])
