"""One incident from its report until nobody can reopen it any more."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.calendars import Calendars, WorkingDays
    from domain.alerts.groups import AlertNews
    from domain.cases.events import Happening
    from domain.incidents.incident import Incident
    from domain.incidents.progress import IncidentState
    from domain.incidents.promises import begun
    from domain.oncall.page import PageNews
    from domain.orders.order import OrderNews
    from workflows.case_workflow import CaseWorkflow
    from workflows.incident_case import IncidentCase
    from workflows.page_desk import call_people
    from workflows.receipts import Receipt
    from workflows.sla_watch import TICK, watch
    from workflows.vendor_desk import give_out


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
        return await self.case.keep(self.look_after(), watch(self.case), give_out(self.case), call_people(self.case))

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
        await workflow.wait_condition(lambda: self.case.calls_nobody)
        await self.case.all_told()
        await workflow.wait_condition(workflow.all_handlers_finished)

    async def solved_for_good(self) -> None:
        """Return when it is cancelled, or solved and can no longer be reopened."""
        while True:
            await workflow.wait_condition(lambda: not self.case.progress.state.is_unsolved)
            if self.case.progress.state == IncidentState.CANCELLED:
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
        try:
            await workflow.wait_condition(
                lambda: self.case.progress.resolved_at != progress.resolved_at,
                timeout=max(until - workflow.now(), TICK),
                timeout_summary="can be reopened",
            )
        except TimeoutError:
            self.close()
            return self.case.progress.resolved_at is not None
        return False

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
    def hear_alerts(self, news: AlertNews) -> None:
        """Monitoring has more to say of what it reported."""
        self.case.hear_alerts(news)
