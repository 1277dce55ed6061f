"""Launching a move project: what must be so before anything begins, and what its workflow is started with."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from domain.cases.wave_briefs import WaveBrief
from domain.contracts.contract import Contract
from domain.moves.plans.launches import Launch
from domain.moves.plans.versions import ProjectPlan, legs_by_wave
from domain.moves.plans.waves import before
from domain.moves.project import Project
from domain.places import Site
from domain.refusals import Problem, Refused

EVE = timedelta(days=1)


def launch(project: Project, contract: Contract, site: Site, plan: ProjectPlan, *, by: str, at: datetime) -> Launch:
    """Raises `Refused` when nobody has approved the plan, or the contract does not hold today."""
    problems = []
    if plan.approved is None:
        problems.append(Problem(code="plan_not_approved", values={"plan": str(plan.version)}))
    if not contract.is_valid_on(at):
        problems.append(Problem(code="contract_not_valid", values={"contract": contract.id}))
    if problems:
        raise Refused(*problems)
    return _launch(project, contract, site, plan, by, at)


def rehearsed(project: Project, contract: Contract, site: Site, plan: ProjectPlan, *, by: str, at: datetime) -> Launch:
    """As it would be launched, approved or not. What was to begin before now is rehearsed as if it began in time."""
    begins = min([at, *(entry.start - EVE for entry in plan.plan.assignments)])
    return _launch(project, contract, site, plan, by, begins)


def _launch(project: Project, contract: Contract, site: Site, plan: ProjectPlan, by: str, at: datetime) -> Launch:
    return Launch(
        project=project.id,
        customer=project.customer,
        contract=contract.id,
        name=project.name,
        site=site.id,
        zone=site.access.zone,
        plan=plan.version,
        received_at=at,
        launched_by=by,
        approver=plan.approved.actor.person if plan.approved else next(iter(contract.approvers), by),
        calendar=contract.calendar,
        team=contract.team,
        waves=briefs_of(plan),
    )


def briefs_of(plan: ProjectPlan) -> tuple[WaveBrief, ...]:
    """The waves of a plan that have work, each after those that it names and those whose desks it needs."""
    count = Counter(entry.wave for entry in {(one.workplace, one.wave): one for one in plan.plan.assignments}.values())
    needed = _needed(plan)
    earlier = before(plan.basis.waves)
    waves = [wave for wave in plan.basis.waves if count[wave.id]]
    return tuple(
        WaveBrief(
            id=wave.id,
            start=min(entry.start for entry in plan.plan.assignments if entry.wave == wave.id),
            end=max(entry.end for entry in plan.plan.assignments if entry.wave == wave.id),
            after=tuple(
                other.id
                for other in waves
                if other.id in earlier[wave.id] or (other.id in needed[wave.id] and wave.id not in needed[other.id])
            ),
            gate=wave.gate,
            workplaces=count[wave.id],
        )
        for wave in waves
    )


def _needed(plan: ProjectPlan) -> Mapping[str, set[str]]:
    """For each wave the others that leave desks to which it moves."""
    legs = legs_by_wave(plan)
    wave_of = {leg.id: wave for wave, inside in legs.items() for leg in inside}
    return {
        wave: {wave_of[earlier] for leg in inside for earlier in leg.after if earlier in wave_of} - {wave}
        for wave, inside in legs.items()
    }
