"""Where long computing and files of strangers go: out of the process that answers people, one process for each job.

A job has limits of computing, time and memory. Whatever happens to its process happens to nothing else.
"""

import asyncio
import os
import pickle
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar, TypeVarTuple, cast

import structlog

from connectors.workshop.jobs import BEGUN, MEGA, Ended, Limits, WorkshopJob, read_refusal, written_job
from connectors.workshop.lines import ForemanLine
from domain.refusals import Problem, Unacceptable

log = structlog.get_logger()

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
READING = Limits(cpu=20, wall=60, memory=768 * MEGA, files=False)
MAKING = Limits(cpu=120, wall=240, memory=1536 * MEGA, files=True)
MOST_SAID = 256 * MEGA
MOST_WAITING = 16
# A job has an end of its own; this is for one that never came to hear of it.
_GRACE = 60
_CHUNK = MEGA


class Crowded(Exception):
    """Too many wait already. Nothing has happened."""


class JobFailed(Exception):
    """A fault of ours came to light in a job; where, the log says."""


class Benches:
    """So many at a time, some more in a queue, and no more than that."""

    def __init__(self, limits: Limits, at_once: int) -> None:
        self.limits = limits
        self._free = asyncio.Semaphore(at_once)
        self._waiting = 0

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        if self._waiting >= MOST_WAITING:
            raise Crowded
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._free.release()


class Workshop:
    """Whoever is no longer waited for is stopped: a cancelled request frees its bench."""

    def __init__(self, foreman: ForemanLine, reading: Limits = READING, making: Limits = MAKING) -> None:
        at_once = max(2, os.cpu_count() or 1)
        self._foreman = foreman
        # What somebody has made for them does not keep others from handing something in.
        self._reading, self._making = Benches(reading, at_once), Benches(making, at_once)

    async def read(self, work: Callable[[*Ts], bytes], *arguments: *Ts) -> bytes:
        """What comes of a stranger's file: nothing but bytes, since whoever reads it may have been taken over.

        Raises `Unacceptable` also when reading takes too much, or fails in whatever way.
        """
        async with self._reading.taken():
            how, said = await self._done(WorkshopJob(self._reading.limits, True, work, arguments))
        if how == Ended.DONE:
            return said
        log.warning("file is not read", how=how.name, said=_told(said))
        raise Unacceptable(Problem(code="file_takes_too_much" if how != Ended.FAILED else "file_unreadable"))

    async def make(self, work: Callable[[*Ts], T], *arguments: *Ts) -> T:
        """What comes of our own data. Raises `Unacceptable` when it takes too much."""
        async with self._making.taken():
            how, said = await self._done(WorkshopJob(self._making.limits, False, work, arguments))
        if how == Ended.DONE:
            # Large results take a while to unfold: not while others wait for the loop.
            return cast(T, await asyncio.to_thread(pickle.loads, said))
        log.error("job is not done", work=work.__name__, how=how.name, said=_told(said))
        if how == Ended.FAILED:
            raise JobFailed(work.__name__)
        raise Unacceptable(Problem(code="work_takes_too_much"))

    async def _done(self, job: WorkshopJob) -> tuple[Ended, bytes]:
        written = await asyncio.to_thread(written_job, job)
        # A foreman that is killed may take an order with it that nobody has begun.
        said = await self._heard(job, written) or await self._heard(job, written)
        said = said.removeprefix(BEGUN)
        if said[:1] == Ended.REFUSED.value and (refused := read_refusal(said[1:])) is not None:
            raise refused
        # Of one that was killed, for its limits or by whomever, nothing is heard.
        ways = [how for how in (Ended.DONE, Ended.NO_MEMORY) if how.value == (said[:1] or Ended.NO_MEMORY.value)]
        return (ways[0] if ways else Ended.FAILED), said[1:]

    async def _heard(self, job: WorkshopJob, written: bytes) -> bytes:
        ours, theirs = socket.socketpair()
        with ours:
            ours.setblocking(False)
            with theirs:
                number = self._foreman.start(theirs)
            try:
                async with asyncio.timeout(job.limits.wall + _GRACE):
                    return await _asked(ours, written)
            except TimeoutError:
                return BEGUN
            finally:
                self._foreman.stop(number)


def _told(said: bytes) -> str:
    """The kind of what ended a job; what stands behind it may be out of somebody's file."""
    lines = said[-4000:].decode("utf-8", "replace").strip().splitlines()
    return lines[-1].partition(":")[0][:100] if lines else ""


async def _asked(line: socket.socket, written: bytes) -> bytes:
    """Everything that is answered until the line is closed."""
    loop = asyncio.get_running_loop()
    said = bytearray()
    try:
        await loop.sock_sendall(line, written)
        while chunk := await loop.sock_recv(line, _CHUNK):
            said += chunk
            if len(said) > MOST_SAID:
                return BEGUN
    except ConnectionError:
        return bytes(said)
    return bytes(said)
