"""What worker and API do before they can begin, and what they leave for later."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from shutil import which

import pytest

PLACE = Path(__file__).parents[2]
SHOWN = """
import gc, json, sys
print(json.dumps({"loaded": sorted(sys.modules), "lasting": gc.get_freeze_count(), "searching": gc.isenabled()}))
"""
PROGRAMS = {
    "worker": "from cli.stack.loading import lasting\nwith lasting(): import worker\n",
    "API": "from cli.stack import loading; app = loading.app()",
}
# Each takes its tenth of a second or more, and a start needs none of them. Who hands out rehearsals loads what they are
# cut into, not what plays them.
LATER = {"alembic", "apprise", "cli.main", "cyclopts", "openpyxl", "rehearsal.productions", "rehearsal.engine"}


@dataclass(frozen=True)
class Started:
    loaded: list[str]
    lasting: int
    searching: bool


def started(code: str, folder: Path) -> Started:
    command = [sys.executable, "-c", code + SHOWN]
    environment = {"IMAC_DATA_DIR": str(folder), "PATH": "/usr/bin"}
    shown = subprocess.check_output(command, cwd=PLACE, env=environment, text=True, timeout=300)
    return Started(**json.loads(shown))


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_start_loads_nothing_that_can_wait_and_looks_for_garbage_afterwards(tmp_path: Path, program: str) -> None:
    seen = started(PROGRAMS[program], tmp_path)

    assert not LATER.intersection(seen.loaded)
    assert seen.lasting > 50_000
    assert seen.searching


# Counted by what a route costs: FastAPI reads the signature of every endpoint whenever it makes a route.
COUNTED = """
from fastapi.dependencies import utils
from api import app
real, seen = utils.get_typed_signature, []
utils.get_typed_signature = lambda call: (seen.append(call), real(call))[1]
app.create_app()
print(len(seen))
"""


def test_no_route_of_the_api_is_made_again_when_the_app_is_put_together(tmp_path: Path) -> None:
    environment = {"IMAC_DATA_DIR": str(tmp_path), "PATH": "/usr/bin"}

    made = subprocess.check_output([sys.executable, "-c", COUNTED], cwd=PLACE, env=environment, text=True, timeout=300)

    assert int(made) < 10


@pytest.mark.skipif(which("make") is None, reason="needs make")
@pytest.mark.parametrize("installed", [".venv/.run", ".venv/.dev"])
def test_what_is_installed_is_compiled(installed: str) -> None:
    command = ["make", "--dry-run", "--what-if=pyproject.toml", installed]

    steps = subprocess.check_output(command, cwd=PLACE, text=True, timeout=60)

    assert "-m compileall" in steps
