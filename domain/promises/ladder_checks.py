"""What keeps a ladder from being saved: rows that can never be reached, or that contradict what is promised."""

from collections.abc import Collection, Iterator
from datetime import timedelta

from domain.clocks.ladders import LadderRow
from domain.clocks.sla import MADE_TO, ClockKind
from domain.clocks.thresholds import Threshold
from domain.contracts.contract import LONGEST_TARGET, Contract
from domain.incidents.clocks import INCIDENT_CLOCKS, clock_of_cells
from domain.keys import CUSTOMERS_OWN
from domain.refusals import Problem


def ladder_problems(contract: Contract) -> Iterator[Problem]:
    running = _running(contract)
    for n, row in enumerate(contract.ladder):
        if row.clock not in running:
            yield Problem(code="ladder_clock_never_runs", at=f"/ladder/{n}/clock", values={"clock": row.clock})
        if not MADE_TO[row.clock].is_for_customers and (theirs := CUSTOMERS_OWN.intersection(row.tell)):
            values = {"clock": row.clock, "role": min(theirs)}
            yield Problem(code="ladder_clock_not_for_customers", at=f"/ladder/{n}/tell", values=values)
        if row in contract.ladder[:n]:
            first = contract.ladder.index(row) + 1
            yield Problem(code="ladder_row_twice", at=f"/ladder/{n}", values={"row": str(first)})
        yield from _order_problems(contract, n, row)


def _running(contract: Contract) -> Collection[ClockKind]:
    """The clocks that follow the contract's ladder; steps remind whoever must act by one of their own."""
    kinds = frozenset(clock.kind for clock in INCIDENT_CLOCKS) if contract.matrix else frozenset()
    return kinds | {ClockKind.FULFILMENT} if contract.targets else kinds


def _order_problems(contract: Contract, n: int, row: LadderRow) -> Iterator[Problem]:
    """A higher level must not be told before a lower one."""
    targets = _targets(contract, row.clock)
    for other in contract.ladder:
        if other.clock == row.clock and other.level > row.level and _is_later(row.at, other.at, targets):
            values = {"clock": row.clock, "level": str(row.level), "higher": str(other.level)}
            yield Problem(code="ladder_levels_reversed", at=f"/ladder/{n}/at", values=values)
            return


def _is_later(one: Threshold, other: Threshold, targets: Collection[timedelta]) -> bool:
    if targets:
        return any(one.spent(target) > other.spent(target) for target in targets)
    # Of a clock whose target nobody knows yet, only what holds for every target is said.
    at_least = one.percent >= other.percent and one.offset >= other.offset
    return at_least and one != other


def _targets(contract: Contract, clock: ClockKind) -> set[timedelta]:
    if clock == ClockKind.FULFILMENT:
        return {timedelta(minutes=target) for target in contract.targets.values() if target <= LONGEST_TARGET}
    row, matrix = clock_of_cells(clock), contract.matrix
    if row is None or matrix is None:
        return set()
    return {target for place in matrix.places() if (target := row.target_in(place.cell)) is not None}
