"""A case whose tasks fail is a fault that everybody sees: in the answer to a command, in the log, on sheet and list."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.rounds import Rounds
from connectors.house_mail import channel
from domain.cases.faults import FaultKind
from domain.people import Role
from tests.api.house import INSTALL, ORDERS, House, body
from tests.patience import until
from tests.workflows.test_case_check import Broken
from worker import activities, order_worker
from workflows.client import connect
from workflows.engine.runs import Runs


async def test_a_case_whose_tasks_fail_is_seen_by_all(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.cases.faults.FAILING_FOR", timedelta(0))
    coordinator = await house.caller(Role.COORDINATOR, "p-koch")
    approver = await house.caller(Role.APPROVER, "p-vogel", "adler")
    no = body(await coordinator.post(ORDERS, json=INSTALL))["no"]
    client, queue = await connect(lazy=False), house.settings.task_queue
    runs, ours = Runs(client), activities(house.database, channel(house.settings))
    async with order_worker(client, queue, ours):
        await until(lambda: coordinator.get(ORDERS), lambda listed: body(listed)["items"])
    await client.get_workflow_handle(f"order/{no}").signal("look_again", "wake")
    wrong = Worker(client, task_queue=queue, workflows=[Broken], workflow_runner=UnsandboxedWorkflowRunner())

    async with wrong:
        await until(runs.in_trouble, lambda cases: f"order/{no}" in cases)
        with capture_logs() as said_to_caller:
            answer = await approver.post(f"{ORDERS}/{no}/commands", json={"type": "approve"})
        with capture_logs() as said_by_worker:
            await Rounds(house.database, runs).look_at_trouble()
    sheet, listed = body(await coordinator.get(f"{ORDERS}/{no}")), body(await coordinator.get(ORDERS))["items"]

    assert answer.status_code == 503
    assert [error["code"] for error in body(answer)["errors"]] == ["case_stands_still"]
    assert no in body(answer)["errors"][0]["message"]
    assert int(answer.headers["Retry-After"]) >= 60
    for said in (said_to_caller, said_by_worker):
        assert f"order/{no}" in [line["case"] for line in said if line["event"] == "case stands still"]
    for shown in (sheet, *listed):
        assert [fault["kind"] for fault in shown["faults"]] == [FaultKind.STANDS_STILL]
