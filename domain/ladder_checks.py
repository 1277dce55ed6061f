"""What keeps a ladder from being saved: rows that can never be reached, or that contradict what is promised."""

from collections.abc import Collection, Iterator
from datetime import timedelta

from domain.contracts import LONGEST_TARGET, Contract
from domain.ladders import LadderRow
from domain.refusals import Problem
from domain.sla import ClockKind
from domain.thresholds import Threshold

_INCIDENTS = frozenset({ClockKind.RESPONSE, ClockKind.RESOLUTION, ClockKind.PROMISED, ClockKind.VENDOR})


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
    kinds = _INCIDENTS if contract.matrix else frozenset()
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
        return {timedelta(minutes=minutes) for minutes in contract.targets.values() if minutes <= LONGEST_TARGET}
    places = contract.matrix.places() if contract.matrix else ()
    if clock == ClockKind.RESPONSE:
        return {place.cell.response for place in places}
    return {place.cell.resolution for place in places} if clock == ClockKind.RESOLUTION else set()
