"""Launched projects: their waves write into each other's workplaces, so all that was done for one is taken in order."""

from activities.moves import Outlook, waiting
from activities.rebuilding.cases import RebuiltCases
from activities.rebuilding.deeds import Deed, RememberedCase, in_order
from activities.rebuilding.images import DrawnProject
from activities.rebuilding.tallies import RebuildTally
from activities.records import ProjectEntry, WaveEntry
from db.engine import Database
from db.moves.launches import workplace_row
from db.moves.plans import plan_of
from db.moves.projects import project_to_change
from db.moves.rebuilt import WantedWorkplace, bring_workplaces_back, held_workplaces
from db.turns import take_journal_turn
from domain.moves.launched.wave_progress import WorkplaceStanding


class Projects:
    """`without_plan` are those whose plan is in no table: what was still to come of them cannot be shown."""

    def __init__(self, database: Database, cases: RebuiltCases, tally: RebuildTally, *, writes: bool) -> None:
        self.without_plan: set[str] = set()
        self._database = database
        self._cases = cases
        self._tally = tally
        self._writes = writes
        self._deeds: dict[str, list[Deed]] = {}

    def take(self, project: str, case: RememberedCase) -> None:
        kinds = (ProjectEntry, WaveEntry, Outlook)
        done = [deed for deed in case.deeds if isinstance(deed.asked, kinds) and deed.problem is None]
        self._deeds.setdefault(project, []).extend(done)

    async def finish(self) -> None:
        for project, deeds in sorted(self._deeds.items()):
            drawn = await self._drawn(project, deeds)
            for image in drawn.images():
                await self._cases.hold(image)
            if project not in self.without_plan:
                await self._hold_workplaces(project, drawn)

    async def _drawn(self, project: str, deeds: list[Deed]) -> DrawnProject:
        drawn = DrawnProject()
        for deed in in_order(deeds):
            match deed.asked:
                case ProjectEntry() | WaveEntry() as entry:
                    drawn.record(entry)
                case Outlook() as outlook:
                    rows = await self._expected(outlook, set(drawn.waves))
                    if rows is None:
                        self.without_plan.add(project)
                        continue
                    drawn.expect(outlook, rows, deed.at)
        return drawn

    async def _expected(self, outlook: Outlook, begun: set[str]) -> list[WorkplaceStanding] | None:
        async with self._database.reading() as session:
            plan = await plan_of(session, outlook.project, outlook.plan)
        if plan is None:
            return None
        waves = sorted({entry.wave for entry in plan.plan.assignments} - begun)
        return [row for wave in waves for row in waiting(plan, wave, outlook)]

    async def _hold_workplaces(self, project: str, drawn: DrawnProject) -> None:
        if drawn.until is None:
            return
        wanted = {
            key: WantedWorkplace(workplace_row(project, drawn.customer, one.standing, one.at), one.expected)
            for key, one in drawn.workplaces.items()
        }
        async with self._database.reading() as session:
            held = await held_workplaces(session, project, wanted, drawn.until)
        if self._writes and (held.missing or held.old or held.gone):
            async with self._database.writing() as session:
                await take_journal_turn(session)
                await project_to_change(session, project)
                held = await held_workplaces(session, project, wanted, drawn.until)
                await bring_workplaces_back(session, project, wanted, held)
        old = len(held.old) + len(held.gone)
        self._tally.add("workplaces", same=held.same, missing=len(held.missing), old=old)
