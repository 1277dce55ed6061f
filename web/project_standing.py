"""Where a move project stands as one reader sees it, launched or not."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from api.dependencies import Context
from api.moves.project import project_of
from api.moves.standing import LaunchStanding, sheet_of
from db.contracts import sites_by_id
from db.moves.launches import has_launch
from db.moves.plans import plans_of, rehearsal_of
from db.moves.projects import newest_list
from domain.keys import Key
from domain.moves.lists.staging import StagedList
from domain.moves.plans.versions import PlanHeader
from domain.moves.project import Project
from domain.moves.rehearsals.forecasts import Rehearsal
from domain.refusals import Unknown
from workflows.answers import TemporalAway


@dataclass(frozen=True)
class ProjectSeen:
    """A project as one reader sees it. Without a `standing` it has not been launched."""

    project: Project
    plans: Sequence[PlanHeader]
    standing: LaunchStanding | None
    zone: str
    listed: StagedList | None
    rehearsal: Rehearsal | None = None

    @property
    def followed(self) -> PlanHeader | None:
        """The plan it follows, or would."""
        if self.standing is None:
            return next(iter(self.plans), None)
        return next((plan for plan in self.plans if plan.version == self.standing.progress.plan), None)


async def project_seen(project_id: str, caller: Key, context: Context) -> ProjectSeen:
    """Raises `Unknown` for a project that the caller does not see."""
    async with context.database.reading() as session:
        project = await project_of(session, project_id, caller)
        plans = await plans_of(session, project_id)
        sites = await sites_by_id(session, project.sites[:1])
        listed = await newest_list(session, project_id)
        is_written = await has_launch(session, project_id)
    standing = None
    # What nobody has approved cannot have been launched.
    if is_written or any(plan.approved for plan in plans):
        standing = await _standing(project_id, caller, context)
    seen = ProjectSeen(project, plans, standing, sites[0].access.zone if sites else "UTC", listed)
    followed = seen.followed
    async with context.database.reading() as session:
        rehearsed = await rehearsal_of(session, project_id, followed.version) if followed else None
    return replace(seen, rehearsal=rehearsed)


async def _standing(project_id: str, caller: Key, context: Context) -> LaunchStanding | None:
    try:
        return await sheet_of(project_id, caller, context)
    except (Unknown, TemporalAway):
        # Was it launched and nobody has written it yet, it shows with the next look.
        return None
