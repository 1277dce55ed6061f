"""The technicians of a rehearsal: each goes from visit to visit as planned, and to whatever else is due meanwhile."""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from activities.records import CaseEntry, OrderEntry
from domain.moves.plans.plan import Technician
from domain.moves.rehearsals.rehearsal import RehearsedLoad
from domain.times import ZERO
from rehearsal.scenes import Scene
from rehearsal.virtual_time import Pending
from rehearsal.visits import Visit, step_on_site
from rehearsal.whiteboards import OrderOnBoard

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
# Who begins so much later than planned has had to wait for something.
PATIENCE = timedelta(minutes=5)


class DueVisit(NamedTuple):
    """A visit that can be made since then; `after` is the leg that had ended last."""

    at: datetime
    no: str
    site: str
    since: datetime
    after: str | None


class Crew:
    """Everybody who visits. What nobody is planned for is done by whoever has the fewest visits to make."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._members = {member.id: StandInTechnician(scene, member) for member in scene.pack.plan.basis.technicians}
        scene.board.listeners.append(self._hear)

    def begin(self) -> None:
        for member in self._members.values():
            self._scene.time.begin(member.work())

    @property
    def loads(self) -> tuple[RehearsedLoad, ...]:
        return tuple(load for member in self._members.values() for load in member.loads())

    def _hear(self, entry: CaseEntry) -> None:
        if isinstance(entry, OrderEntry):
            shown = self._scene.board.orders[entry.order.no]
            if step_on_site(shown) is not None:
                self._member(shown).expect(shown)

    def _member(self, shown: OrderOnBoard) -> "StandInTechnician":
        agreed = shown.progress.appointment or shown.part.visit
        known = self._members.get(agreed.technician or "")
        return known or min(self._members.values(), key=lambda member: (len(member.due), member.id))


class StandInTechnician:
    """At one order at a time, not before it is planned, and begun within working hours only."""

    def __init__(self, scene: Scene, technician: Technician) -> None:
        self.id = technician.id
        self.due: dict[str, DueVisit] = {}
        self._scene = scene
        self._hours = technician.hours
        self._travel = timedelta(minutes=scene.pack.plan.basis.travel_minutes)
        self._bell: Pending[None] = Pending()
        self._at_work_on: str | None = None
        self._where: str | None = None
        self._free_at = scene.time.now
        self._last_leg: str | None = None
        self._minutes: Counter[date] = Counter()

    def loads(self) -> list[RehearsedLoad]:
        return [
            RehearsedLoad(technician=self.id, day=day, minutes=minutes)
            for day, minutes in sorted(self._minutes.items())
        ]

    def expect(self, shown: OrderOnBoard) -> None:
        no, agreed = shown.order.no, shown.progress.appointment or shown.part.visit
        if no in self.due or no == self._at_work_on:
            return
        now, board = self._scene.time.now, self._scene.board
        self.due[no] = DueVisit(agreed.window.start, no, shown.order.request.site, now, board.last_ended)
        bell, self._bell = self._bell, Pending()
        self._scene.time.soon(lambda: bell.settle(None))

    async def work(self) -> None:
        while True:
            next_at, due = min(((self._can_begin(due), due) for due in self.due.values()), default=(None, None))
            now = self._scene.time.now
            if due is not None and next_at is not None and next_at <= now:
                await self._visit(due)
            else:
                await self._scene.time.ended(self._bell, None if next_at is None else next_at - now)

    async def _visit(self, due: DueVisit) -> None:
        del self.due[due.no]
        self._at_work_on = due.no
        visit, leg = Visit(self._scene, due.no, self.id), self._scene.board.legs[self._scene.board.orders[due.no].leg]
        begun = self._scene.time.now
        if leg.began is None:
            late = begun > leg.planned.start + PATIENCE
            leg.began, leg.bound_by = begun, self._cause(due) if late else None
        travelled = self._travel_to(due.site)
        await visit.make()
        self._free_at, self._last_leg, self._at_work_on = self._scene.time.now, leg.leg, None
        request = visit.shown.order.request
        self._where = request.target.site if request.target else request.site
        today = begun.astimezone(ZoneInfo(self._hours.zone)).date()
        self._minutes[today] += round((self._free_at - begun + travelled) / MINUTE)

    def _cause(self, due: DueVisit) -> str | None:
        """They were busy longer than planned, or the order was not there yet."""
        return self._last_leg if self._free_at + self._travel_to(due.site) > due.since else due.after

    def _can_begin(self, due: DueVisit) -> datetime:
        earliest = max(due.at, self._free_at + self._travel_to(due.site), self._scene.time.now)
        return earliest if self._hours.is_open(earliest) else self._hours.add(earliest, SECOND) - SECOND

    def _travel_to(self, site: str) -> timedelta:
        return ZERO if self._where in (None, site) else self._travel
