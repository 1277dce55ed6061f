"""The stack of `imac up` around the real Temporal server, with small programs in place of worker and API."""

import os
import signal
import sys
from functools import partial
from pathlib import Path

import anyio

from cli.stack.programs import read_settings, stack_environment
from cli.stack.supervisor import Program
from cli.stack.up import api_answers, place_stack, run_stack, temporal_steps
from cli.stack_file import locked

# Both write down that they were asked to end, so that a test can see in which order. They say when they would do so:
# whoever is asked before has nothing to write with.
ENDING = """
import http.server, os, pathlib, signal, sys, time

def end(*_):
    with pathlib.Path(sys.argv[1]).open("a") as ended:
        ended.write(sys.argv[2] + "\\n")
    sys.exit()

signal.signal(signal.SIGTERM, end)
"""
WORKER = ENDING + "pathlib.Path(sys.argv[3]).write_text(str(os.getpid()))\nwhile True: time.sleep(0.1)"
API = (
    ENDING
    + """
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

http.server.HTTPServer(("127.0.0.1", int(sys.argv[3])), Health).serve_forever()
"""
)


async def listens(listening: Path, pid: int) -> bool:
    file = anyio.Path(listening)
    return await file.exists() and await file.read_text() == f"{pid}"


def main() -> None:
    # A test run started with nohup would hand its deafness on, and a stack that hears no SIGHUP does not end by it.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    data_dir, *ports = sys.argv[1:]
    port, temporal_port = map(int, ports) if ports else (None, None)
    settings = read_settings(Path(data_dir))
    with locked(settings.data_dir):
        stack = place_stack(settings, port=port, temporal_port=temporal_port, ui=False)
        environment = stack_environment(stack)
        ended = f"{settings.data_dir / 'ended'}"
        listening = settings.data_dir / "listening"
        worker = (sys.executable, "-c", WORKER, ended, "worker", f"{listening}")
        api = (sys.executable, "-c", API, ended, "api", f"{stack.api_port}")
        steps = [
            *temporal_steps(stack, settings, environment),
            Program("Worker", worker, os.environ, partial(listens, listening), "stands in"),
            Program("API", api, os.environ, partial(api_answers, stack.url), stack.url),
        ]
        run_stack(stack, settings.data_dir, steps, "en")


if __name__ == "__main__":
    main()
