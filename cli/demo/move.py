"""The example move as its people bring it about: list, plan, approval, launch, and all of its orders."""

import asyncio
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from cli.answers import AnsweredPage
from cli.demo import move_report as demo_move_report
from cli.demo.case import DemoTrouble
from cli.demo.crew import DemoCrew
from cli.demo.move_board import MoveBoard
from cli.demo.move_report import MoveReport, report_on
from cli.demo.plot import WEEK, MovePlot, weeks_until
from cli.demo.stage import Stage
from cli.http import if_there, parsed, path
from cli.moments import clock_at, now
from cli.moves.plan_pictures import AnsweredPlan
from domain.moves.launched.project_sheets import ProjectSheet
from domain.moves.lists.staging import StagedList, StagedRow
from domain.moves.plans.versions import PlanHeader
from domain.moves.project import Project
from domain.moves.rehearsals.forecasts import Rehearsal
from domain.moves.rehearsals.rehearsal import RehearsalPack
from domain.people import Role
from domain.places import Site
from rehearsal.runs import rehearse

MOST_ROWS = 200
RUNS = 3


class MoveDemo:
    """Everything is read off what is there already, so that after an interruption the same is done again."""

    def __init__(self, stage: Stage, plot: MovePlot) -> None:
        self.stage = stage
        self.plot = plot

    async def run(self) -> MoveReport:
        site = await self._site()
        rows = await self._bring_list(site)
        planned = await self._plan(rows, site)
        await self._rehearse(planned, site)
        plan = await self._approve(planned)
        was_over = await self._launch()
        holders = {row.row: row.move.holder for row in rows if row.move is not None and row.move.holder}
        await self._carry_out(holders)
        report = await report_on(self.stage, self._at(), holders, site.access.zone, plan, was_over=was_over)
        self._tell(report)
        return report

    async def _site(self) -> Site:
        customer = self.stage.contract.customer
        sites = await self.stage.admin.read(tuple[Site, ...], path("sites"))
        return next(site for site in sites if site.customer == customer)

    async def _bring_list(self, site: Site) -> Sequence[StagedRow]:
        lists = await if_there(self.stage.admin.read(tuple[StagedList, ...], self._at("lists")), ())
        if not lists:
            await self._stage_list(site)
        page = await self.stage.admin.read(AnsweredPage[StagedRow], self._at("rows"), {"limit": MOST_ROWS})
        return page.items

    async def _stage_list(self, site: Site) -> None:
        await self.stage.import_assets()
        await self.stage.give_keys()
        weeks = weeks_until(self.plot.days, now().astimezone(ZoneInfo(site.access.zone)).date(), site.access)
        plot = self.plot.later(weeks, site.access.zone)
        contract = self.stage.contract
        project = Project(
            id=plot.project, customer=contract.customer, contract=contract.id, name=plot.name, sites=(site.id,)
        )
        api = await self.stage.acting_as(Role.COORDINATOR)
        await api.put(self._at(), project)
        staged = parsed(StagedList, await api.upload(self._at("lists"), {}, plot.list_name, plot.rows.encode()))
        wrong = staged.with_issues + staged.with_conflicts
        counts = {"rows": staged.rows, "wrong": wrong, "swaps": staged.swaps}
        self.stage.say("list_loaded", file=plot.list_name, first=plot.days[0], **counts)
        if weeks:
            self.stage.say("dates_moved", weeks=weeks)

    async def _plan(self, rows: Sequence[StagedRow], site: Site) -> PlanHeader:
        known = await self.stage.admin.read(tuple[PlanHeader, ...], self._at("plans"))
        if known:
            return known[0]
        coordinator = self.stage.contract.people(Role.COORDINATOR)[0]
        plot = self.plot.later(self._weeks(rows), site.access.zone).led_by(coordinator)
        api = await self.stage.acting_as(Role.COORDINATOR)
        made = parsed(AnsweredPlan, await api.post(self._at("plans"), plot.plan.model_dump(mode="json"))).header
        counts = {"planned": made.planned, "workplaces": made.workplaces, "waves": len(plot.plan.waves)}
        self.stage.say("planned", version=made.version, person=made.actor.person, **counts)
        return made

    def _weeks(self, rows: Sequence[StagedRow]) -> int:
        """By how many weeks the list was moved when it was brought in."""
        days = [row.move.day for row in rows if row.move is not None and row.move.day is not None]
        listed = self.plot.listed_days
        return (min(days) - min(listed)) // WEEK if days and listed else 0

    async def _rehearse(self, plan: PlanHeader, site: Site) -> None:
        """Once, before anybody approves it."""
        at = self._at("plans", f"{plan.version}", "rehearsal")
        if plan.approved is not None or await if_there(self.stage.admin.read(Rehearsal, at), None) is not None:
            return
        api = await self.stage.acting_as(Role.COORDINATOR)
        pack = await api.read(RehearsalPack, f"{at}-pack")
        # So few runs are over before other processes would have begun.
        found = await asyncio.to_thread(rehearse, pack, runs=RUNS, processes=1)
        await api.put(at, found)
        last = found.waves[-1]
        ends = {
            name: clock_at(end, site.access.zone) if end else "–"
            for name, end in (("p50", last.p50), ("p90", last.p90))
        }
        self.stage.say("rehearsed", runs=RUNS, wave=last.wave, **ends)

    async def _approve(self, plan: PlanHeader) -> PlanHeader:
        if plan.approved is not None:
            return plan
        approvers = self.stage.contract.people(Role.APPROVER)
        person = next(one for one in approvers if one != plan.actor.person)
        api = await self.stage.keys.acting_as(person, Role.APPROVER)
        approved = parsed(PlanHeader, await api.post(self._at("plans", f"{plan.version}", "approval"), {}))
        self.stage.say("approved", person=person)
        return approved

    async def _launch(self) -> bool:
        """Whether it had ended before."""
        known = await if_there(self.stage.admin.read(ProjectSheet, self._at("standing")), None)
        if known is not None:
            if not known.state.is_final:
                self.stage.say("goes_on", project=self.plot.project)
            return known.state.is_final
        api = await self.stage.acting_as(Role.COORDINATOR)
        sheet = parsed(ProjectSheet, await api.post(self._at("launch"), {}))
        self.stage.say("launched", project=sheet.project, person=sheet.launched_by)
        return False

    async def _carry_out(self, holders: Mapping[int, str]) -> None:
        named = {self.plot.fails: DemoTrouble.FAILS, self.plot.differs: DemoTrouble.DIFFERS}
        troubles = {row: named[holder] for row, holder in holders.items() if holder in named}
        await DemoCrew(self.stage, self.plot.project, troubles, MoveBoard(self.stage, holders)).work()

    def _tell(self, report: MoveReport) -> None:
        self.stage.console.print(demo_move_report.picture(report, self.stage))
        if report.was_over:
            self.stage.say("nothing_done")
        if not report.sheet.state.is_final:
            self.stage.say("project_needs_help", project=self.plot.project)

    def _at(self, *parts: str) -> str:
        return path("projects", self.plot.project, *parts)
