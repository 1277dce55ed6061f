"""The drill of docs/operations.md: a move under way is backed up, upgraded, lost, restored, and then counted."""

import asyncio
import json
import os
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlmodel import col, select

from cli.demo.move_report import MoveReport
from cli.demo.plot import example_plot
from cli.stack_file import Stack
from db.assets.asset import AssetLifeRow
from db.cases.journal import JournalRow
from db.engine import open_database
from db.ledger import LedgerRow
from db.orders import OrderRow
from domain.ids import order_workflow_id
from tests.cli.test_stack import free_port
from tests.patience import LOOK, PATIENCE, eventually
from tests.upgrades.changes import FITTING, PLACE, tree_with
from tests.upgrades.test_up import IMAC, client_of, environment, stack

# Workplaces of the example that are moved when the backup is taken, and when everything is lost.
AT_BACKUP, AT_LOSS = 6, 20
# Seconds, by what was done.
TOOK: dict[str, float] = {}


def typed(tree: Path, data_dir: Path, *words: str) -> str:
    """What a command of the version that is installed has said."""
    command = [*IMAC, *words, "--data-dir", f"{data_dir}", "--json"]
    ended = subprocess.run(command, cwd=tree, env=environment(tree), capture_output=True, text=True, check=False)
    assert ended.returncode == 0, f"imac {' '.join(words)}\n{ended.stdout}{ended.stderr}"
    return ended.stdout


def answer(tree: Path, data_dir: Path, *words: str) -> Any:  # noqa: ANN401  # JSON of any shape
    return json.loads(typed(tree, data_dir, *words))


def free_ports() -> Sequence[str]:
    """At once before they are taken: others look for some as well."""
    return "--port", f"{free_port()}", "--temporal-port", f"{free_port()}"


@contextmanager
def timed(what: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    TOOK[what] = round(time.monotonic() - began, 1)


def move_until(moved: int, tree: Path, stack: Stack, data_dir: Path) -> None:
    """The move is carried out until so many workplaces are at their targets; then whoever drives it is gone."""
    demo = subprocess.Popen(
        [*IMAC, "demo", "--data-dir", f"{data_dir}"],
        cwd=tree,
        env=environment(tree),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        # However busy the machine is: the test as a whole has its limit.
        while at_target(stack, data_dir) < moved:
            assert demo.poll() is None, "it had ended before"
            time.sleep(LOOK)
    finally:
        demo.kill()
        demo.wait()


def at_target(stack: Stack, data_dir: Path) -> int:
    headers = {"Authorization": f"Bearer {(data_dir / 'admin.key').read_text().strip()}"}
    address = f"{stack.url}/api/v1/projects/{example_plot().project}/standing"
    found = httpx2.get(address, headers=headers, timeout=PATIENCE, trust_env=False)
    return sum(wave["counts"]["ok"] for wave in found.json()["waves"]) if found.is_success else 0


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_move_that_was_backed_up_upgraded_and_lost_comes_to_its_end_and_does_everything_once(tmp_path: Path) -> None:
    lost, kept, elsewhere = tmp_path / "lost", tmp_path / "kept", tmp_path / "elsewhere"
    newer = tree_with(tmp_path / "newer", FITTING)
    with stack(PLACE, lost, free_ports()) as first:
        move_until(AT_BACKUP, PLACE, first, lost)
        with timed("backup"):
            typed(PLACE, lost, "backup", f"{kept}")
    with stack(newer, lost) as second:
        move_until(AT_LOSS, newer, second, lost)
    size = sum(file.stat().st_size for file in kept.rglob("*") if file.is_file())

    with timed("restore"):
        typed(newer, elsewhere, "restore", f"{kept}")
    with stack(newer, elsewhere, free_ports()) as third:
        moved = at_target(third, elsewhere)
        checked = eventually(lambda: answer(newer, elsewhere, "check"), lambda said: said["looked_at"])
        rebuilt = answer(newer, elsewhere, "rebuild")
        done, again = [MoveReport.model_validate(answer(newer, elsewhere, "demo")) for _ in range(2)]
        asyncio.run(count(third, elsewhere, done))

    print(json.dumps({**TOOK, "bytes": size, "moved": moved, "load": os.getloadavg()}))  # noqa: T201  # what is published
    assert moved >= AT_BACKUP
    assert checked["faulty"] == []
    assert (rebuilt["lost_count"], rebuilt["unreadable"]) == (0, [])
    assert (done.is_whole, done.was_over, again.was_over) == (True, False, True)
    assert [row.orders for row in again.rows] == [row.orders for row in done.rows]


async def count(stack: Stack, data_dir: Path, done: MoveReport) -> None:
    """Each order of the move once, each entry and change once, and each charge once."""
    database = open_database(f"sqlite+aiosqlite:///{data_dir}/imacflow.db")
    async with database.reading() as session:
        orders = list((await session.execute(select(OrderRow))).scalars())
        journal = list((await session.execute(select(JournalRow).where(col(JournalRow.seq) > 0))).scalars())
        ledger = list((await session.execute(select(LedgerRow))).scalars())
        changes = list((await session.execute(select(AssetLifeRow))).scalars())
    await database.close()
    placed = [no for row in done.rows for no in row.orders]
    cases = {order_workflow_id(no) for no in placed}

    assert sorted(row.no for row in orders) == sorted(placed)
    runs = [run.id async for run in (await client_of(stack)).list_workflows('WorkflowType = "OrderWorkflow"')]
    assert sorted(runs) == sorted(cases)
    numbered: dict[str, list[int]] = {case: [] for case in cases}
    for entry in journal:
        if entry.workflow_id in cases:
            numbered[entry.workflow_id].append(entry.seq)
    assert all(numbered.values())
    assert all(sorted(found) == list(range(1, len(found) + 1)) for found in numbered.values())
    assert {row.order_no for row in ledger} <= set(placed)
    assert sum(row.amount for row in ledger) == sum(row.charges for row in done.rows)
    assert set(Counter((change.tag, change.source) for change in changes if change.source in cases).values()) == {1}
