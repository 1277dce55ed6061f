"""One order under way: what every step may see, say and do."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from activities.missing_goods import MissingGoodsDesk
from activities.records import MergedAsked, OrderEntry, Records
from domain.cases.events import PART_TELLS, TELLS, Event, Happening
from domain.cases.holders import burnt
from domain.cases.instructions import Instruction
from domain.cases.order_commands import Book, ConfirmCustody, HandOver, HolderKind
from domain.clocks.calendars import Calendar
from domain.clocks.ladders import LadderRow
from domain.clocks.sla import SERVICE, SlaClock
from domain.contracts.chains import Custody
from domain.ids import incident_workflow_id, order_workflow_id
from domain.incidents.missing_goods import MissingOpening
from domain.kinds import OrderState
from domain.orders.decisions.decide import decide, following
from domain.orders.decisions.own_people import counted
from domain.orders.departures import certified
from domain.orders.erasures import name_of
from domain.orders.news import OrderNews, audience, heard, news_of
from domain.orders.order import Order
from domain.orders.progress import LIVE, MissingGoods, Progress, StepProgress, StepStatus
from domain.orders.promises import WHOLE, ladder_of
from domain.orders.sheets import told_of
from domain.people import Role
from domain.refusals import Problem
from domain.vendors.jobs import JobStatus
from workflows.case import Case
from workflows.effects import Impossible, act
from workflows.opened_incidents import open_incident

# Goods of orders that had handed over before were not said to have left.
SAYS_WHAT_LEFT = "says-what-left"
# Letters of a list of serials that events and messages show.
MOST_NAMED = 500
# Of orders that had ended before, what was merged heard nothing.
HEARD_WHERE_IT_GOES_ON = "heard-where-it-goes-on"
HUMAN = frozenset({StepStatus.OPEN, StepStatus.STARTED})


class OrderCase(Case[Progress]):
    tells = TELLS

    def __init__(self, order: Order, progress: Progress) -> None:
        super().__init__(order_workflow_id(order.no), order.no, order.terms.contract, order.received_at, progress)
        self.order = order
        self.undoable: list[str] = []
        self._trouble: tuple[str, int, Problem | None] | None = None
        self._speaking = asyncio.Lock()
        if order.part is not None:
            self.tells = PART_TELLS

    @property
    def calendars(self) -> Mapping[str, Calendar]:
        return {SERVICE: self.order.terms.calendar, **self.progress.calendars}

    @property
    def deadline(self) -> datetime | None:
        return self.deadline_of(WHOLE)

    def ladder(self, clock: SlaClock) -> tuple[LadderRow, ...]:
        return ladder_of(self.order, clock)

    def decide(self, instruction: Instruction) -> Progress:
        return decide(self.order, self.progress, instruction)

    def evolve(self, decided: Progress, given: Instruction) -> Progress:
        return counted(super().evolve(decided, given), self.hours.of)

    def execute(self, instruction: Instruction) -> Instruction | None:
        before = self.progress
        given = super().execute(instruction)
        if given is not None:
            self._note_goods(before, given)
            self._tell_called_off(before)
        for step in self.progress.steps:
            if step.status == StepStatus.STUCK != before.step(step.id).status:
                self._say_stuck(step)
        agreed = self.progress.appointment
        if given and isinstance(given.command, Book) and agreed is not None and agreed.technician is not None:
            place = {"place": self._place()}
            self.tell("visit_assigned", people=(agreed.technician,), values=place, key=self.numbered(given))
        if given and isinstance(given.command, HandOver) and given.command.kind == HolderKind.CUSTOMER:
            own_people = self.order.people(Role.CONTACT)
            facts = self.facts_at(given.command.step) | {"note": given.command.reason or ""}
            self.tell("step_with_customer", people=own_people, values=facts, key=self.numbered(given))
        return given

    def advance(self, progress: Progress) -> None:
        self.progress = following(self.order, progress, workflow.now())

    def note_open_steps(self) -> None:
        """Those that its start has opened."""
        for step in self.order.chain.steps:
            if self.status(step.id) == StepStatus.OPEN:
                self.note(Happening.STEP_OPENED, step=step.id)

    def open(self, step_id: str) -> None:
        self.advance(self.progress.opened(step_id, workflow.now()))
        self.note(Happening.STEP_OPENED, step=step_id)

    def settle(self, step_id: str) -> None:
        """A machine has done the step."""
        self.advance(self.progress.settled(step_id, workflow.now()))
        self.note(Happening.STEP_DONE, step=step_id)

    def stick(self, step_id: str, problem: Problem) -> None:
        """A machine cannot go on: the step becomes a visible task for a person."""
        self.advance(self.progress.with_step(step_id, status=StepStatus.STUCK, problem=problem))
        self._say_stuck(self.progress.step(step_id))

    def name_of(self, step_id: str) -> str:
        return self.order.chain.step(step_id).title or step_id

    def status(self, step_id: str) -> StepStatus:
        return self.progress.step(step_id).status

    def is_answered(self, step_id: str) -> bool:
        """Whether people have done with the step, whatever came of it, or the order is to end."""
        return self.status(step_id) not in HUMAN or self.progress.ending is not None

    async def answered(self, step_id: str, *, until: datetime | None = None, summary: str | None = None) -> bool:
        """Return when people have done with the step, or False when the time is up."""
        left = None if until is None else max(until - workflow.now(), timedelta(0))
        try:
            await workflow.wait_condition(lambda: self.is_answered(step_id), timeout=left, timeout_summary=summary)
        except TimeoutError:
            return self.is_answered(step_id)
        return True

    def hear(self, news: OrderNews) -> None:
        """What an order of this bundle has come to."""
        standing = heard(self.progress, news)
        if standing is None:
            return
        step = standing.step
        self.advance(self.progress.with_part(standing))
        self.note(Happening.ORDER_ENDED, step=step, values={"order": standing.order, "state": standing.state})
        if self.status(step) not in LIVE:
            return
        if standing.state == OrderState.COMPLETED:
            self.settle(step)
        elif self.progress.ending is None:
            self.stick(step, standing.problem or Problem(code="order_lost", values={"order": standing.order}))
        else:
            # It was called off with the bundle, be it that a person had to see to that.
            self.advance(self.progress.with_step(step, status=StepStatus.UNDONE))

    def written(self) -> None:
        """A person must act, or another one, or nobody any more: whoever watches over the order is told."""
        step = self.progress.troubled
        trouble = (step.id, step.round, step.problem) if step else None
        if trouble != self._trouble and not self.progress.state.is_final:
            self._trouble = trouble
            self.tell_others(ended=False)

    def tell_others(self, *, ended: bool) -> None:
        news = news_of(self.order, self.progress, workflow.now())
        for listener in audience(self.order, ended=ended):
            self.send(self._signal(listener, news))

    def will_undo(self, step_id: str) -> None:
        """Say so before the step acts; saying it again, as on a second try, changes nothing."""
        if step_id not in self.undoable:
            self.undoable.append(step_id)

    def facts_at(self, step: str | None) -> dict[str, str]:
        return {"step": self.name_of(step)} if step else {}

    def background(self) -> dict[str, str]:
        request = self.order.request
        values = {
            "order": self.order.no,
            "kind": request.kind,
            "site": request.site,
            "zone": self.order.terms.access.zone,
            "reference": request.reference or "",
        }
        values |= told_of(self.order)
        if self.progress.appointment is not None:
            window = self.progress.appointment.window
            values |= {"from": window.start.isoformat(), "to": window.end.isoformat()}
        return values

    def people_as(self, role: Role) -> tuple[str, ...]:
        if role == Role.VENDOR:
            asked = (job.terms.people for job in self.progress.jobs if job.is_open and job.terms is not None)
            return tuple(dict.fromkeys(person for people in asked for person in people))
        return (self.order.request.requester,) if role == Role.REQUESTER else ()

    async def write(self, events: tuple[Event, ...], *, whole: bool, summary: str) -> int:
        entry = OrderEntry(
            order=self.order,
            progress=self.progress.with_dues(self.deadline_of),
            events=events,
            deadline=self.deadline,
            at=workflow.now(),
            whole=whole,
        )
        return await act(Records.record, entry, summary=summary)

    async def _signal(self, listener: str, news: OrderNews) -> None:
        """A case that is over, or was never there, keeps no order from going on. News arrive in their order."""
        async with self._speaking:
            incident = self.order.request.incident
            if await self._is_heard(listener, news) or incident is None:
                return
            if listener == incident_workflow_id(incident) and workflow.patched(HEARD_WHERE_IT_GOES_ON):
                asked = MergedAsked(incident=incident)
                goes_on = await self.act(Records.goes_on_in, asked, summary="where its incident goes on")
                if goes_on is not None:
                    await self._is_heard(incident_workflow_id(goes_on), news)

    async def _is_heard(self, listener: str, news: OrderNews) -> bool:
        try:
            await workflow.get_external_workflow_handle(listener).signal("order_news", news)
        except ApplicationError as error:
            workflow.logger.info("nobody hears", extra={"order": self.order.no, "why": error.message})
            return False
        return True

    def _say_stuck(self, step: StepProgress) -> None:
        problem = {"problem": step.problem.code} | step.problem.values if step.problem else {}
        self.note(Happening.STEP_STUCK, step=step.id, values=problem)

    def _note_goods(self, before: Progress, given: Instruction) -> None:
        """What has left our control by what was said, and what turns out to be missing."""
        step = given.command.step
        if isinstance(given.command, ConfirmCustody) and step and self.status(step) == StepStatus.DONE:
            custody = self.order.chain.step(step)
            if isinstance(custody, Custody) and custody.leaves_control and workflow.patched(SAYS_WHAT_LEFT):
                values = {"taker": custody.taker, "serials": ", ".join(given.command.serials)[:MOST_NAMED]}
                values |= certified(self.progress.custodians[len(before.custodians) :])
                self.note(Happening.LEFT_CONTROL, step=step, values=values)
        for goods in self.progress.missing[len(before.missing) :]:
            self._note_missing(goods, step)
            if goods.incident is not None:
                self.send(self._have_looked_for(goods, goods.incident, given, step))

    def _tell_called_off(self, before: Progress) -> None:
        """Whoever was asked, or was to come, hears that nobody need come."""
        was_open = {job.no for job in before.jobs if job.is_open}
        for job in self.progress.jobs:
            if job.status == JobStatus.CALLED_OFF and job.no in was_open and job.terms is not None:
                values = self.facts_at(job.step) | {"vendor": job.terms.name, "ticket": job.ticket or ""}
                self.tell("order_vendor_called_off", people=job.terms.people, values=values, key=f"{job.no}")

    def _note_missing(self, goods: MissingGoods, step: str | None, **why: str) -> None:
        values = {"serials": ", ".join(goods.serials)[:MOST_NAMED], "incident": goods.incident or ""}
        self.note(Happening.ITEM_MISSING, step=step, values=values | why)

    async def _have_looked_for(self, goods: MissingGoods, no: str, given: Instruction, step: str | None) -> None:
        """Once, however often this is done: the number of its incident says for which goods it is."""
        asked = MissingOpening(
            no=no,
            order=self.order.no,
            customer=self.order.customer,
            contract=self.order.terms.contract,
            site=self.order.request.site,
            serials=goods.data_bearing,
            tags=tuple(asset.tag for asset in self.progress.assets if name_of(asset) in goods.data_bearing),
            by=given.actor.person,
            at=workflow.now(),
        )
        try:
            incident = await self.act(MissingGoodsDesk.incident_of_missing, asked, summary=f"incident {no}")
        except Impossible as impossible:
            self._note_missing(goods.but(incident=None), step, problem=impossible.problem.code)
            return
        await open_incident(incident)

    async def burn(self) -> None:
        """Whose minutes of the promise burnt until the order ended, where a vendor could have it."""
        if self.progress.stints:
            clock = next(clock for clock in self.clocks if clock.name == WHOLE)
            hours = await self.hours.until(clock.hours, workflow.now())
            self.progress = self.progress.but(burnt=burnt(self.progress.stints, clock, hours, workflow.now()))

    def _place(self) -> str:
        """Where on the site the work is."""
        places = (self.order.request.target, *(asset.place for asset in self.order.assets))
        return str(next((place for place in places if place), self.order.request.site))
