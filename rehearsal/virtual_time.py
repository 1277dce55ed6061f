"""Time that passes only when nothing is left to do: what happens in it costs no more than its own work."""

import heapq
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Callback = Callable[[], None]


class Stopped(Exception):
    """Who was awaited has been stopped."""


class AtRest(Exception):
    """Nothing is left to do, and what was awaited has not come."""


class Pending(Generic[T]):
    """What will be there at some instant: a result, or the error instead of it."""

    def __init__(self) -> None:
        self._done = False
        self._result: T | None = None
        self._waiting: list[Callback] = []
        self.error: Exception | None = None
        self.is_heeded = False

    @property
    def is_done(self) -> bool:
        return self._done

    @property
    def result(self) -> T:
        self.is_heeded = True
        if self.error is not None:
            raise self.error
        return self._result  # type: ignore[return-value]  # it was settled with a T

    def settle(self, result: T) -> None:
        self._result = result
        self._end()

    def fail(self, error: Exception) -> None:
        self.error = error
        self._end()

    def then(self, act: Callback) -> None:
        """Called as soon as it is there."""
        self.is_heeded = True
        if self._done:
            act()
        else:
            self._waiting.append(act)

    def _end(self) -> None:
        self._done = True
        waiting, self._waiting = self._waiting, []
        for act in waiting:
            act()

    def __await__(self) -> "Generator[Pending[Any], None, T]":
        if not self._done:
            yield self
        return self.result


class Task(Pending[T]):
    """A coroutine that goes on whenever what it awaits is there; it may await nothing outside virtual time."""

    def __init__(self, coroutine: Coroutine[Any, Any, T], on_error: "Callable[[Task[Any]], None]") -> None:
        super().__init__()
        self._coroutine = coroutine
        self._on_error = on_error

    def go_on(self) -> None:
        if self.is_done:
            return
        try:
            awaited = self._coroutine.send(None)
        except StopIteration as done:
            self.settle(done.value)
        except Exception as error:  # noqa: BLE001  # it is raised where the task is awaited, whatever it is
            self.fail(error)
            self._on_error(self)
        else:
            awaited.then(self.go_on)

    def stop(self) -> None:
        """It does nothing more; who awaits it gets `Stopped`."""
        if not self.is_done:
            self._coroutine.close()
            self.fail(Stopped())


class TimedAct:
    """Something that is to happen at an instant, unless it is called off."""

    __slots__ = ("act",)

    def __init__(self, act: Callback | None) -> None:
        self.act = act

    def call_off(self) -> None:
        self.act = None


class VirtualTime:
    """All at one instant happens in the order in which it was asked for, so that a run is the same every time."""

    def __init__(self, start: datetime) -> None:
        self.now = start
        self.steps = 0
        self._soon: deque[Callback] = deque()
        self._later: list[tuple[datetime, int, TimedAct]] = []
        self._order = count()

    @property
    def next(self) -> datetime | None:
        """When something is to happen by itself."""
        return self._later[0][0] if self._later else None

    def soon(self, act: Callback) -> None:
        self._soon.append(act)

    def at(self, when: datetime, act: Callback) -> TimedAct:
        entry = TimedAct(act)
        heapq.heappush(self._later, (max(when, self.now), next(self._order), entry))
        return entry

    def begin(self, coroutine: Coroutine[Any, Any, T]) -> Task[T]:
        """It runs at once until it first waits. If nobody heeds it, its error ends the whole run."""
        task = Task(coroutine, self._look_at)
        task.go_on()
        return task

    async def until(self, when: datetime) -> None:
        if when > self.now:
            come: Pending[None] = Pending()
            entry = self.at(when, lambda: come.settle(None))
            try:
                await come
            finally:
                entry.call_off()

    async def sleep(self, span: timedelta) -> None:
        await self.until(self.now + span)

    async def ended(self, awaited: Pending[Any], within: timedelta | None = None) -> bool:
        """Return when it is there, however it ended; False when the time is up before."""
        over: Pending[bool] = Pending()

        def end(in_time: bool) -> None:
            if not over.is_done:
                over.settle(in_time)

        awaited.then(lambda: end(True))
        entry = self.at(self.now + within, lambda: end(False)) if within is not None else None
        try:
            return await over
        finally:
            if entry is not None:
                entry.call_off()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Let things happen until the coroutine is over. Raises `AtRest` when it waits for what never comes."""
        task = self.begin(coroutine)
        task.then(lambda: None)
        while not task.is_done:
            self._step()
        return task.result

    def _step(self) -> None:
        self.steps += 1
        if self._soon:
            self._soon.popleft()()
            return
        if not self._later:
            raise AtRest
        self.now, _, entry = heapq.heappop(self._later)
        if entry.act is not None:
            entry.act()

    def _look_at(self, task: Task[Any]) -> None:
        def raise_unheeded() -> None:
            if not task.is_heeded:
                _ = task.result

        self.soon(raise_unheeded)
