"""Systems that are away for as long as a test wants them to be."""

import asyncio
import functools
from collections.abc import Awaitable, Callable
from typing import Any

from temporalio import activity

Act = Callable[..., Awaitable[object]]


class Outage:
    """Makes some activities fail as they do while their system cannot be reached."""

    def __init__(self, *names: str) -> None:
        self._names = names
        self.hits: Callable[[Any], bool] = lambda _: True
        self.is_on = False
        self.met = 0
        self.begun, self.lasts = asyncio.Event(), asyncio.Event()

    def over(self, act: Act) -> Act:
        name = str(activity._Definition.must_from_callable(act).name)
        if name not in self._names:
            return act

        @functools.wraps(act, updated=())  # the copy must not look like an activity already
        async def unsteady(asked: Any) -> object:  # noqa: ANN401  # stands in for any activity
            if self.is_on and self.hits(asked):
                self.met += 1
                self.begun.set()
                if self.met == 3:
                    self.lasts.set()
                raise ConnectionError("away")
            return await act(asked)

        return activity.defn(name=name)(unsteady)
