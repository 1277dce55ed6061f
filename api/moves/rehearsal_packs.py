"""What a rehearsal of a plan needs, all at once: rehearsed is where there are processors, not in here."""

from collections.abc import Sequence

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncSession

from api.dependencies import Now, Tables
from api.gate.routes import BoundedRoute
from api.moves.plans import Reading, Version
from api.moves.project import project_of
from connectors.holidays import with_holidays
from db.assets.asset import assets_by_tag, assets_in_use
from db.contracts import contract_in_force, list_sites
from db.moves.plans import plan_of
from db.moves.projects import list_of, staged_rows
from domain.assets.asset import Asset
from domain.moves.launched.launching import rehearsed
from domain.moves.plans.versions import ProjectPlan
from domain.moves.rehearsals.rehearsal import RehearsalPack
from domain.refusals import Problem, Refused, unknown
from domain.values import Slug

router = APIRouter(route_class=BoundedRoute, prefix="/projects/{project_id}/plans", tags=["projects"])


@router.get("/{version}/rehearsal-pack", operation_id="getRehearsalPack")
async def show_pack(project_id: Slug, version: Version, caller: Reading, database: Tables, now: Now) -> RehearsalPack:
    """Get everything needed to rehearse a plan: its rows, contract and assets. Nothing is changed."""
    async with database.reading() as session:
        project = await project_of(session, project_id, caller)
        plan = await plan_of(session, project_id, version)
        if plan is None:
            raise unknown("plan", str(version))
        if not plan.plan.assignments:
            raise Refused(Problem(code="nothing_to_plan", values={"project": project_id, "version": str(version)}))
        contract = await contract_in_force(session, project.contract)
        staged = await list_of(session, project_id, plan.list_version)
        if contract is None or staged is None:
            raise unknown("contract", project.contract)
        planned = {entry.workplace for entry in plan.plan.assignments}
        rows = {row.key: row for row in await staged_rows(session, staged) if row.key in planned}
        sites = await list_sites(session, (project.customer,))
        tags = [tag for row in rows.values() if row.move for tag in row.move.assets]
        assets = await _assets(session, project.customer, tags, plan)
    dated = [site.but(access=with_holidays(site.access, now)) for site in sites]
    home = next(site for site in dated if site.id == project.sites[0])
    return RehearsalPack(
        launch=rehearsed(project, contract, home, plan, by=caller.person, at=now),
        plan=plan,
        project=project,
        rows=rows,
        contract=contract,
        sites=tuple(dated),
        assets=assets,
    )


async def _assets(session: AsyncSession, customer: str, tags: Sequence[str], plan: ProjectPlan) -> tuple[Asset, ...]:
    """What is moved, and what stands where something is moved to."""
    moved = await assets_by_tag(session, customer, tags)
    known = {asset.tag for asset in moved}
    sites = {entry.target.site for entry in plan.plan.assignments}
    standing = await assets_in_use(session, customer, sites)
    return (*moved, *(asset for asset in standing if asset.tag not in known))
