"""The history of a group that is never at rest does not grow for ever, and nothing is lost where it is cut."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import WorkflowExecutionStatus
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from connectors.channels import OutboxChannel
from db.engine import Database
from domain.alerts.groups import GroupState
from domain.alerts.maintenance import MaintenanceWindow
from domain.ids import alert_group_id, alert_group_workflow_id
from tests.patience import until
from tests.servers import BIN, make_searchable
from tests.stories.monitoring import RULE, Monitoring, alert
from tests.stories.stage import opened

GROUP = alert_group_id(RULE.id, {"alertname": "Down"})
# A look is about ten events.
LONG = 25


@pytest.fixture
async def impatient_server() -> AsyncIterator[WorkflowEnvironment]:
    """A server to which a short history is a long one."""
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(BIN / "temporal"),
        data_converter=pydantic_data_converter,
        dev_server_extra_args=["--dynamic-config-value", f"limit.historyCount.suggestContinueAsNew={LONG}"],
        dev_server_log_level="error",
    )
    async with environment:
        await make_searchable(environment.client)
        yield environment


async def test_a_group_whose_history_is_long_goes_on_in_a_new_one(
    impatient_server: WorkflowEnvironment, database: Database, tmp_path: Path
) -> None:
    outbox = OutboxChannel(tmp_path / "outbox", "imacflow@provider.example")
    async with opened(impatient_server, database, outbox) as stage:
        prom = await Monitoring(stage).follows(RULE)
        now = await impatient_server.get_current_time()
        window = MaintenanceWindow(id="m", customer="adler", why="Umbau", start=now, end=now + timedelta(hours=1))
        await prom.plans(window)
        runs = []
        for number in range(6):
            await prom.says(alert(f"{number}"))
            await prom.later(seconds=0)
            handle = impatient_server.client.get_workflow_handle(alert_group_workflow_id(GROUP))
            runs.append((await handle.describe()).run_id)
        await prom.plans(window.but(end=now + timedelta(seconds=1)))
        await prom.later(seconds=1)
        desk = await prom.incident()
        row = await until(desk.written)
        first = impatient_server.client.get_workflow_handle(alert_group_workflow_id(GROUP), run_id=runs[0])

        assert len({*runs}) > 1
        assert (await first.describe()).status == WorkflowExecutionStatus.CONTINUED_AS_NEW
        assert await prom.state() == GroupState.OPEN
        assert row is not None
        assert row.as_incident().request.title == "Down 0 (+5)"
        assert (await prom.groups())[0].as_done().episode == 1
        await desk.handle.terminate()
        await handle.terminate()
