"""Programs that are started in order, restarted when they die, and ended in reverse order."""

import asyncio
import ctypes
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

from rich.console import Console
from rich.markup import escape

from cli.errors import CliError, Exit
from cli.stack.log_files import keep_small
from cli.words import phrase
from domain.people import Language

START_WITHIN = 60.0
STARTS_THAT_MAY_FAIL = 3
# A worker leaves within 30 seconds; only what outlives that is killed.
DRAIN_WITHIN = 35.0
FIRST_PAUSE = 0.2
LONGEST_PAUSE = 30.0
TURN_LOGS = 15.0
LOOK_AGAIN = 0.05
LOOK_AGAIN_LATER = 1.0

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Program:
    """A child process; `answers` tells whether it, by its process id, does its work yet."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    answers: Callable[[int], Awaitable[bool]]
    says: str


@dataclass(frozen=True)
class Errand:
    """Something to be done once, between two programs."""

    name: str
    run: Callable[[], Awaitable[None]]
    says: str


@dataclass(frozen=True)
class Supervisor:
    logs: Path
    console: Console
    started: Callable[[str, int], None]
    language: Language

    async def serve(self, steps: Sequence[Program | Errand], then: Callable[[], Awaitable[None]]) -> None:
        """Return once a signal has come and every program has gone."""
        stop_on_signal()
        try:
            async with AsyncExitStack() as running:
                await running.enter_async_context(self.logs_kept_small())
                for step in steps:
                    began = time.monotonic()
                    if isinstance(step, Program):
                        await running.enter_async_context(self.kept_running(step))
                    else:
                        await step.run()
                    self.tell(step, time.monotonic() - began)
                await then()
                await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.say(phrase("stack_stopped", self.language))

    def say(self, line: str, style: str = "") -> None:
        """A full disk under our own output must not end what we keep running."""
        with suppress(OSError):
            self.console.print(line, style=style)

    def note(self, program: str, pid: int) -> None:
        try:
            self.started(program, pid)
        except OSError as error:
            self.say(
                phrase("stack_not_noted", self.language, program=program, pid=pid, reason=error.strerror), "yellow"
            )

    def tell(self, step: Program | Errand, seconds: float) -> None:
        ready = phrase("stack_ready", self.language)
        self.say(f"[green]{ready}[/]  {step.name:<9} {escape(step.says)}  [dim]{seconds:.1f} s[/]")

    @asynccontextmanager
    async def logs_kept_small(self) -> AsyncIterator[None]:
        async def turn() -> None:
            while True:
                await asyncio.to_thread(keep_small, sorted(self.logs.glob("*.log")))
                await asyncio.sleep(TURN_LOGS)

        turning = asyncio.create_task(turn())
        try:
            yield
        finally:
            turning.cancel()

    @asynccontextmanager
    async def kept_running(self, program: Program) -> AsyncIterator[None]:
        child = Child(program, self.logs / f"{program.name.lower()}.log", self)
        keeper = asyncio.create_task(child.keep_running())
        try:
            await child.wait_until_it_answers()
            yield
        finally:
            self.say(phrase("stack_ending", self.language, program=program.name), style="dim")
            keeper.cancel()
            await asyncio.wait([keeper])


class Child:
    def __init__(self, program: Program, log: Path, supervisor: Supervisor) -> None:
        self.program = program
        self.log = log
        self.supervisor = supervisor
        self.deaths = 0
        self.answered = asyncio.Event()

    async def keep_running(self) -> None:
        pause = FIRST_PAUSE
        while True:
            outcome = await self.run()
            self.deaths += 1
            if self.answered.is_set():
                # Whatever kept it from starting is over: another death is the first again.
                pause = FIRST_PAUSE
                self.answered.clear()
            language, name, seconds = self.supervisor.language, self.program.name, f"{pause:.1f}"
            said = phrase("stack_restarts", language, program=name, outcome=outcome, seconds=seconds)
            self.supervisor.say(f"[yellow]{escape(said)}[/]: {self.log}")
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def run(self) -> str:
        with self.open_log() as log:
            try:
                process = await self.start(log)
            except OSError as error:
                with suppress(OSError):
                    log.write(f"{error}\n".encode())
                return phrase("program_not_startable", self.supervisor.language)
        self.supervisor.note(self.program.name, process.pid)
        noticing = asyncio.create_task(self.notice_answer(process.pid))
        try:
            return phrase("program_ended", self.supervisor.language, code=await process.wait())
        except asyncio.CancelledError:
            await end(process)
            raise
        finally:
            noticing.cancel()

    def open_log(self) -> IO[bytes]:
        """Unbuffered; where none can be written, the program runs all the same."""
        try:
            return self.log.open("ab", buffering=0)
        except OSError:
            return Path(os.devnull).open("ab", buffering=0)

    async def notice_answer(self, pid: int) -> None:
        while not await self.program.answers(pid):  # noqa: ASYNC110  # another process sets no event
            await asyncio.sleep(LOOK_AGAIN if self.deaths < STARTS_THAT_MAY_FAIL else LOOK_AGAIN_LATER)
        self.answered.set()

    async def start(self, log: IO[bytes]) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *self.program.command,
            env=self.program.environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Ctrl-C reaches a whole process group; the order of ending is ours to choose.
            start_new_session=True,
            preexec_fn=partial(die_with, os.getpid()),
        )

    async def wait_until_it_answers(self) -> None:
        try:
            async with asyncio.timeout(START_WITHIN):
                while not self.answered.is_set():
                    if self.deaths >= STARTS_THAT_MAY_FAIL:
                        raise self.does_not_start()
                    await asyncio.sleep(LOOK_AGAIN)
        except TimeoutError:
            raise self.does_not_start() from None

    def does_not_start(self) -> CliError:
        last = self.log.read_text(errors="replace").splitlines()[-8:]
        values = {"program": self.program.name, "log": self.log, "lines": "\n".join(last)}
        return CliError("program_not_starting", Exit.UNREACHABLE, **values)


async def end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(DRAIN_WITHIN):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def die_with(parent: int) -> None:
    """Run in the child before its program: even a killed supervisor leaves nothing behind."""
    if LIBC is not None:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def stop_on_signal() -> None:
    """Cancel the running task at the first signal; a second one must not cut the draining short."""
    task = asyncio.current_task()

    def stop() -> None:
        if task is not None and not task.cancelling():
            task.cancel()

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, stop)
    loop.add_signal_handler(signal.SIGTERM, stop)
    # Started with nohup, the stack outlives its terminal.
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        loop.add_signal_handler(signal.SIGHUP, stop)
