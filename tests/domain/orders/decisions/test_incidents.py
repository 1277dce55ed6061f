"""What an incident hears, and when it hears no more."""

from datetime import UTC, datetime

import pytest

from domain.cases.decisions import MOST_COMMANDS
from domain.cases.incident_commands import Diagnose, Resolve
from domain.cases.instructions import AnyCommand, Instruction
from domain.cases.order_commands import Cancel
from domain.clocks.sla import SERVICE
from domain.incidents.decisions import decide
from domain.incidents.progress import IncidentState, begin
from domain.refusals import Refused
from tests.world import TECHNICIAN, incident, trouble

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def test_an_incident_that_was_told_too_much_can_still_be_brought_to_its_end() -> None:
    reported = incident(trouble(priority="minor"), NOW)

    def said(command: AnyCommand, request_id: str) -> Instruction:
        return Instruction(command=command, actor=TECHNICIAN, given_at=NOW, request_id=request_id)

    given = said(Diagnose(finding="noch immer"), "again")
    full = begin(reported, SERVICE).but(given=(given,) * MOST_COMMANDS)

    with pytest.raises(Refused, match="too_many_commands"):
        decide(reported, full, given.but(request_id="one-more"))
    ends = (Resolve(solution="getauscht"), Cancel(reason="Sonde verstellt"))
    states = [decide(reported, full, said(command, "enough")).state for command in ends]
    assert states == [IncidentState.RESOLVED, IncidentState.CANCELLED]
