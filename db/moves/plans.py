"""Plans of move projects by version, with whoever has approved them, and what their rehearsals have found."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Text, func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col, select

from db.columns import UtcDateTime
from domain.moves.plans.versions import PlanApproval, PlanHeader, ProjectPlan
from domain.moves.rehearsals.forecasts import Rehearsal


class PlanRow(SQLModel, table=True):
    """Versions are never changed but for being approved; `header` is the plan in short, as plans can be large."""

    __tablename__ = "move_plans"

    project: str = Field(primary_key=True, max_length=64, foreign_key="projects.id")
    version: int = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    list_version: int
    approved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    approval: str | None = Field(default=None, sa_type=Text)
    header: str = Field(sa_type=Text)
    plan: str = Field(sa_type=Text)

    def as_plan(self) -> ProjectPlan:
        return ProjectPlan.model_validate_json(self.plan).but(approved=_approval(self.approval))


def _approval(text: str | None) -> PlanApproval | None:
    return PlanApproval.model_validate_json(text) if text else None


async def newest_plan(session: AsyncSession, project_id: str) -> ProjectPlan | None:
    query = select(PlanRow).where(col(PlanRow.project) == project_id).order_by(col(PlanRow.version).desc()).limit(1)
    row = (await session.execute(query)).scalar_one_or_none()
    return row.as_plan() if row else None


async def plan_of(session: AsyncSession, project_id: str, version: int) -> ProjectPlan | None:
    row = await session.get(PlanRow, (project_id, version))
    return row.as_plan() if row else None


async def newest_version(session: AsyncSession, project_id: str) -> int:
    """0 before the first plan."""
    query = select(func.max(PlanRow.version)).where(col(PlanRow.project) == project_id)
    return (await session.execute(query)).scalar_one() or 0


async def plans_of(session: AsyncSession, project_id: str) -> Sequence[PlanHeader]:
    """All versions in short, newest first."""
    query = (
        select(PlanRow.header, PlanRow.approval)
        .where(col(PlanRow.project) == project_id)
        .order_by(col(PlanRow.version).desc())
    )
    found = (await session.execute(query)).all()
    return [PlanHeader.model_validate_json(header).but(approved=_approval(approval)) for header, approval in found]


async def store_plan(session: AsyncSession, plan: ProjectPlan) -> ProjectPlan:
    """Under the next version: the caller has locked the project."""
    saved = plan.but(version=await newest_version(session, plan.project) + 1)
    session.add(
        PlanRow(
            project=saved.project,
            version=saved.version,
            at=saved.at,
            list_version=saved.list_version,
            header=saved.header.model_dump_json(),
            plan=saved.model_dump_json(exclude_defaults=True),
        )
    )
    await session.flush()
    return saved


async def approve_plan(session: AsyncSession, plan: ProjectPlan, approval: PlanApproval) -> ProjectPlan:
    row = await session.get_one(PlanRow, (plan.project, plan.version))
    row.approved_at, row.approval = approval.at, approval.model_dump_json()
    await session.flush()
    return plan.but(approved=approval)


class RehearsalRow(SQLModel, table=True):
    """One per plan: the newest counts."""

    __tablename__ = "rehearsals"

    project: str = Field(primary_key=True, max_length=64, foreign_key="projects.id")
    plan: int = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    rehearsal: str = Field(sa_type=Text)

    def as_rehearsal(self) -> Rehearsal:
        return Rehearsal.model_validate_json(self.rehearsal)


async def rehearsal_of(session: AsyncSession, project_id: str, plan: int) -> Rehearsal | None:
    row = await session.get(RehearsalRow, (project_id, plan))
    return row.as_rehearsal() if row else None


async def store_rehearsal(session: AsyncSession, found: Rehearsal, at: datetime) -> None:
    text = found.model_dump_json()
    await session.merge(RehearsalRow(project=found.project, plan=found.plan, at=at, rehearsal=text))
