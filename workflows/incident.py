"""One incident from its report until nobody can reopen it any more."""

from collections.abc import Callable
from datetime import datetime

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.billing import Billing, Post
    from activities.calendars import Calendars, WorkingDays
    from domain.alerts.groups import AlertNews
    from domain.cases.events import Happening
    from domain.clocks.sla import SERVICE
    from domain.contracts.prices import Charges
    from domain.incidents.charges import incident_lines, logged_work, worked_until
    from domain.incidents.incident import Incident
    from domain.incidents.progress import IncidentProgress, IncidentState
    from domain.incidents.promises import begun
    from domain.incidents.relatives import MergeNews, ParentNews
    from domain.oncall.page import PageNews
    from domain.orders.charges import WorkLog
    from domain.orders.news import OrderNews
    from workflows.case_workflow import CaseWorkflow
    from workflows.incident_case import IncidentCase
    from workflows.page_desk import call_people
    from workflows.receipts import Receipt
    from workflows.relatives import hear_of_merger, hear_of_parent, tell_relatives
    from workflows.sla_watch import TICK, watch
    from workflows.vendor_desk import IncidentVendorDesk, give_out


# Incidents that were solved before there were reminders close without one.
REMINDED = "reminded-before-closing"


@workflow.defn
class IncidentWorkflow(CaseWorkflow[IncidentCase]):
    """Look after one incident: its promises, its people, its solution."""

    @workflow.init
    def __init__(self, incident: Incident) -> None:
        self.case = IncidentCase(incident, begun(incident))
        self.case.note(Happening.REPORTED)
        self.charged: list[WorkLog] = []

    @workflow.run
    async def run(self, incident: Incident) -> Receipt:
        await self.case.reachable()
        desk = IncidentVendorDesk(self.case)
        beside = (watch(self.case), give_out(desk), call_people(self.case), tell_relatives(self.case))
        return await self.case.keep(self.look_after(), *beside)

    async def look_after(self) -> None:
        self.case.call_first("reported")
        while True:
            await self.solved_for_good()
            solved_at = self.case.progress.resolved_at
            await self.wind_up()
            while self.charged != self.logged:
                await self.charge()
                await self.wind_up()
            # Who asked in time, but was heard late, may have reopened it while others were told that it is over.
            if self.case.progress.resolved_at == solved_at:
                return

    @property
    def logged(self) -> list[WorkLog]:
        return logged_work(self.case.incident, self.case.progress)

    async def charge(self) -> None:
        """What was logged so far; what has been charged of it before has the same keys."""
        incident, logs = self.case.incident, self.logged
        hours = await self.case.hours.until(SERVICE, worked_until(logs, workflow.now()))
        charges = Charges(
            order_no=incident.no,
            customer=incident.customer,
            contract=incident.terms.contract,
            lines=incident_lines(incident, logs, hours),
        )
        post = Post(charges=charges, at=workflow.now())
        await self.case.act(Billing.post_charges, post, summary="post the charges")
        self.charged = logs

    async def wind_up(self) -> None:
        await workflow.wait_condition(lambda: self.case.calls_nobody and self.case.has_told_others)
        await self.case.all_told()
        await workflow.wait_condition(workflow.all_handlers_finished)

    async def solved_for_good(self) -> None:
        """Return when it is cancelled or merged, or solved and can no longer be reopened."""
        while True:
            await workflow.wait_condition(lambda: not self.case.progress.state.is_unsolved)
            if self.case.progress.resolved_at is None:
                return
            if await self.stays_solved():
                return

    async def stays_solved(self) -> bool:
        """False when it is reopened in time. What the customer says to it keeps it from closing by itself."""
        progress = self.case.progress
        assert progress.resolved_at is not None
        self.case.burn()
        days = self.case.incident.terms.reopen_days
        until = await self.working_days(progress.resolved_at, days, "until when it can be reopened")
        if not self.is_as_solved(progress):
            return False
        self.case.progress = self.case.progress.but(reopen_until=until)
        self.case.note(Happening.SOLVED, values={"until": until.isoformat(), "solution": progress.solution or ""})
        self.case.have_alerts_looked_at()
        since = progress.resolved_at
        while await self.is_objected_to(progress, since, until):
            heeded = await self.is_heeded(progress)
            if heeded is None:
                return False
            since, until = heeded
        self.close()
        return self.case.progress.resolved_at is not None

    async def is_objected_to(self, progress: IncidentProgress, since: datetime, until: datetime) -> bool:
        """True as soon as it is reopened or answered, False when neither has happened by then."""
        if workflow.patched(REMINDED) and await self.is_disturbed(progress, await self.remind_at(since)):
            return True
        self.remind(until)
        return await self.is_disturbed(progress, until)

    async def is_heeded(self, progress: IncidentProgress) -> tuple[datetime, datetime] | None:
        """When somebody has looked at what the customer said, from when to when it can be reopened; None if it is.

        It never closes before; every working day it is said again, until it is said for the last time.
        """

        def is_waiting() -> bool:
            return self.case.is_answered and self.is_as_solved(progress)

        days = 0
        while is_waiting():
            if self.case.has_said_enough(days):
                await workflow.wait_condition(lambda: not is_waiting())
                break
            day_later = await self.working_days(workflow.now(), 1, "when the answer is told again")
            if await self.is_past(day_later, "an answer waits", is_waiting):
                days += 1
                self.case.repeat_answer(days)
        if not self.is_as_solved(progress):
            return None
        since = workflow.now()
        until = await self.working_days(since, self.case.incident.terms.reopen_days, "until when it can be reopened")
        if not self.is_as_solved(progress):
            return None
        self.case.progress = self.case.progress.but(reopen_until=until)
        self.case.note(Happening.ANSWER_HEEDED, values={"until": until.isoformat()})
        return since, until

    def is_as_solved(self, progress: IncidentProgress) -> bool:
        return self.case.progress.resolved_at == progress.resolved_at

    async def remind_at(self, since: datetime) -> datetime:
        """A working day before it closes by itself; with only one day to object, at once."""
        days = self.case.incident.terms.reopen_days - 1
        return await self.working_days(since, days, "when the reporter is reminded") if days else since

    async def working_days(self, start: datetime, days: int, summary: str) -> datetime:
        asked = WorkingDays(calendar=self.case.incident.terms.calendar, start=start, days=days)
        return await self.case.act(Calendars.after_working_days, asked, summary=summary)

    async def is_disturbed(self, progress: IncidentProgress, until: datetime) -> bool:
        """True as soon as it is reopened, or the customer says something; False when that has not happened by then."""
        return not await self.is_past(
            until, "can be reopened", lambda: self.is_as_solved(progress) and not self.case.is_answered
        )

    async def is_past(self, until: datetime, summary: str, is_so: Callable[[], bool]) -> bool:
        """Whether it is so until then; False as soon as it is not."""
        try:
            await workflow.wait_condition(
                lambda: not is_so(), timeout=max(until - workflow.now(), TICK), timeout_summary=summary
            )
        except TimeoutError:
            return True
        return False

    def remind(self, until: datetime) -> None:
        """Who has confirmed it already needs no reminder."""
        if workflow.patched(REMINDED) and self.case.progress.state == IncidentState.RESOLVED:
            self.case.note(Happening.CLOSES_SOON, values={"until": until.isoformat()})

    def close(self) -> None:
        if self.case.progress.state == IncidentState.RESOLVED:
            self.case.advance(self.case.progress.but(state=IncidentState.CLOSED))
            self.case.note(Happening.DEEMED_CONFIRMED)

    @workflow.signal
    def order_news(self, news: OrderNews) -> None:
        """An order that was placed for this incident has ended; what comes too late for it changes nothing."""
        self.case.hear_of_order(news)

    @workflow.signal
    def page_news(self, news: PageNews) -> None:
        """Somebody has answered a page, or nobody has."""
        self.case.hear_of_page(news)

    @workflow.signal
    async def parent_news(self, news: ParentNews) -> None:
        """The incident of which this is a part is solved, or open again."""
        await self.case.reachable()
        await hear_of_parent(self.case, news)

    @workflow.signal
    def merge_news(self, news: MergeNews) -> None:
        """Another incident goes on in this one."""
        hear_of_merger(self.case, news)

    @workflow.signal
    def hear_alerts(self, news: AlertNews) -> None:
        """Monitoring has more to say of what it reported."""
        self.case.hear_alerts(news)
