"""What keeps a ladder from being saved: rows that can never be reached, or that contradict what is promised."""

from collections.abc import Collection, Iterator
from datetime import timedelta

from domain.clocks.ladders import LadderRow
from domain.clocks.sla import ClockKind
from domain.clocks.thresholds import Threshold
from domain.contracts.contract import LONGEST_TARGET, Contract
from domain.incidents.incident import CLOCKS
from domain.refusals import Problem


def ladder_problems(contract: Contract) -> Iterator[Problem]:
    running = _running(contract)
    for n, row in enumerate(contract.ladder):
        if row.clock not in running:
            yield Problem(code="ladder_clock_never_runs", at=f"/ladder/{n}/clock", values={"clock": row.clock})
        if row in contract.ladder[:n]:
            first = contract.ladder.index(row) + 1
            yield Problem(code="ladder_row_twice", at=f"/ladder/{n}", values={"row": str(first)})
        yield from _order_problems(contract, n, row)


def _running(contract: Contract) -> Collection[ClockKind]:
    """The clocks that follow the contract's ladder; steps remind whoever must act by one of their own."""
    kinds = frozenset(CLOCKS) if contract.matrix else frozenset()
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
    cells = [place.cell for place in contract.matrix.places()] if contract.matrix else []
    minutes = {
        ClockKind.RESPONSE: [cell.response_minutes for cell in cells],
        ClockKind.RESOLUTION: [cell.resolution_minutes for cell in cells],
        ClockKind.UPDATE: [cell.update_minutes for cell in cells if cell.update_minutes],
        ClockKind.FULFILMENT: [target for target in contract.targets.values() if target <= LONGEST_TARGET],
    }
    return {timedelta(minutes=target) for target in minutes.get(clock, ())}
