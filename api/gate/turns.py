"""What has come in by all connections is read by turns: however much it is, the loop gets on with everything else."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Protocol
from weakref import WeakKeyDictionary

# In seconds. What is read of lines in one turn of the loop, and how long all of a turn may be for more than one
# request to begin in the next.
_READING = 0.004
_SHORT_TURN = 0.008
# Each goes on for some ten turns, so that many times as many are under way.
_MOST_BEGUN = 4


class Waiting(Protocol):
    """Somebody whose bytes wait to be read."""

    home: str | None

    def take_turn(self) -> bool:
        """Read a piece; whether a request has begun with it."""


class _Row:
    """Homes one after another, and within each its senders: who has many connections waits behind themselves."""

    def __init__(self) -> None:
        self._homes: OrderedDict[str | None, deque[Waiting]] = OrderedDict()

    def __bool__(self) -> bool:
        return bool(self._homes)

    def add(self, sender: Waiting) -> None:
        self._homes.setdefault(sender.home, deque()).append(sender)

    def next(self) -> Waiting:
        home, senders = self._homes.popitem(last=False)
        sender = senders.popleft()
        if senders:
            self._homes[home] = senders
        return sender


class Turns:
    """Of one loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, clock: Callable[[], float] | None = None) -> None:
        self._loop = loop
        self._clock = clock or loop.time
        # Whoever asks whether we live does not wait behind a crowd, nor does a crowd that asks it keep others out.
        self._rows = (_Row(), _Row())
        self._is_going_on = False
        self._began = 0.0

    def line_up(self, sender: Waiting, *, is_urgent: bool) -> None:
        self._rows[0 if is_urgent else 1].add(sender)
        if not self._is_going_on:
            self._is_going_on = True
            self._began = self._clock()
            self._loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        now = self._clock()
        most = _MOST_BEGUN if now - self._began < _SHORT_TURN else 1
        self._began, begun, number = now, 0, 0
        while any(self._rows) and begun < most and self._clock() - now < _READING:
            first, second = self._rows if number % 2 == 0 else reversed(self._rows)
            begun += (first or second).next().take_turn()
            number += 1
        self._is_going_on = any(self._rows)
        if self._is_going_on:
            self._loop.call_soon(self._go_on)


_TURNS: WeakKeyDictionary[asyncio.AbstractEventLoop, Turns] = WeakKeyDictionary()


def turns_of(loop: asyncio.AbstractEventLoop) -> Turns:
    return _TURNS.setdefault(loop, Turns(loop))
