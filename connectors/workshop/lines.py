"""The line to the foreman: started when first needed, and anew when it is gone."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from itertools import count
from pathlib import Path

from connectors.workshop.jobs import ORDER, START, STOP

_PATIENCE = 5
_ROOT = Path(__file__).parents[2]


class ForemanLine:
    """`modules` are loaded one by one while no job waits, so that no later job has to."""

    def __init__(self, *modules: str) -> None:
        self._modules = modules
        self._numbers = count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self.folder: str | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    def begin(self) -> None:
        """Start it, if it does not run. Blocks for a few milliseconds; what it loads it loads by itself."""
        if self._process is not None and self._process.poll() is None:
            return
        self.end()
        ours, theirs = socket.socketpair()
        with theirs:
            self.folder = tempfile.mkdtemp(prefix="imac-workshop-")
            given = (str(theirs.fileno()), self.folder, *self._modules)
            command = (sys.executable, "-P", "-m", "connectors.workshop.foreman", *given)
            path = os.pathsep.join(part for part in (f"{_ROOT}", os.environ.get("PYTHONPATH")) if part)
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                env=os.environ | {"PYTHONPATH": path},
            )
        self._line = ours

    def start(self, line: socket.socket) -> int:
        """A process for a job, which is told on this line what to do. Its number stops it."""
        number = next(self._numbers)
        self.begin()
        try:
            self._send(START, number, line)
        except OSError:
            self.end()
            self.begin()
            self._send(START, number, line)
        return number

    def stop(self, number: int) -> None:
        """Nothing happens when it has ended already, and nothing is left of the job in any case."""
        try:
            self._send(STOP, number)
        except OSError:
            self.end()

    def end(self) -> None:
        """With everybody it has started."""
        if self._line is not None:
            self._line.close()
        if self._process is not None:
            try:
                self._process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self.folder is not None:
            # It is gone already, unless somebody has killed the foreman.
            shutil.rmtree(self.folder, ignore_errors=True)
        self._line = self._process = self.folder = None

    def _send(self, verb: bytes, number: int, *lines: socket.socket) -> None:
        if self._line is not None:
            socket.send_fds(self._line, [ORDER.pack(verb, number)], [line.fileno() for line in lines])
