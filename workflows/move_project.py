"""One launched move project: gates open its waves, and it ends when nothing is left to be decided."""

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.workflow import ParentClosePolicy

with workflow.unsafe.imports_passed_through():
    from activities.calendars import Calendars, WorkingDays
    from activities.moves import Moves, Outlook
    from domain.cases.ranks import Rank
    from domain.ids import wave_workflow_id
    from domain.moves.launched.events import MoveHappening
    from domain.moves.launched.gates import next_opening
    from domain.moves.launched.project_progress import WaveStanding
    from domain.moves.launched.wave_progress import ProjectWord, WaveNews
    from domain.moves.plans.launches import Launch
    from workflows.case_workflow import CaseWorkflow
    from workflows.project_case import ProjectCase
    from workflows.receipts import Receipt
    from workflows.sla_watch import TICK, watch
    from workflows.starting import TASK_TIMEOUT, priority, search_attributes
    from workflows.wave import WaveWorkflow


@workflow.defn
class MoveProjectWorkflow(CaseWorkflow[ProjectCase]):
    """Run a move project wave by wave."""

    @workflow.init
    def __init__(self, launch: Launch) -> None:
        self.case = ProjectCase(launch)
        self.case.note(MoveHappening.LAUNCHED, values={"person": launch.launched_by, "plan": str(launch.plan)})
        self.case.ask_who_opens({})
        self._started: set[str] = set()
        self._shown: Outlook | None = None

    @workflow.run
    async def run(self, launch: Launch) -> Receipt:
        return await self.case.keep(
            self.look_after(), watch(self.case), self.show_outlook(), self.open_gates(), self.pass_on()
        )

    async def look_after(self) -> None:
        await self.settled()
        self.case.close()
        await workflow.wait_condition(lambda: all(wave.is_over for wave in self.case.progress.waves))
        self.case.end()
        await self.case.all_told()
        await workflow.wait_condition(workflow.all_handlers_finished)

    async def settled(self) -> None:
        """Return when every wave is through and nothing is left open, or nobody decides about it in time."""
        while True:
            await workflow.wait_condition(lambda: self.case.progress.is_through or self.case.progress.closing)
            if self._is_settled():
                return
            launch = self.case.launch
            asked = WorkingDays(calendar=launch.calendar, start=workflow.now(), days=launch.grace_days)
            until = await self.case.act(Calendars.after_working_days, asked, summary="until when it can be settled")
            if not self.case.progress.is_through:
                continue
            self.case.settle_until(until)
            try:
                await workflow.wait_condition(
                    lambda: self._is_settled() or not self.case.progress.is_through,
                    timeout=max(until - workflow.now(), TICK),
                    timeout_summary="somebody may still decide",
                )
            except TimeoutError:
                return

    async def show_outlook(self) -> None:
        """What waves that have not opened will do is to be seen, too."""
        while True:
            await workflow.wait_condition(lambda: self.case.outlook != self._shown)
            self._shown = now = self.case.outlook
            expected = await self.case.act(Moves.show_outlook, now, summary=f"workplaces to come by plan {now.plan}")
            self.case.expect(expected)

    async def open_gates(self) -> None:
        """Start the waves whose gates are open: said by a person, or because their time has come."""
        while True:
            self.case.open_due()
            for wave in self._unstarted():
                await self._start(wave)
            if self._unstarted():
                # Somebody has said go while another wave was started.
                continue
            at = None if self.case.progress.holds else next_opening(self.case.progress)
            left = None if at is None else max(at - workflow.now(), TICK)
            summary = f"a gate opens at {at:%Y-%m-%d %H:%M}Z" if at else None
            watched = self.case.progress.waves, self.case.progress.holds

            def turned(seen: object = watched) -> bool:
                return (self.case.progress.waves, self.case.progress.holds) != seen

            try:
                await workflow.wait_condition(turned, timeout=left, timeout_summary=summary)
            except TimeoutError:
                continue

    async def pass_on(self) -> None:
        while True:
            await workflow.wait_condition(lambda: any(wave in self._started for wave, _ in self.case.words))
            words = [said for said in self.case.words if said[0] in self._started]
            self.case.words = [said for said in self.case.words if said[0] not in self._started]
            for wave, word in words:
                await self._say(wave, word)

    @workflow.signal
    def wave_news(self, news: WaveNews) -> None:
        """A wave has come so far that a gate may open, is through, or goes on again."""
        self.case.hear(news)

    def _is_settled(self) -> bool:
        progress = self.case.progress
        return progress.closing or (progress.is_through and not progress.open_points)

    def _unstarted(self) -> list[WaveStanding]:
        return [wave for wave in self.case.progress.waves if wave.is_open and wave.id not in self._started]

    async def _start(self, wave: WaveStanding) -> None:
        launch = self.case.launch
        values = {"wave": wave.id} | ({"person": wave.opened_by} if wave.opened_by else {})
        self.case.note(MoveHappening.WAVE_OPENED, values=values)
        try:
            await workflow.start_child_workflow(
                WaveWorkflow.run,
                self.case.wave_launch(wave),
                id=wave_workflow_id(launch.project, wave.id),
                parent_close_policy=ParentClosePolicy.ABANDON,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                task_timeout=TASK_TIMEOUT,
                search_attributes=search_attributes("wave", launch.customer, launch.site),
                priority=priority(launch.customer, Rank.PROJECT),
                static_summary=f"wave {wave.id} of {launch.project}",
            )
        except WorkflowAlreadyStartedError:
            workflow.logger.info("wave runs already", extra={"wave": wave.id})
        self._started.add(wave.id)

    async def _say(self, wave: str, word: ProjectWord) -> None:
        handle = workflow.get_external_workflow_handle(wave_workflow_id(self.case.launch.project, wave))
        try:
            await handle.signal("project_says", word)
        except ApplicationError as error:
            workflow.logger.info("wave is over", extra={"wave": wave, "why": error.message})
