"""`imac` as a process: how it ends, whatever its libraries' threads are at."""

import subprocess
import sys

import pytest

# With the SDK loaded and a thread of its own that goes on for ever.
BUSY = """
import sys, threading, time
import temporalio.bridge.runtime
threading.Thread(target=time.sleep, args=(600,)).start()
from cli.main import program
sys.argv = ["imac", *sys.argv[1:]]
program()
"""


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        pytest.param(("--help",), 0, "Start Temporal, a worker and the API together.", id="what has gone well"),
        pytest.param(("order", "nonsense"), 2, "nonsense", id="what was typed wrong"),
    ],
)
def test_a_command_ends_as_it_has_ended_whatever_its_libraries_still_do(
    typed: tuple[str, ...], code: int, said: str
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", BUSY, *typed], capture_output=True, text=True, timeout=120, check=False
    )

    assert ended.returncode == code
    assert said in ended.stdout + ended.stderr
