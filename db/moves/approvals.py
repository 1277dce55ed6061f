"""Which plan waits for its approval: the newest of a project that goes on, made from its newest list."""

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, func, select

from db.awaited import nothing_awaited, write_awaited
from db.contracts import contract_in_force
from db.moves.launches import launch_row
from db.moves.plans import plans_of
from db.moves.projects import MoveListRow, list_projects, project_to_change
from domain.contracts.contract import Contract
from domain.ids import plan_case_id
from domain.moves.launched.project_progress import ProjectState
from domain.moves.plans.awaited import waiting, waits
from domain.moves.project import Project
from domain.people import Role


async def await_approval(session: AsyncSession, project: Project) -> bool:
    """Say anew what is to be approved; whether that is new. The caller has locked the project."""
    newest = next(iter(await plans_of(session, project.id)), None)
    lists = select(func.max(MoveListRow.version)).where(col(MoveListRow.project) == project.id)
    list_version = (await session.execute(lists)).scalar_one()
    launched = await launch_row(session, project.id)
    is_over = launched is not None and ProjectState(launched.state).is_final
    if newest is None or newest.approved is not None or newest.list_version != list_version or is_over:
        return await nothing_awaited(session, plan_case_id(project.id))
    contract = await contract_in_force(session, project.contract)
    approvers = contract.people(Role.APPROVER) if contract else ()
    return await write_awaited(session, waiting(project, newest.version), [waits(newest, approvers)], newest.at)


async def await_approvals_under(session: AsyncSession, contract: Contract) -> None:
    """Other people may be named for it from now on."""
    for project in await list_projects(session, (contract.customer,)):
        if project.contract == contract.id:
            await project_to_change(session, project.id)
            await await_approval(session, project)
