"""Temporal is away when alerts come: they are taken in all the same and become incidents when it is back."""

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from cli.stack.temporal_server import HOST, prepare_namespace, server_answers, server_command
from db.alerts.rules import save_rule
from db.engine import Database
from db.incidents import IncidentRow, incident_row
from domain.people import Role
from settings import Settings
from tests.api.conftest import free_port
from tests.api.house import House, body, opened
from tests.stories.monitoring import RULE
from tests.stories.stage import MONDAY
from tests.world import furnish

ALERTS = "/api/v1/alerts"


@contextmanager
def server(folder: Path, port: int) -> Iterator[None]:
    command = server_command(folder, "default", port=port, ui_port=None)
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        running.terminate()
        running.wait()


async def group(house: House) -> dict[str, object]:
    (found,) = body(await (await house.caller(Role.SDM)).get(f"{ALERTS}/groups"))["items"]
    return dict(found)


async def reported(house: House) -> tuple[dict[str, object], IncidentRow]:
    """The group and its incident, as soon as both are in the tables."""
    while True:
        found = await group(house)
        async with house.database.reading() as session:
            row = await incident_row(session, str(found["incident"]))
        if row is not None:
            return found, row
        await asyncio.sleep(0.2)


async def test_alerts_taken_in_without_temporal_become_incidents_later(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await furnish(database)
    async with database.writing() as session:
        await save_rule(session, RULE, by="p-koch", at=MONDAY)
    port = free_port()
    address = {"TEMPORAL_ADDRESS": f"{HOST}:{port}", "TEMPORAL_NAMESPACE": "default"}
    for name, value in address.items():
        monkeypatch.setenv(name, value)
    settings = Settings(data_dir=tmp_path, database_url=database.url, task_queue=f"away-{uuid4().hex}")
    sent = [{"source": "prom", "key": f"{n}", "title": "Down", "labels": {"alertname": "Down"}} for n in range(30)]

    async with opened(settings, database) as house:
        taken = await (await house.caller(Role.SYSTEM)).post(ALERTS, json=sent)
        before = await group(house)
    # The process that took them in is gone; the next one finds what it has left.
    async with opened(settings, database) as house:
        with server(tmp_path, port):
            while not await server_answers(address):  # noqa: ASYNC110  # there is nobody who could set an event
                await asyncio.sleep(0.1)
            await prepare_namespace(address)
            await house.worker()
            after, row = await reported(house)
            await house.closing.aclose()

    assert (taken.status_code, body(taken)["new"]) == (202, 30)
    assert (before["state"], before["waiting"], before["incident"]) == ("collecting", True, None)
    assert (after["state"], after["firing"], after["episode"]) == ("open", 30, 1)
    assert row.as_incident().request.title == "Down (+29)"
