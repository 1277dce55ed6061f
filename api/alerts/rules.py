"""Alert rules: which alerts become incidents, under which contract."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from api.customers import must_know_customer
from api.dependencies import Alarm, May, Now, Tables
from api.gate.routes import BoundedRoute
from api.policy import Operation
from api.saving import BySaving, tagged
from db.alerts import rules as kept
from db.alerts.groups import GroupPlace, expect, mark_all
from db.contracts import contract_in_force, list_sites
from domain.alerts.rules import AlertRule, problems_of
from domain.ids import alert_group_id
from domain.keys import Key, must_see
from domain.refusals import Problem, Unacceptable, refuse_if, unknown
from domain.values import Slug

router = APIRouter(route_class=BoundedRoute, prefix="/alert-rules", tags=["alerts"])

Reading = Annotated[Key, Depends(May(Operation.READ_ALERTS))]


@router.get("", operation_id="listAlertRules")
async def show_rules(caller: Reading, database: Tables) -> Sequence[AlertRule]:
    """List visible rules, in the version in force."""
    async with database.reading() as session:
        return await kept.rules_in_force(session, caller.customers)


@router.get("/{rule_id}", operation_id="getAlertRule")
async def show_rule(rule_id: Slug, caller: Reading, database: Tables, response: Response) -> AlertRule:
    """Get the version of a rule that is in force."""
    async with database.reading() as session:
        rule = await kept.rule_in_force(session, rule_id)
    if rule is None:
        raise unknown("alert_rule", rule_id)
    must_see(caller, rule.customer, unknown("alert_rule", rule_id))
    return tagged(response, rule)


@router.put("/{rule_id}", operation_id="putAlertRule")
async def put_rule(
    rule_id: Slug,
    rule: AlertRule,
    caller: Annotated[Key, Depends(May(Operation.WRITE_ALERT_RULES))],
    saving: BySaving,
    now: Now,
    alarm: Alarm,
) -> AlertRule:
    """Save a rule as its next version. It applies to new alerts; its existing groups are evaluated again."""
    if rule.id != rule_id:
        raise Unacceptable(Problem(code="id_differs", at="/id"))
    async with saving.turn(f"alert-rule/{rule_id}", rule.customer) as session:
        await must_know_customer(session, caller, rule.customer, "/customer")
        saving.over(await kept.rule_in_force(session, rule_id), rule, caller)
        contract = await contract_in_force(session, rule.contract)
        sites = await list_sites(session, (rule.customer,))
        refuse_if(problems_of(rule, contract, [site.id for site in sites]))
        saved = await kept.save_rule(session, rule, by=caller.person, at=now)
        waking = await mark_all(session, now, rule=rule_id)
        if saved.expects_signs_of_life:
            place = GroupPlace(rule_id, saved.customer, {})
            waking += await expect(session, alert_group_id(rule_id, {}), place, now)
    alarm.relay.wake(waking)
    return saving.answer(saved)
