"""The process that others come from: one for each job, begun as a copy of this one, which does nothing else.

It loads what jobs need and runs a single thread, so that copying it costs milliseconds and is safe. Jobs do not wait
for all to be loaded: what is not there yet they load themselves. It ends, with everybody it has started, when the
process that started it is gone.
"""

import gc
import os
import selectors
import shutil
import signal
import socket
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from connectors.workshop.child import work
from connectors.workshop.jobs import ORDER, START

_GIVEN_UP = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Foreman:
    def __init__(self, line: socket.socket, folder: Path, modules: Sequence[str]) -> None:
        self._line = line
        self._unloaded = list(modules)
        self._folder = folder
        self._children: dict[int, int] = {}
        self._woken, waker = os.pipe()
        for end in (self._woken, waker):
            os.set_blocking(end, False)
        self._selector = selectors.DefaultSelector()
        for source in (self._line.fileno(), self._woken):
            self._selector.register(source, selectors.EVENT_READ)
        # A child that has ended wakes us; whoever ends us ends our line.
        signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for sign in _GIVEN_UP:
            signal.signal(sign, signal.SIG_IGN)

    def run(self) -> None:
        while True:
            ready = {key.fd for key, _ in self._selector.select(0 if self._unloaded else None)}
            if not ready and self._unloaded:
                self._load()
            if self._woken in ready:
                os.read(self._woken, 4096)
                self._bury()
            if self._line.fileno() in ready and not self._obey():
                return

    def _load(self) -> None:
        import_module(self._unloaded.pop(0))
        if not self._unloaded:
            # What is here now is never looked through: children share it as it is.
            gc.freeze()
            gc.enable()

    def _obey(self) -> bool:
        try:
            order, lines, _, _ = socket.recv_fds(self._line, ORDER.size, 1)
        except ConnectionError:
            return False
        if len(order) < ORDER.size:
            return False
        verb, number = ORDER.unpack(order)
        if verb == START and lines:
            with socket.socket(fileno=lines[0]) as line:
                self._begin(number, line)
        elif number in self._children:
            os.kill(self._children[number], signal.SIGKILL)
        return True

    def _begin(self, number: int, line: socket.socket) -> None:
        try:
            child = os.fork()
        except OSError:
            # Whoever waits at the other end of the line hears that there is nobody.
            return
        if child == 0:
            self._line.close()
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            work(line, self._folder / str(number))
        self._children[number] = child

    def _bury(self) -> None:
        for number, child in list(self._children.items()):
            gone, _ = os.waitpid(child, os.WNOHANG)
            if gone:
                del self._children[number]
                shutil.rmtree(self._folder / str(number), ignore_errors=True)

    def end(self) -> None:
        for child in self._children.values():
            os.kill(child, signal.SIGKILL)
        for child in self._children.values():
            os.waitpid(child, 0)
        shutil.rmtree(self._folder, ignore_errors=True)


def main(line: str, folder: str, *modules: str) -> None:
    gc.disable()
    foreman = Foreman(socket.socket(fileno=int(line)), Path(folder), modules)
    try:
        foreman.run()
    finally:
        foreman.end()


if __name__ == "__main__":
    main(*sys.argv[1:])
