"""One incident from its report until nobody can reopen it any more."""

from datetime import datetime

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.calendars import Calendars, WorkingDays
    from domain.alerts.groups import AlertNews
    from domain.cases.events import Happening
    from domain.incidents.incident import Incident
    from domain.incidents.progress import IncidentProgress, IncidentState
    from domain.incidents.promises import begun
    from domain.incidents.relatives import MergeNews, ParentNews
    from domain.oncall.page import PageNews
    from domain.orders.order import OrderNews
    from workflows.case_workflow import CaseWorkflow
    from workflows.incident_case import IncidentCase
    from workflows.page_desk import call_people
    from workflows.receipts import Receipt
    from workflows.relatives import hear_of_merger, hear_of_parent, tell_relatives
    from workflows.sla_watch import TICK, watch
    from workflows.vendor_desk import give_out


# Incidents that were solved before there were reminders close without one.
REMINDED = "reminded-before-closing"


@workflow.defn
class IncidentWorkflow(CaseWorkflow[IncidentCase]):
    """Look after one incident: its promises, its people, its solution."""

    @workflow.init
    def __init__(self, incident: Incident) -> None:
        self.case = IncidentCase(incident, begun(incident))
        self.case.note(Happening.REPORTED)

    @workflow.run
    async def run(self, incident: Incident) -> Receipt:
        await self.case.reachable()
        beside = (watch(self.case), give_out(self.case), call_people(self.case), tell_relatives(self.case))
        return await self.case.keep(self.look_after(), *beside)

    async def look_after(self) -> None:
        self.case.call_first("reported")
        while True:
            await self.solved_for_good()
            solved_at = self.case.progress.resolved_at
            await self.wind_up()
            # Who asked in time, but was heard late, may have reopened it while others were told that it is over.
            if self.case.progress.resolved_at == solved_at:
                return

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
        """False when it is reopened in time."""
        progress = self.case.progress
        assert progress.resolved_at is not None
        self.case.burn()
        days = self.case.incident.terms.reopen_days
        asked = WorkingDays(calendar=self.case.incident.terms.calendar, start=progress.resolved_at, days=days)
        until = await self.case.act(Calendars.after_working_days, asked, summary="until when it can be reopened")
        if self.case.progress.resolved_at != progress.resolved_at:
            return False
        self.case.progress = self.case.progress.but(reopen_until=until)
        self.case.note(Happening.SOLVED, values={"until": until.isoformat(), "solution": progress.solution or ""})
        if workflow.patched(REMINDED) and await self.is_reopened(progress, await self.remind_at(progress)):
            return False
        self.remind(until)
        if await self.is_reopened(progress, until):
            return False
        self.close()
        return self.case.progress.resolved_at is not None

    async def remind_at(self, progress: IncidentProgress) -> datetime:
        """A working day before it closes by itself; with only one day to object, at once."""
        assert progress.resolved_at is not None
        terms = self.case.incident.terms
        days = terms.reopen_days - 1
        if not days:
            return progress.resolved_at
        asked = WorkingDays(calendar=terms.calendar, start=progress.resolved_at, days=days)
        return await self.case.act(Calendars.after_working_days, asked, summary="when the reporter is reminded")

    async def is_reopened(self, progress: IncidentProgress, until: datetime) -> bool:
        """True as soon as it is, False when that has not happened by then."""
        try:
            await workflow.wait_condition(
                lambda: self.case.progress.resolved_at != progress.resolved_at,
                timeout=max(until - workflow.now(), TICK),
                timeout_summary="can be reopened",
            )
        except TimeoutError:
            return False
        return True

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
