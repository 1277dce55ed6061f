"""What a plan waits for: that a second person approves it."""

from collections.abc import Sequence

from domain.cases.awaited import AwaitedBy, AwaitedCommand, Awaiting, AwaitingCase
from domain.ids import plan_case_id
from domain.moves.plans.versions import PlanHeader
from domain.moves.project import Project
from domain.people import Role


def waiting(project: Project, version: int) -> AwaitedBy:
    return AwaitedBy(
        case=plan_case_id(project.id),
        kind=AwaitingCase.PLAN,
        no=f"{project.id}/{version}",
        customer=project.customer,
        contract=project.contract,
        title=project.name,
    )


def waits(plan: PlanHeader, approvers: Sequence[str]) -> Awaiting:
    """Due before its first workplace moves. Of the `approvers` that the contract names, not whoever made it."""
    others = tuple(person for person in approvers if person != plan.actor.person)
    return Awaiting(
        step="approval",
        command=AwaitedCommand.APPROVE_PLAN,
        commands=("approve_plan",),
        role=Role.APPROVER,
        people=others or tuple(approvers),
        since=plan.at,
        due=plan.start,
    )
