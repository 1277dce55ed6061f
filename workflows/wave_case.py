"""One wave under way: how each workplace stands, what is open for a person, and what project and orders are told."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from temporalio import workflow

from activities.moves import LegsAsked, Moves, TellOrder, Unheard
from activities.records import Records, WaveEntry
from domain.cases.events import Event
from domain.cases.instructions import Instruction
from domain.cases.move_commands import Adopt, AssignRows
from domain.clocks.calendars import Calendar
from domain.clocks.ladders import LadderRow, rows_for
from domain.clocks.sla import MADE_TO, SERVICE, ClockKind, SlaClock
from domain.clocks.thresholds import DueThreshold
from domain.ids import leg_order_no, wave_workflow_id
from domain.kinds import Leg
from domain.moves.launched import wave_news
from domain.moves.launched.events import WAVE_TELLS, MoveHappening
from domain.moves.launched.trips import PlaceLeg
from domain.moves.launched.wave_course import counts, standings, startable
from domain.moves.launched.wave_decisions import decide, following
from domain.moves.launched.wave_progress import (
    LegProgress,
    LegStatus,
    OpenPoint,
    WaveCounts,
    WaveNews,
    WaveProgress,
    WaveState,
    WorkplaceStanding,
    WorkplaceState,
    begin,
)
from domain.moves.plans.launches import WaveLaunch
from domain.orders.news import OrderNews
from domain.people import Role
from domain.refusals import Problem
from workflows.case import Case
from workflows.effects import Impossible, act, patiently

# Far more activities than this under way, as for thousands of orders that are stuck, and a workflow hangs.
TOLD_AT_ONCE = 100
# All rows of a large wave at once would be a payload of a megabyte.
ROWS_AT_ONCE = 100


class WaveCase(Case[WaveProgress]):
    tells = WAVE_TELLS

    def __init__(self, launch: WaveLaunch) -> None:
        workflow_id = wave_workflow_id(launch.project, launch.wave.id)
        no = f"{launch.project}/{launch.wave.id}"
        super().__init__(workflow_id, no, launch.contract, launch.received_at, begin(launch))
        self.launch = launch
        self.ready: list[LegProgress] = []
        self.waits_for_orders = False
        self.has_untold = False
        self.news: WaveNews | None = None
        self._said: tuple[object, ...] = ()
        self._known: dict[str, WorkplaceStanding] = {}
        self._unshown: set[str] = set()
        # Orders being placed or told: what may not have begun yet can neither be told anything nor be lost.
        self._busy: set[str] = set()

    @property
    def known_as(self) -> str:
        return self.launch.wave.id

    @property
    def calendars(self) -> Mapping[str, Calendar]:
        return {SERVICE: self.launch.calendar, **self.progress.calendars}

    @property
    def deadline(self) -> datetime | None:
        """Until when the most pressing exception is to be settled."""
        dues = (self.deadline_of(point.clock) for point in self.progress.points)
        return min((due for due in dues if due is not None), default=None)

    def ladder(self, clock: SlaClock) -> tuple[LadderRow, ...]:
        return rows_for(clock.kind, ())

    def background(self) -> dict[str, str]:
        launch = self.launch
        return {
            "project": launch.project,
            "name_of_project": launch.name,
            "wave": launch.wave.id,
            "site": launch.site,
            "zone": launch.zone,
        }

    def people_as(self, role: Role) -> tuple[str, ...]:
        return (self.launch.launched_by,) if role == Role.REQUESTER else ()

    def decide(self, instruction: Instruction) -> WaveProgress:
        return decide(self.launch, self.progress, instruction)

    def execute(self, instruction: Instruction) -> Instruction | None:
        given = super().execute(instruction)
        if given is not None:
            if isinstance(given.command, Adopt):
                # The project waits to be told anew, however little the plan changes.
                self._said = ()
            self.follow()
            if isinstance(given.command, AssignRows):
                self._unshown |= {point.workplace for point in self.progress.points}
        return given

    def advance(self, progress: WaveProgress) -> None:
        self.progress = progress
        self.follow()

    def follow(self) -> None:
        """What follows from the legs: states, exceptions with their clocks, and what others are to hear."""
        was = self.progress.state
        self.progress = following(self.progress, workflow.now())
        now = standings(self.launch, self.progress, self._known)
        self._keep_points(now)
        for key, standing in now.items():
            known = self._known.get(key)
            if known is standing:
                continue
            if known is None or known.state != standing.state:
                self._note_row(standing, known)
            if known != standing:
                self._unshown.add(key)
        self._known = now
        self.ready = startable(self.progress, self.launch.at_once)
        self.waits_for_orders = not self.progress.holds and any(leg.has_order for leg in self.progress.legs)
        self.has_untold = bool(self._untold())
        if self.progress.state != was and self.progress.state == WaveState.THROUGH:
            self.note(MoveHappening.WAVE_THROUGH, values=self._in_numbers())
        self._report()

    def escalate(self, clock: SlaClock, told: DueThreshold, template: str, facts: dict[str, str]) -> None:
        roles = tuple(
            dict.fromkeys(role for row in self.ladder(clock) if told.threshold in row.points() for role in row.tell)
        )
        point = next((point for point in self.progress.points if point.clock == clock.name), None)
        if roles and point is not None:
            key = f"{clock.name}/{point.since:%Y%m%dT%H%M%S}/{told.threshold.name}"
            self.tell(
                "project_row_overdue",
                people=(point.owner,),
                roles=roles,
                values=facts | {"row": str(point.row)},
                key=key,
            )

    @property
    def counts(self) -> WaveCounts:
        return counts(standing.state for standing in self._known.values())

    async def load(self) -> None:
        """Fetch the legs of the plan that is followed."""
        plan = self.progress.plan
        waiting = tuple(dict.fromkeys(leg.planned.workplace for leg in self.progress.legs if not leg.attempt))
        asked = LegsAsked(project=self.launch.project, plan=plan, wave=self.launch.wave.id, known=waiting)
        found = await self.act(Moves.legs_of_wave, asked, summary=f"workplaces of plan {plan}")
        if plan == self.progress.plan:
            self.advance(wave_news.with_plan(self.progress, found))

    @property
    def has_placed(self) -> bool:
        return any(leg.status == LegStatus.PLACED for leg in self.progress.legs)

    def begin_ready(self) -> list[LegProgress]:
        """Take what may begin now as placed; its orders are placed afterwards."""
        begun = [wave_news.placing(leg, self._order_no(leg), self._plan_of(leg), workflow.now()) for leg in self.ready]
        if begun:
            changed = {leg.id: leg for leg in begun}
            self._busy.update(leg.order for leg in begun if leg.order is not None)
            self.advance(self.progress.but(legs=tuple(changed.get(leg.id, leg) for leg in self.progress.legs)))
        return begun

    def _order_no(self, leg: LegProgress) -> str:
        return leg_order_no(self.launch.project, leg.planned.workplace, leg.planned.leg, leg.attempt + 1)

    async def place(self, leg: LegProgress) -> None:
        launch, order = self.launch, leg.order
        assert order is not None
        asked = PlaceLeg(
            project=launch.project,
            plan=self._plan_of(leg),
            wave=launch.wave.id,
            workplace=leg.planned.workplace,
            leg=leg.planned.leg,
            attempt=leg.attempt,
            approver=launch.approver,
            placed_by=launch.launched_by,
            at=workflow.now(),
        )
        try:
            await self.act(Moves.place_order, asked, summary=f"row {leg.planned.row}: {leg.planned.leg}")
        except Impossible as impossible:
            self.advance(wave_news.refused(self.progress, order, impossible.problem))
        self._free(order)

    def _plan_of(self, leg: LegProgress) -> int:
        """Who has stepped aside or goes back is on a way that a newer plan, and its list, may not have any more."""
        if leg.planned.leg in (Leg.WHOLE, Leg.ASIDE):
            return self.progress.plan
        begun = (one.plan for one in self.progress.legs if one.planned.workplace == leg.planned.workplace)
        return min((plan for plan in begun if plan is not None), default=self.progress.plan)

    def _untold(self) -> list[LegProgress]:
        room = max(TOLD_AT_ONCE - len(self._busy), 0)
        return [leg for leg in self.progress.legs if leg.untold and self._is_reachable(leg)][:room]

    def _is_reachable(self, leg: LegProgress) -> bool:
        return leg.has_order and leg.order not in self._busy

    def _free(self, order: str) -> None:
        self._busy.discard(order)
        self.has_untold = bool(self._untold())

    def begin_telling(self) -> list[LegProgress]:
        """Take these as being told; each order is told one thing after the other."""
        told = self._untold()
        self._busy.update(leg.order for leg in told if leg.order is not None)
        self.has_untold = bool(self._untold())
        return told

    async def tell_order(self, leg: LegProgress) -> None:
        """Tell it the first of what it has not been told; an order that is over has nothing to hear."""
        assert leg.order is not None
        instruction = leg.untold[0]
        summary = f"row {leg.planned.row}: {instruction.command.type}"
        # An order may need the very places for quick tries that asking it quickly would take.
        told = await patiently(Moves.tell_order, TellOrder(order=leg.order, instruction=instruction), summary=summary)
        self._free(leg.order)
        now = self.progress.leg(leg.id)
        if now is None or now.attempt != leg.attempt:
            return
        if told.problem is not None and now.has_order:
            values = {"row": str(leg.planned.row), "order": leg.order, "command": instruction.command.type}
            self.note(MoveHappening.NOT_STOPPED, values=values | {"problem": told.problem.code} | told.problem.values)
        untold = tuple(one for one in now.untold if one != instruction)
        self.advance(self.progress.with_leg(now.but(untold=untold)))

    async def look_for_lost(self) -> None:
        """Orders that were ended in the engine say nothing; whoever looks after their rows has to see what is done."""
        unheard = tuple(leg.order for leg in self.progress.legs if self._is_reachable(leg) and leg.order is not None)
        lost = await self.act(Moves.lost_orders, Unheard(orders=unheard), summary=f"{len(unheard)} orders")
        if lost.orders:
            self.advance(wave_news.without_lost(self.progress, lost.orders, workflow.now()))

    def hear(self, news: OrderNews) -> None:
        if news.customer != self.launch.customer:
            return
        heard = wave_news.heard(self.progress, news)
        if heard is not self.progress:
            self.advance(heard)

    def end(self) -> None:
        """The project has said so: what is open stays on record."""
        progress = self.progress
        if progress.called_off is not None:
            state = WaveState.CALLED_OFF
        else:
            state = WaveState.DONE_WITH_EXCEPTIONS if progress.points else WaveState.DONE
        clocks = tuple(clock.cancel(workflow.now()) for clock in progress.clocks)
        self.progress = progress.but(state=state, clocks=clocks)
        self.note(MoveHappening.WAVE_ENDED, values=self._in_numbers() | {"state": state})
        self._report()

    async def write(self, events: tuple[Event, ...], *, whole: bool, summary: str) -> int:
        shown = self._known.keys() if whole else self._unshown & self._known.keys()
        rows = tuple(self._shown(self._known[key]) for key in sorted(shown))
        self._unshown = set()
        entry = WaveEntry(
            launch=self.launch,
            progress=self.progress.but(legs=()),
            counts=self.counts,
            rows=rows[:ROWS_AT_ONCE],
            events=events,
            deadline=self.deadline,
            at=workflow.now(),
            whole=whole,
        )
        written = await act(Records.record_wave, entry, summary=summary[:200])
        for first in range(ROWS_AT_ONCE, len(rows), ROWS_AT_ONCE):
            # The same entry with other rows: what it has written already stays as it is.
            more = entry.but(rows=rows[first : first + ROWS_AT_ONCE])
            written = await act(Records.record_wave, more, summary="more rows")
        return written

    def _shown(self, standing: WorkplaceStanding) -> WorkplaceStanding:
        point = self.progress.point(standing.workplace)
        if point is None:
            return standing
        return standing.but(owner=point.owner, due=self.deadline_of(point.clock))

    def _keep_points(self, now: Mapping[str, WorkplaceStanding]) -> None:
        at, progress = workflow.now(), self.progress
        # Another list may have a workplace in another row.
        kept = tuple(
            point if point.row == standing.row else point.but(row=standing.row)
            for point in progress.points
            if (standing := now.get(point.workplace)) is not None and standing.state.is_open
        )
        known = {point.workplace for point in kept}
        added = tuple(
            OpenPoint(workplace=key, row=standing.row, owner=self.launch.launched_by, since=at)
            for key, standing in now.items()
            if standing.state.is_open and key not in known
        )
        if not added and kept == progress.points:
            return
        names = {point.clock for point in kept}
        clocks = tuple(clock for clock in progress.clocks if clock.name in names)
        self.progress = progress.but(points=(*kept, *added), clocks=(*clocks, *map(self._clock, added)))

    def _clock(self, point: OpenPoint) -> SlaClock:
        target = timedelta(minutes=self.launch.exception_minutes)
        clock = SlaClock(name=point.clock, kind=ClockKind.EXCEPTION, type=MADE_TO[ClockKind.EXCEPTION], target=target)
        return clock.start(point.since)

    def _note_row(self, standing: WorkplaceStanding, known: WorkplaceStanding | None) -> None:
        if known is None and standing.state == WorkplaceState.WAITING:
            return
        values = {"row": str(standing.row)}
        if standing.orders:
            values["order"] = standing.orders[-1]
        problem = standing.problem
        values |= {"problem": problem.code} | problem.values | values if problem else {}
        self.note(MoveHappening(f"row_{standing.state}"), values=values)
        point = self.progress.point(standing.workplace)
        if point is not None and (known is None or not known.state.is_open):
            self.tell("project_row_open", people=(point.owner,), values=_telling(values, problem))

    def _report(self) -> None:
        progress, numbers = self.progress, self.counts
        passed = tuple(percent for percent in progress.tells_at if percent <= numbers.percent)
        past = progress.state == WaveState.THROUGH or progress.state.is_final
        said = (progress.state, passed, numbers if past else None)
        if said != self._said and progress.loaded:
            self._said = said
            event_id = f"{self.launch.wave.id[:30]}-{progress.seq}-{progress.state}"
            self.news = WaveNews(
                event_id=event_id,
                wave=self.launch.wave.id,
                state=progress.state,
                counts=numbers,
                at=workflow.now(),
                plan=progress.plan,
            )

    def _in_numbers(self) -> dict[str, str]:
        return {name: str(number) for name, number in self.counts.model_dump().items()}


def _telling(values: dict[str, str], problem: Problem | None) -> dict[str, str]:
    return values | {"problem": problem.code if problem else "person_needed"}
