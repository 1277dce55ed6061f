"""What keeps a communications matrix from being saved: each problem names its cell and says why."""

from collections.abc import Iterator, Sequence

from domain.contracts.matrix import CommunicationsMatrix, PlacedCell, Way
from domain.people import NAMED_BY_CASE, Role
from domain.priorities import Priority
from domain.refusals import Problem
from domain.vendors.vendor import UnderpinningContract


def matrix_problems(matrix: CommunicationsMatrix) -> Iterator[Problem]:
    for priority in Priority:
        if priority not in matrix.rows:
            yield Problem(code="priority_missing", at=f"/matrix/rows/{priority}", values={"priority": priority})
    for place in matrix.places():
        yield from _target_problems(place)
        yield from _contact_problems(matrix, place)


def _target_problems(place: PlacedCell) -> Iterator[Problem]:
    cell = place.cell
    values = {
        "priority": place.priority,
        "hours": place.hours,
        "response": str(cell.response_minutes),
        "resolution": str(cell.resolution_minutes),
        "update": str(cell.update_minutes),
    }
    if cell.response_minutes >= cell.resolution_minutes:
        yield Problem(code="response_after_resolution", at=f"{place.at}/response_minutes", values=values)
    if cell.update_minutes is not None and cell.update_minutes > cell.resolution_minutes:
        yield Problem(code="update_after_resolution", at=f"{place.at}/update_minutes", values=values)


def _contact_problems(matrix: CommunicationsMatrix, place: PlacedCell) -> Iterator[Problem]:
    """Monitoring reports by itself; for every other way the customer must be told where."""
    for n, way in enumerate(place.cell.report_by):
        if way != Way.MONITORING and matrix.address(way, place.hours) is None:
            values = {"priority": place.priority, "hours": place.hours, "way": way}
            yield Problem(code="way_without_address", at=f"{place.at}/report_by/{n}", values=values)
    if place.cell.first == place.cell.fallback:
        values = {"priority": place.priority, "hours": place.hours}
        yield Problem(code="fallback_is_first", at=f"{place.at}/fallback", values=values)
    if isinstance(place.cell.monitoring, Role) and place.cell.monitoring in NAMED_BY_CASE:
        values = {"priority": place.priority, "hours": place.hours, "role": place.cell.monitoring}
        yield Problem(code="monitoring_calls_nobody", at=f"{place.at}/monitoring", values=values)


def vendor_problems(
    matrix: CommunicationsMatrix, vendor: str, *, response_minutes: int, resolution_minutes: int
) -> list[Problem]:
    """Where a vendor's promise does not fit into ours, even if it is sent for at the last moment of our response time.

    Minutes are compared as they are written; hours of different zones are the dispatch's affair.
    """
    problems = []
    for place in matrix.places():
        left = place.cell.resolution_minutes - place.cell.response_minutes
        values = {
            "vendor": vendor,
            "priority": place.priority,
            "hours": place.hours,
            "left": str(left),
            "response": str(response_minutes),
            "resolution": str(resolution_minutes),
        }
        if response_minutes >= left:
            problems.append(Problem(code="vendor_response_too_long", at=place.at, values=values))
        if resolution_minutes > left:
            problems.append(Problem(code="vendor_resolution_too_long", at=place.at, values=values))
    return problems


def useless_uc(
    matrices: Sequence[CommunicationsMatrix], vendor: str, uc: UnderpinningContract, at: str
) -> list[Problem]:
    """Why an underpinning contract serves no promise at all; one that serves some is compared when it is dispatched.

    Few vendors can keep up with a Blocker: only what fits nowhere is a mistake.
    """
    named = {"response_minutes": uc.response_minutes, "resolution_minutes": uc.resolution_minutes}
    found: list[Problem] = []
    for matrix in matrices:
        problems = vendor_problems(matrix, vendor, **named)
        if {problem.at for problem in problems} != {place.at for place in matrix.places()}:
            return []
        found += problems
    return [problem.but(at=at) for problem in found]
