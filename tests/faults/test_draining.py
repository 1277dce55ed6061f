"""A worker that is told to stop goes, whatever its activities do; what it leaves is done by the next one."""

import asyncio
import os
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.testing import WorkflowEnvironment

from tests.faults.forked import ended, forked, killed
from tests.faults.stubborn_worker import QUEUE, Busy, Stubborn, main


@pytest.mark.parametrize(
    ("how", "code"),
    [
        pytest.param(Stubborn.NEVER_ENDS, 0, id="an activity that never ends is cancelled"),
        pytest.param(Stubborn.HEEDS_NO_CANCELLING, os.EX_TEMPFAIL, id="one that heeds no cancelling is left"),
        pytest.param(Stubborn.STANDS_IN_THE_WAY, os.EX_TEMPFAIL, id="one that stands in the way of all else is left"),
    ],
)
async def test_a_worker_goes_when_it_is_told_to(
    how: Stubborn, code: int, dev_server: WorkflowEnvironment, tmp_path: Path
) -> None:
    client, begun = dev_server.client, tmp_path / "begun"
    address = {"TEMPORAL_ADDRESS": client.service_client.config.target_host, "TEMPORAL_NAMESPACE": client.namespace}
    await client.start_workflow(Busy.run, id=f"busy-{uuid4().hex}", task_queue=QUEUE)

    worker = forked(main, os.environ | address, how, begun)
    try:
        while not begun.exists():  # noqa: ASYNC110  # another process touches it
            await asyncio.sleep(0.05)
        worker.terminate()
        left = await ended(worker)
    finally:
        killed(worker)

    assert left == code
