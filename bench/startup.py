"""CPU seconds until worker, API and command line could begin: against the bare import of what they are built on."""

import subprocess
import sys
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median

from bench.ground.report import Figure

ROUNDS = 5
PLACE = Path(__file__).parents[1]
BARE = "import temporalio, fastapi, sqlmodel"
PROGRAMS = {
    "worker": "from cli.stack.loading import lasting\nwith lasting(): import worker",
    "API": "from cli.stack import loading; loading.app()",
    "imac --help": "import cli.main",
}


def run() -> list[Figure]:
    """In turns, so that whatever else the machine does meets all of them; CPU, because waiting is not theirs."""
    spent: dict[str, list[float]] = {name: [] for name in ("bare", *PROGRAMS)}
    for _ in range(ROUNDS):
        for name, code in (("bare", BARE), *PROGRAMS.items()):
            spent[name].append(_cpu(code))
    bare = median(spent["bare"])
    return [
        Figure(f"{name}: start", median(spent[name]), bare, bare / median(spent[name]), "CPU s") for name in PROGRAMS
    ]


def _cpu(code: str) -> float:
    before = getrusage(RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], check=True, cwd=PLACE)
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
