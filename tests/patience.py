"""Waiting in tests: for a condition, however busy the machine is, and never for a time alone."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

Seen = TypeVar("Seen")

# What has not happened by then never will: in seconds, well below the limit of a whole test.
PATIENCE = 240.0
LOOK = 0.1


async def until(look: Callable[[], Awaitable[Seen]], holds: Callable[[Seen], object] = bool) -> Seen:
    """What is seen as soon as it holds; fails with what was seen last."""
    for _ in _looks():
        if holds(seen := await look()):
            return seen
        await asyncio.sleep(LOOK)
    raise AssertionError(seen)


def eventually(look: Callable[[], Seen], holds: Callable[[Seen], object] = bool) -> Seen:
    """The same where no loop runs."""
    for _ in _looks():
        if holds(seen := look()):
            return seen
        time.sleep(LOOK)
    raise AssertionError(seen)


def _looks() -> Iterator[None]:
    """At least one."""
    give_up = time.monotonic() + PATIENCE
    yield
    while time.monotonic() < give_up:
        yield
