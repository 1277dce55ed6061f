"""`imac up` with another version installed: open cases go on with it, or it does not start unless it is told to."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from cli.stack_file import Stack, read_stack
from db.engine import open_database
from domain.kinds import OrderKind
from settings import Settings
from tests.cli.conftest import read_until
from tests.cli.test_stack import free_port, outside_environment
from tests.patience import PATIENCE, until
from tests.upgrades.cases import failed_tasks, nudge, running, until_handled
from tests.upgrades.changes import BREAKING, FITTING, PLACE, tree_with
from tests.world import furnish, order, request
from workflows.client import Temporal

IMAC = (sys.executable, "-c", "from cli.main import program; program()")
# An order that is open cannot go on with the first; the second is a comment.
BREAKS, FITS = BREAKING[0], FITTING[0]


def environment(tree: Path) -> dict[str, str]:
    return outside_environment() | {"PYTHONPATH": f"{tree}", "LANG": "C.UTF-8"}


@contextmanager
def stack(tree: Path, data_dir: Path, ports: Sequence[str] = ()) -> Iterator[Stack]:
    """What this version starts, from its welcome to its end."""
    command = [*IMAC, "up", "--headless", "--data-dir", f"{data_dir}", *ports]
    with subprocess.Popen(command, cwd=tree, env=environment(tree), stdout=subprocess.PIPE, text=True) as process:
        try:
            read_until(process, "Ctrl-C stops everything.")
            announced = read_stack(data_dir)
            assert announced is not None
            yield announced
        finally:
            process.terminate()
            process.communicate(timeout=PATIENCE)


def ends(tree: Path, data_dir: Path) -> subprocess.CompletedProcess[str]:
    """How this version ends, which does not start."""
    command = [*IMAC, "up", "--headless", "--data-dir", f"{data_dir}"]
    return subprocess.run(
        command, cwd=tree, env=environment(tree), capture_output=True, text=True, check=False, timeout=PATIENCE
    )


async def client_of(stack: Stack) -> Client:
    return await Client.connect(
        stack.temporal_address, namespace=stack.temporal_namespace, data_converter=pydantic_data_converter
    )


async def opened(running_stack: Stack, data_dir: Path) -> str:
    """An order that waits to be approved; what is returned is its workflow's id."""
    database = open_database(f"sqlite+aiosqlite:///{data_dir}/imacflow.db")
    await furnish(database)
    await database.close()
    client = await client_of(running_stack)
    placed = order(request(OrderKind.CHANGE, assets=["NB-200"], new_model="T14s"), datetime.now(UTC))
    case = f"order/{placed.no}"
    await Temporal(client, Settings(data_dir=data_dir).task_queue).start_order(placed)
    await until(lambda: running(client), lambda found: case in found)
    await until_handled(client, [case])
    return case


async def test_a_version_under_which_an_order_would_stand_still_starts_only_if_it_is_told_to(tmp_path: Path) -> None:
    data_dir = tmp_path / "var"
    ports = ("--port", f"{free_port()}", "--temporal-port", f"{free_port()}")
    with stack(PLACE, data_dir, ports) as first:
        case = await opened(first, data_dir)
    breaks, fits = tree_with(tmp_path / "breaks", [BREAKS]), tree_with(tmp_path / "fits", [FITS])

    refused = ends(breaks, data_dir)
    with stack(breaks, data_dir, ["--anyway"]) as forced:
        client = await client_of(forced)
        await nudge(client, {case: "OrderWorkflow"}, "forced")
        failed = await until(lambda: failed_tasks(client), lambda found: case in found)
    with stack(fits, data_dir) as second:
        client = await client_of(second)
        await nudge(client, {case: "OrderWorkflow"}, "newer")
        await until_handled(client, [case])
        left = await running(client)

    assert (refused.returncode, "Traceback" in refused.stderr) == (1, False)
    assert case in refused.stderr
    assert "imac up --anyway" in refused.stderr
    assert failed[case] > 0
    assert case in left
