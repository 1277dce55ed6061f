"""What a case may begin with: an order of any kind, alone or part of a project, or an incident, under any contract."""

from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from domain.cases.case import CaseProgress
from domain.clocks.ladders import LadderRow
from domain.clocks.sla import ClockKind
from domain.clocks.thresholds import Threshold
from domain.contracts.chains import Evidence, Verification
from domain.contracts.contract import Contract
from domain.contracts.matrix import ON_CALL, Cell, CommunicationsMatrix, Counting, MatrixRow, Way
from domain.contracts.tailoring import Insertion, Tailoring
from domain.ids import incident_workflow_id, order_workflow_id
from domain.incidents.incident import Incident
from domain.incidents.progress import IncidentProgress
from domain.kinds import OrderKind
from domain.orders.order import Order
from domain.orders.progress import Progress
from domain.people import Role
from domain.priorities import Priority
from tests.rehearsal.sayings import CALENDARS
from tests.stories.scripts import FIELDS, LISTING
from tests.stories.test_notices import TAILORED
from tests.world import CONTRACT, incident, order, part, part_order, request, trouble
from workflows.incident import IncidentWorkflow
from workflows.order import OrderWorkflow

MINUTES = (1, 30, 540, 2700, 20_000)
NAGGING = LadderRow(
    clock=ClockKind.RESPONSE, at=Threshold(percent=100), tell=(Role.SDM,), page=True, every_minutes=30, times=5
)
# Work that asks when it fails, proof before the register is changed, and a register that is seen to be right.
CAREFUL = Tailoring(
    add=(
        Insertion(step=Evidence(id="photo", document="photo", chase_after_days=2), before=("asset_update",)),
        Insertion(step=Verification(id="look", after=("photo",)), before=("asset_update",)),
    ),
    set={"asset_update": {"target_minutes": 60}},
)
ASKING = Tailoring(set={"work": {"on_failure": "ask", "target_minutes": 120}})
CHAINS: tuple[dict[OrderKind, Tailoring], ...] = (
    {},
    TAILORED.chains,
    dict.fromkeys((kind for kind in OrderKind if kind.concerns_assets), CAREFUL),
    dict.fromkeys((OrderKind.INSTALL, OrderKind.ADD, OrderKind.CHANGE, OrderKind.REMOVE), ASKING),
)


class Birth(NamedTuple):
    workflow: type
    progress: type[CaseProgress]
    case: str
    asked: Order | Incident


def some_contract(dice: Random) -> Contract:
    return CONTRACT.but(
        calendar=dice.choice(CALENDARS),
        targets={kind: dice.choice(MINUTES) for kind in OrderKind},
        matrix=CommunicationsMatrix(rows={priority: _row(dice) for priority in Priority}),
        chains=dice.choice(CHAINS),
        ladder=dice.choice(((), (NAGGING,))),
        catalogue=LISTING.catalogue,
    )


def _row(dice: Random) -> MatrixRow:
    return MatrixRow(in_hours=_cell(dice), out_of_hours=dice.choice((None, _cell(dice))))


def _cell(dice: Random) -> Cell:
    response, resolution = sorted(dice.choices(MINUTES, k=2))
    return Cell(
        report_by=tuple(Way),
        first=dice.choice((ON_CALL, Role.SERVICE_DESK, Role.SDM)),
        fallback=dice.choice((None, ON_CALL, Role.SERVICE_DESK)),
        response_minutes=response,
        resolution_minutes=resolution,
        update_minutes=dice.choice((None, 60, 600)),
        counting=dice.choice(tuple(Counting)),
    )


def some_birth(dice: Random, at: datetime) -> Birth:
    contract = some_contract(dice)
    return _some_order(dice, contract, at) if dice.random() < 0.55 else _some_incident(dice, contract, at)


def _some_order(dice: Random, contract: Contract, at: datetime) -> Birth:
    kind = dice.choice(tuple(OrderKind))
    asked = request(kind, **FIELDS[kind], risk=dice.choice(("low", "low", "high")))
    if kind == OrderKind.ASSIST:
        asked = asked.but(item=dice.choice((None, *(item.id for item in LISTING.catalogue))))
    if kind in (OrderKind.MOVE, OrderKind.INSTALL) and dice.random() < 0.4:
        placed = part_order(asked, part(at + dice.choice((-1, 3, 50)) * timedelta(hours=1)), at)
    else:
        placed = order(asked, at, contract)
    return Birth(OrderWorkflow, Progress, order_workflow_id(placed.no), placed)


def _some_incident(dice: Random, contract: Contract, at: datetime) -> Birth:
    late = dice.choice((0, 0, 0, 1, 600)) * timedelta(hours=1)
    asked = trouble(
        priority=dice.choice((None, *Priority)),
        asset=dice.choice((None, "NB-200")),
        category=dice.choice((None, "printer")),
        received_at=at - late,
    )
    reported = incident(asked, at, contract)
    return Birth(IncidentWorkflow, IncidentProgress, incident_workflow_id(reported.no), reported)
