"""A contract that keeps what it promises about incidents, for tests to spoil in one place each."""

from datetime import UTC, datetime

from domain.contracts.contract import Contract
from domain.contracts.matrix import Cell, CommunicationsMatrix, Counting, MatrixRow, Way
from domain.contracts.paging import PagingPolicy
from domain.oncall.rota import Rota
from domain.people import Role
from domain.priorities import Priority
from tests.world import CONTRACT

# A Monday morning in winter: nine in Augsburg.
MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
BY_DAY = Cell(
    report_by=(Way.PHONE,),
    first=Role.SDM,
    fallback=Role.SERVICE_DESK,
    response_minutes=60,
    resolution_minutes=240,
    update_minutes=60,
)
BY_NIGHT = BY_DAY.but(first="on_call", fallback=Role.SDM, counting=Counting.ALWAYS)
MATRIX = CommunicationsMatrix(
    rows={
        Priority.BLOCKER: MatrixRow(in_hours=BY_DAY, out_of_hours=BY_NIGHT),
        Priority.CRITICAL: MatrixRow(in_hours=BY_DAY.but(resolution_minutes=480)),
        Priority.MAJOR: MatrixRow(in_hours=BY_DAY.but(resolution_minutes=960)),
        Priority.MINOR: MatrixRow(in_hours=BY_DAY.but(resolution_minutes=2400, update_minutes=None)),
    },
    phone="+49 30 23125 110",
)
ORDERS_ONLY = CONTRACT.but(
    team={Role.COORDINATOR: ("p-koch",), Role.SDM: ("p-sommer",), Role.BRM: ("p-sommer",)}, matrix=None
)
INCIDENTS = ORDERS_ONLY.but(
    team=ORDERS_ONLY.team | {Role.SERVICE_DESK: ("p-koch",)}, matrix=MATRIX, paging=PagingPolicy(rota="night")
)
ROTA = Rota.model_validate(
    {
        "id": "night",
        "name": "Rufbereitschaft",
        "zone": "Europe/Berlin",
        "owner": "p-sommer",
        "primary": {"members": ["p-koch"], "start": "2026-01-05", "hand_over": "09:00"},
        "backup": {"members": ["p-lang"], "start": "2026-01-05", "hand_over": "09:00"},
    }
)


def with_cell(priority: Priority, *, by_night: bool = False, **changes: object) -> Contract:
    """The contract with one cell changed."""
    row = MATRIX.rows[priority]
    spoilt = row.but(out_of_hours=BY_NIGHT.but(**changes)) if by_night else row.but(in_hours=BY_DAY.but(**changes))
    return INCIDENTS.but(matrix=MATRIX.but(rows=MATRIX.rows | {priority: spoilt}))
