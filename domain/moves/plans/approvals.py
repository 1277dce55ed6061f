"""Approving a plan as a whole: who may, and what stands in the way."""

from domain.contracts.contract import Contract
from domain.moves.plans.versions import PlanApproval, ProjectPlan
from domain.people import Actor, Role
from domain.refusals import NotAllowed, Problem, Refused
from domain.times import Instant
from domain.values import Text, Value

# Where the contract names nobody.
_OTHERWISE = frozenset({Role.APPROVER, Role.SDM})


class ApprovePlan(Value):
    """Workplaces without a time and conflicts are approved only expressly, the latter with a reason."""

    reason: Text | None = None
    accept_left_over: bool = False
    accept_conflicts: bool = False


def approve(
    plan: ProjectPlan, command: ApprovePlan, contract: Contract, newest: tuple[int, int], *, actor: Actor, at: Instant
) -> PlanApproval:
    """`newest` are the newest list and the newest plan. A plan that is approved already stays as it is."""
    if plan.approved is not None:
        return plan.approved
    named = contract.people(Role.APPROVER)
    if actor.person not in named if named else actor.role not in _OTHERWISE:
        raise NotAllowed(Problem(code="not_an_approver", values={"contract": contract.id}))
    problems = _problems(plan, command, newest)
    if actor.person == plan.actor.person:
        problems.insert(0, Problem(code="own_plan"))
    if problems:
        raise Refused(*problems)
    return PlanApproval(actor=actor, at=at, reason=command.reason)


def _problems(plan: ProjectPlan, command: ApprovePlan, newest: tuple[int, int]) -> list[Problem]:
    newest_list, newest_plan = newest
    problems = []
    if newest_list != plan.list_version:
        problems.append(Problem(code="newer_list", values={"list": str(newest_list)}))
    if newest_plan != plan.version:
        problems.append(Problem(code="newer_plan", values={"plan": str(newest_plan)}))
    if plan.plan.left_over and not command.accept_left_over:
        left = {"workplaces": str(len(plan.plan.left_over))}
        problems.append(Problem(code="workplaces_left_over", at="/accept_left_over", values=left))
    if plan.conflicts and not command.accept_conflicts:
        open_ = {"conflicts": str(len(plan.conflicts))}
        problems.append(Problem(code="plan_conflicts_open", at="/accept_conflicts", values=open_))
    elif plan.conflicts and not command.reason:
        problems.append(Problem(code="approval_reason_needed", at="/reason"))
    return problems
