"""`imac rebuild` against a real server: a product database that was restored alone, one that knows more, bad ground."""

import asyncio
import json
import os
import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from temporalio.testing import WorkflowEnvironment

from activities.records import OrderEntry, Records
from connectors.channels import OutboxChannel
from db.columns import METADATA
from db.engine import Database
from db.origins import FROM_HISTORY, PARTLY
from db.standing_cases import row_of as table_of
from domain.cases.instructions import Instruction
from domain.cases.order_commands import Approve
from domain.ids import order_no, part_order_no
from domain.kinds import OrderKind
from domain.orders.order import Order, Registers, accept
from domain.orders.standing import begun
from tests.cli.test_stack import IMAC, outside_environment
from tests.patience import until
from tests.stories.bundle_scripts import BUNDLED, wished
from tests.stories.test_rebuild import at_rest, cases_in, cases_with_lost_tasks, comparable, lives, tables
from tests.workflows.test_case_check import QUEUE, place, row_of
from tests.world import APPROVER, ASSETS, DESK, HQ, furnish, incident, order, request, trouble
from worker import activities, check_activities, move_activities, order_worker
from workflows.client import Temporal
from workflows.engine.runs import HowFar, Runs

DEATHS = 4
AT_ONCE = 3


@pytest.fixture
def outbox(tmp_path: Path) -> OutboxChannel:
    return OutboxChannel(tmp_path / "outbox", "imacflow@provider.example")


@pytest.fixture
def house(tmp_path: Path, database: Database, dev_server: WorkflowEnvironment) -> Mapping[str, str]:
    return outside_environment() | {
        "IMAC_DATA_DIR": f"{tmp_path / 'var'}",
        "IMAC_DATABASE_URL": database.url,
        "IMAC_LINK_SECRET": "shared by all",
        "TEMPORAL_ADDRESS": dev_server.client.service_client.config.target_host,
        "TEMPORAL_NAMESPACE": dev_server.client.namespace,
        "LANG": "C.UTF-8",
    }


async def imac(house: Mapping[str, str], *typed: str, kill_after: float | None = None) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        IMAC, *typed, env=house, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    if kill_after is not None:
        await asyncio.sleep(kill_after)
        if process.returncode is None:
            process.kill()
    out, err = await process.communicate()
    assert "Traceback" not in err.decode()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def reported(house: Mapping[str, str], *typed: str) -> Mapping[str, Any]:
    code, out, err = await imac(house, "rebuild", *typed, "--json")
    assert code == 0, err
    report: Mapping[str, Any] = json.loads(out)
    return report


async def approve(temporal: Temporal, placed: Order) -> None:
    said = Instruction(command=Approve(step="approval"), actor=APPROVER, given_at=datetime.now(UTC), request_id="yes")
    await temporal.command(f"order/{placed.no}", said)


async def whole_copy(database: Database) -> Mapping[str, list[dict[str, Any]]]:
    async with database.writing() as session:
        return {
            table.name: [dict(row) for row in (await session.execute(table.select())).mappings()]
            for table in METADATA.sorted_tables
        }


async def restore(database: Database, copy: Mapping[str, list[dict[str, Any]]]) -> None:
    async with database.writing() as session:
        if database.url.startswith("postgresql"):
            # A database that is restored is another one: nothing in it was ever only to be added to.
            await session.execute(text("SET LOCAL session_replication_role = replica"))
        for table in reversed(METADATA.sorted_tables):
            await session.execute(table.delete())
        for table in METADATA.sorted_tables:
            if copy[table.name]:
                await session.execute(table.insert(), copy[table.name])


async def test_a_product_database_restored_alone_is_as_it_was_however_often_its_rebuild_dies(
    dev_server: WorkflowEnvironment, database: Database, outbox: OutboxChannel, house: Mapping[str, str]
) -> None:
    await furnish(database)
    temporal = Temporal(dev_server.client, QUEUE)
    async with order_worker(dev_server.client, QUEUE, activities(database, outbox)):
        first = await place(dev_server, database)
        copy = await whole_copy(database)
        since = datetime.now(UTC).isoformat()
        for asked in (
            request(OrderKind.INSTALL, target=DESK, assets=["NB-101"], holder="Eva Koch"),
            request(OrderKind.CHANGE, assets=["NB-200"], new_model="ThinkPad T14s"),
        ):
            placed = order(asked, datetime.now(UTC))
            await temporal.start_order(placed)
            await approve(temporal, placed)
            await until(lambda placed=placed: row_of(database, placed))  # type: ignore[misc]
        await approve(temporal, first)
        await temporal.start_incident(incident(trouble(priority="minor"), datetime.now(UTC)))
        await listed(dev_server, 4)
        cases = await cases_in(database)
        for case in cases:
            await until(partial(is_written, dev_server, database, case))
        before, letters = await at_rest(database), sorted(os.listdir(outbox.folder))
        await restore(database, copy)

        looked = await reported(house, "--dry-run")
        assert comparable(await tables(database)) == comparable(only(copy))
        for _ in range(DEATHS):
            await imac(house, "rebuild", kill_after=random.uniform(1, 4))
        report = await reported(house, "--since", since)
        again = await imac(house, "rebuild", "--lang", "de")
        after = await at_rest(database)

    assert (looked["written"], looked["cases"]) == (False, 4)
    assert {found["table"]: found["missing"] for found in looked["tables"]}["orders"] == 2
    assert report["written"]
    assert report["lost_count"] == 0
    repeated = await cases_with_lost_tasks(dev_server.client, cases)
    assert comparable(after, but=repeated) == comparable(before, but=repeated)
    assert lives(after) == lives(before)
    assert sorted(os.listdir(outbox.folder)) == letters
    assert again[0] == 0
    assert "die Tabellen stehen so, wie es die Historien sagen" in again[1]
    assert "api_keys" in again[1]


async def test_a_bundle_with_its_orders_comes_back_from_histories(
    dev_server: WorkflowEnvironment, database: Database, outbox: OutboxChannel, house: Mapping[str, str]
) -> None:
    await furnish(database)
    temporal = Temporal(dev_server.client, QUEUE)
    known = Registers((HQ,), tuple(ASSETS))
    bundle = accept(BUNDLED, wished(), known, no=order_no(), at=datetime.now(UTC))
    steps = [part.bundle.step for part in bundle.parts if part.bundle is not None]
    ours = [*activities(database, outbox), *move_activities(database, temporal)]
    async with order_worker(dev_server.client, QUEUE, ours):
        copy = await whole_copy(database)
        await temporal.start_order(bundle)
        await approve(temporal, bundle)
        cases = [bundle.no, *(part_order_no(bundle.no, step, 1) for step in steps if step != "talk")]
        await listed(dev_server, len(cases))
        for case in cases:
            await until(partial(is_written, dev_server, database, f"order/{case}"))
        before = await at_rest(database)
        await restore(database, copy)

        report = await reported(house)
        again = await reported(house)
        after = await at_rest(database)

    assert (report["written"], report["lost_count"]) == (True, 0)
    assert {found["table"]: found["missing"] for found in report["tables"]}["orders"] == len(cases)
    repeated = await cases_with_lost_tasks(dev_server.client, [f"order/{case}" for case in cases])
    assert comparable(after, but=repeated) == comparable(before, but=repeated)
    assert sum(found["missing"] for found in again["tables"]) == 0


async def test_any_number_of_rebuilds_at_once_come_to_the_same_end(
    dev_server: WorkflowEnvironment, database: Database, outbox: OutboxChannel, house: Mapping[str, str]
) -> None:
    await furnish(database)
    temporal = Temporal(dev_server.client, QUEUE)
    async with order_worker(dev_server.client, QUEUE, activities(database, outbox)):
        copy = await whole_copy(database)
        for _ in range(3):
            await approve(temporal, await place(dev_server, database))
        await listed(dev_server, 3)
        cases = await cases_in(database)
        for case in cases:
            await until(partial(is_written, dev_server, database, case))
        before, letters = await at_rest(database), sorted(os.listdir(outbox.folder))
        await restore(database, copy)

        reports = await asyncio.gather(*(reported(house) for _ in range(AT_ONCE)))
        again = await reported(house)
        after = await at_rest(database)

    assert len(cases) == 3
    assert {report["cases"] for report in reports} == {3}
    assert [(found["missing"], found["old"]) for found in again["tables"]] == [(0, 0)] * len(again["tables"])
    repeated = await cases_with_lost_tasks(dev_server.client, cases)
    assert comparable(after, but=repeated) == comparable(before, but=repeated)
    assert lives(after) == lives(before)
    assert sorted(os.listdir(outbox.folder)) == letters


async def is_written(dev_server: WorkflowEnvironment, database: Database, case: str) -> bool:
    """Whether the tables have heard of all that has happened."""
    progress = await dev_server.client.get_workflow_handle(case).query("progress", result_type=HowFar)
    table, no = table_of(case)
    async with database.reading() as session:
        row = await session.get(table, no)
    return row is not None and row.seq == progress.seq


def only(copy: Mapping[str, list[dict[str, Any]]]) -> Mapping[str, list[dict[str, Any]]]:
    return {name: copy[name] for name in FROM_HISTORY | PARTLY}


async def listed(dev_server: WorkflowEnvironment, count: int) -> None:
    """What lists say of a run is a moment behind it."""

    async def running() -> int:
        return len([run async for run in dev_server.client.list_workflows("ExecutionStatus = 'Running'")])

    await until(running, lambda found: found >= count)


async def test_what_temporal_does_not_know_is_shown_as_lost_and_what_it_knows_less_of_is_put_right(
    dev_server: WorkflowEnvironment,
    database: Database,
    outbox: OutboxChannel,
    house: Mapping[str, str],
) -> None:
    """As when Temporal alone was restored."""
    await furnish(database)
    runs = Runs(dev_server.client)
    acts = [*activities(database, outbox), *check_activities(database, runs)]
    async with order_worker(dev_server.client, QUEUE, acts):
        known = await place(dev_server, database)
        await listed(dev_server, 1)
        unknown = order(request(OrderKind.CHANGE, assets=["NB-200"], new_model="T14s"), datetime.now(UTC))
        progress = begun(unknown, datetime.now(UTC)).but(seq=1)
        entry = OrderEntry(order=unknown, progress=progress, events=(), deadline=None, at=datetime.now(UTC))
        await Records(database).record(entry)
        ahead = await row_of(database, known)
        assert ahead is not None
        long_ago = datetime.now(UTC) - timedelta(hours=1)
        entry = OrderEntry(
            order=known, progress=ahead.as_progress().but(seq=ahead.seq + 5), events=(), deadline=None, at=long_ago
        )
        await Records(database).record(entry)

        looked = await reported(house, "--dry-run")
        unmarked = await row_of(database, unknown)
        report = await reported(house)
        lost = await row_of(database, unknown)
        right = await until(lambda: row_of(database, known), lambda row: row is not None and row.seq == ahead.seq)

    assert looked["lost"] == report["lost"] == [f"order/{unknown.no}"]
    assert looked["ahead"] == report["ahead"] == [f"order/{known.no}"]
    assert unmarked is not None
    assert unmarked.faults is None
    assert lost is not None
    assert [(fault.kind, fault.about) for fault in lost.as_faults()] == [("orphaned", "gone")]
    assert right is not None


async def test_on_bad_ground_it_ends_with_one_sentence_and_changes_nothing(
    dev_server: WorkflowEnvironment, database: Database, outbox: OutboxChannel, house: Mapping[str, str]
) -> None:
    await furnish(database)
    async with order_worker(dev_server.client, QUEUE, activities(database, outbox)):
        placed = await place(dev_server, database)
    before = await tables(database)
    nowhere = {"TEMPORAL_ADDRESS": "127.0.0.1:9"}
    other = {"TEMPORAL_NAMESPACE": "temporal-system"}

    async def said(*typed: str, **beside: str) -> tuple[int, int]:
        code, out, err = await imac({**house, **beside}, "rebuild", *typed)
        assert out == ""
        return code, len(err.strip().splitlines())

    assert await said("--since", "2199-01-01") == (2, 2)
    assert await said(**nowhere) == (3, 2)
    assert (await said(**other))[0] in (1, 3)
    assert await said(IMAC_DATABASE_URL="sqlite:////nowhere/at/all.db") == (3, 2)
    assert await tables(database) == before
    assert await row_of(database, placed) is not None
