"""What is read of cases as tables keep them: all that is paid for, and nothing passed over that cannot be read."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from domain.cases.instructions import Instruction
from domain.cases.order_commands import LogWork
from domain.clocks.sla import SERVICE
from domain.costs.cases import Breach, CaseLog
from domain.costs.reading import charged_incident, charged_order
from domain.incidents.progress import IncidentProgress, IncidentState, Waiver, begin
from domain.incidents.promises import first_clocks
from domain.kinds import OrderKind
from domain.orders.charges import work_logs
from tests.domain.costs.cases import at_work, case_of
from tests.domain.orders.paper import HOUR, MONDAY
from tests.world import DESK_AGENT, TECHNICIAN, incident, trouble

REPORTED = incident(trouble(priority="minor"), MONDAY)


def closed(**changes: object) -> IncidentProgress:
    progress = begin(REPORTED, SERVICE)
    clocks = tuple(
        clock.model_copy(update={"breached_at": MONDAY + HOUR}) for clock in first_clocks(REPORTED, progress)
    )
    return progress.but(state=IncidentState.CLOSED, resolved_at=MONDAY + 2 * HOUR, clocks=clocks).but(**changes)


def written(progress: IncidentProgress) -> tuple[str, str]:
    return REPORTED.model_dump_json(), progress.model_dump_json(exclude_none=True)


def test_work_on_an_order_is_read_as_it_is_charged() -> None:
    paper = at_work(OrderKind.ADD)
    paper.say(TECHNICIAN, LogWork.model_validate({"minutes": 20, "parts": [{"part": "ram-16"}]}))
    paper.finish()

    logs = work_logs(paper.order, paper.progress)

    assert case_of(paper).logs == tuple(
        CaseLog(log.role, log.minutes, log.started_at, log.parts, log.is_visit, log.wasted) for log in logs
    )


def test_an_order_whose_chain_charges_nothing_is_charged_nothing() -> None:
    paper = at_work()
    free = paper.order.chain.but(steps=tuple(step for step in paper.order.chain.steps if step.type != "charge"))
    paper.order = paper.order.but(chain=free)
    paper.progress = paper.progress.but(steps=tuple(one for one in paper.progress.steps if one.type != "charge"))
    paper.finish()

    assert not case_of(paper).is_charged


def test_work_on_an_incident_is_of_the_role_that_told_it_and_ended_when_it_was_told() -> None:
    said = [(TECHNICIAN, LogWork(minutes=30, started_at=MONDAY)), (DESK_AGENT, LogWork(minutes=15))]
    given = tuple(
        Instruction(command=command, actor=actor, given_at=MONDAY + HOUR, request_id=f"r-{place}")
        for place, (actor, command) in enumerate(said)
    )

    case = charged_incident(*written(closed(given=given)))

    assert [(log.role, log.minutes, log.started_at) for log in case.logs] == [
        ("technician", 30, MONDAY),
        ("service_desk", 15, MONDAY + timedelta(minutes=45)),
    ]
    assert (case.is_charged, case.ended) == (False, MONDAY + 2 * HOUR)


def test_a_breach_that_was_waived_is_held_against_nobody() -> None:
    waiver = Waiver(
        clock="response",
        breached_at=MONDAY + HOUR,
        reason="wrong priority",
        proposed_by="p-koch",
        proposed_at=MONDAY + HOUR,
        agreed_by="p-sommer",
        agreed_at=MONDAY + 2 * HOUR,
    )
    proposed = waiver.but(agreed_by=None, agreed_at=None)

    both, one = [charged_incident(*written(closed(waivers=(known,)))).breaches for known in (proposed, waiver)]

    assert both == (Breach("response", MONDAY + HOUR), Breach("resolution", MONDAY + HOUR))
    assert one == both[1:]


def test_work_that_cannot_be_read_is_not_passed_over() -> None:
    paper = at_work()
    paper.say(TECHNICIAN, LogWork(minutes=20))
    progress = paper.progress.model_dump_json(exclude_none=True).replace('"minutes":20', '"minutes":"twenty"')

    with pytest.raises(ValidationError, match="passed over"):
        charged_order(paper.order.model_dump_json(exclude_none=True), progress)
