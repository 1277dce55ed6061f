"""Who waits for whose desk: chains in their order, and swaps by way of an interim place."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple


class Turn(NamedTuple):
    """When a row can move. `turn` 1 waits for nobody; `interim` rows clear their desk first and move in last."""

    turn: int
    after: tuple[int, ...]
    interim: bool


def turns_of(waits: Mapping[int, frozenset[int]]) -> dict[int, Turn]:
    """`waits` names for each row those whose desks it needs. A ring is opened at its first row."""
    order, rings = in_order(waits, min)
    interim = rings.keys()
    turn: dict[int, int] = {}
    for row in order:
        # Whoever goes to an interim place has cleared the desk by the end of the first turn.
        turn[row] = 1 if row in interim else 1 + max((turn[other] for other in waits[row]), default=0)
    for row in interim:
        turn[row] = 1 + max(turn[other] for other in waits[row])
    return {row: Turn(turn[row], tuple(sorted(others)), row in interim) for row, others in waits.items()}


def in_order(
    waits: Mapping[int, frozenset[int]], first: Callable[[Sequence[int]], int]
) -> tuple[list[int], dict[int, Sequence[int]]]:
    """The rows so that each comes after those it waits for, and the rings by the row at which each was opened."""
    waiting_for: dict[int, list[int]] = {row: [] for row in waits}
    for row, others in waits.items():
        for other in others:
            waiting_for[other].append(row)
    left = {row: len(others) for row, others in waits.items()}
    by_row = sorted(waits, reverse=True)
    rings: dict[int, Sequence[int]] = {}
    order: list[int] = []
    ready = [row for row, count in left.items() if not count]
    while left:
        if not ready:
            while by_row[-1] not in left:
                by_row.pop()
            ring = _ring(waits, left, by_row[-1])
            ready = [first(ring)]
            rings[ready[0]] = ring
        row = ready.pop()
        order.append(row)
        del left[row]
        for other in waiting_for[row]:
            if other in left:
                left[other] -= 1
                if not left[other]:
                    ready.append(other)
    return order, rings


def _ring(waits: Mapping[int, frozenset[int]], left: Mapping[int, int], row: int) -> Sequence[int]:
    """Among rows that all wait for each other there is a ring; whoever walks along meets it."""
    way: list[int] = []
    seen: dict[int, int] = {}
    while row not in seen:
        seen[row] = len(way)
        way.append(row)
        row = min(waits[row] & left.keys())
    return way[seen[row] :]
