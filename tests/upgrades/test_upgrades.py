"""Upgrades under live cases of all kinds, as they are typed: what would break is refused, what fits goes in and back.

`make test-upgrades` does it with 500 cases and all twenty changes; the suite with a few.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment

from activities.channels import Switchboard
from activities.notices import Notices
from connectors.channels import OutboxChannel
from db.engine import Database
from tests.patience import until
from tests.stories.phones import Phones
from tests.stories.stage import Postman, Stage
from tests.upgrades.cases import begin, failed_tasks, nudge, running, terminated, until_handled
from tests.upgrades.changes import BREAKING, FITTING, PLACE, Change, tree_with
from tests.world import furnish
from workflows.engine.versioned_cases import VersionedCases
from workflows.engine.versions import Versions

QUEUE = "stories"
CASES = int(os.environ.get("IMAC_TEST_UPGRADE_CASES", "12"))
CHECKS_AT_ONCE = 4
IS_WHOLE = "IMAC_TEST_UPGRADE_CASES" in os.environ
IMAC = "from cli.main import program; program()"


class House:
    """One server and one database, on which versions from different folders work."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment

    @contextmanager
    def worker(self, tree: Path) -> Iterator[None]:
        """Ends as it is asked to."""
        command = (sys.executable, "-m", "cli.stack.loading", "worker")
        running = subprocess.Popen(
            command, cwd=tree, env=self._at(tree), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            yield
        finally:
            running.terminate()
            running.wait()

    async def types(self, tree: Path, *typed: str) -> tuple[int, dict[str, Any], float]:
        """How it ended, what it said, and after how many seconds."""
        began = time.monotonic()
        command = (sys.executable, "-c", IMAC, "upgrade", *typed, "--json")
        process = await asyncio.create_subprocess_exec(
            *command, cwd=tree, env=self._at(tree), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        out, err = await process.communicate()
        assert out, err.decode()
        assert process.returncode is not None
        assert process.returncode >= 0, err.decode()
        return process.returncode, json.loads(out.splitlines()[-1]), round(time.monotonic() - began, 1)

    def _at(self, tree: Path) -> dict[str, str]:
        return {**self.environment, "PYTHONPATH": f"{tree}"}


@asynccontextmanager
async def furnished(
    server: WorkflowEnvironment, database: Database, tmp_path: Path
) -> AsyncIterator[tuple[House, Stage]]:
    await furnish(database)
    address = server.client.service_client.config.target_host
    house = House(
        {name: value for name, value in os.environ.items() if not name.startswith(("IMAC_", "TEMPORAL_"))}
        | {
            "TEMPORAL_ADDRESS": address,
            "IMAC_DATABASE_URL": database.url,
            "IMAC_DATA_DIR": f"{tmp_path}",
            "IMAC_TASK_QUEUE": QUEUE,
            "IMAC_LINK_SECRET": "of all who take part here",
        }
    )
    channel = OutboxChannel(tmp_path / "outbox", "imacflow@provider.example")
    yield house, Stage(server, database, Postman(Notices(database, Switchboard(database, channel))), Phones())


async def checked(house: House, changes: Sequence[Change], tmp_path: Path) -> dict[str, tuple[int, int, float]]:
    """How `imac upgrade check` with each change alone ended, how many cases it named, after how many seconds."""
    places = asyncio.Semaphore(CHECKS_AT_ONCE)

    async def one(number: int, change: Change) -> tuple[int, int, float]:
        async with places:
            tree = tree_with(tmp_path / f"changed-{number}", [change])
            code, said, seconds = await house.types(tree, "check", "--all-cases")
            shutil.rmtree(tree)
            return code, len(said["broken"]), seconds

    found = await asyncio.gather(*(one(number, change) for number, change in enumerate(changes)))
    return {change.what: one for change, one in zip(changes, found, strict=True)}


@pytest.mark.slow
async def test_upgrades_under_live_cases(dev_server: WorkflowEnvironment, database: Database, tmp_path: Path) -> None:
    client = dev_server.client
    versions = Versions(client, QUEUE, QUEUE)
    cases_of = VersionedCases(client, QUEUE)
    breaking, fitting = (BREAKING, FITTING) if IS_WHOLE else (BREAKING[3:4], ())
    async with furnished(dev_server, database, tmp_path) as (house, stage):
        with house.worker(PLACE):
            old = (await until(versions.routing, lambda seen: seen.current is not None)).current
            assert old is not None
            await begin(stage, CASES)
            open_before = await until(lambda: running(client), lambda cases: len(set(cases.values())) == 6)
            await until_handled(client, open_before)

            refused = await checked(house, (*breaking, *fitting), tmp_path)
            failed_at_checks = await failed_tasks(client)

            tree = tree_with(tmp_path / "newer", FITTING)
            with house.worker(tree):
                allowed = await house.types(tree, "allow", "--all-cases", "--wait", "120")
                new = str(allowed[1]["version"])
                half = dict(list(open_before.items())[::2])
                await nudge(client, half, "newer")
                await until_handled(client, half)
                await until(lambda: cases_of.that_used(new), lambda found: len(found) >= len(half))

                back = await house.types(PLACE, "roll-back")
                await nudge(client, open_before, "back")
                await until_handled(client, open_before)
                failed_back = await failed_tasks(client)

                again = await house.types(tree, "allow", "--all-cases", "--wait", "120")
                await nudge(client, open_before, "again")
                await until_handled(client, open_before)
                still_stay = await cases_of.that_stay()
                failed_again = await failed_tasks(client)
        ended = await terminated(client)
        left = await running(client)

    figures = {
        "cases": len(open_before),
        "kinds": Counter(open_before.values()),
        "checks": refused,
        "allow": (allowed[0], allowed[2]),
        "roll-back": {
            "seconds": back[2],
            "of them until the newer was given nothing": back[1]["switched"],
            "of them at work": back[1]["seconds"],
            "back": back[1]["back"],
            "stay": len(back[1]["stay"]),
        },
        "allowed again": {"seconds": again[2], "released": again[1]["released"]},
        "tasks failed": [failed_at_checks, failed_back, failed_again],
        "ended": ended,
        "load": os.getloadavg(),
    }
    print(json.dumps(figures, indent=1))  # noqa: T201  # what is published
    assert {what: code for what, (code, _, _) in refused.items()} == {
        **{change.what: 1 for change in breaking},
        **{change.what: 0 for change in fitting},
    }
    assert all(broken for what, (code, broken, _) in refused.items() if code)
    assert (failed_at_checks, failed_back, failed_again) == ({}, {}, {})
    assert (ended, still_stay) == ([], [])
    assert set(open_before) <= set(left)
    assert (allowed[0], back[0], again[0]) == (0, 0, 0)
    assert back[1]["version"] == old
