"""The workshop of tests: one foreman for all of a process, and somebody who does everything at once and here."""

from collections.abc import Callable
from functools import cache
from typing import TypeVar, TypeVarTuple

from api.app import JOBS
from connectors.workshop.lines import ForemanLine

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Here:
    async def make(self, work: Callable[[*Ts], T], *arguments: *Ts) -> T:
        return work(*arguments)


@cache
def foreman() -> ForemanLine:
    """It ends when this process does."""
    return ForemanLine(*JOBS)
