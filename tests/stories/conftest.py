"""A fresh stage for every story."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from connectors.channels import OutboxChannel
from db.engine import Database
from db.rebuilding import rebuild
from tests.histories.lives import KEPT_IN, keep_lives
from tests.stories.stage import Stage, opened


@pytest.fixture
async def stage(skipping: WorkflowEnvironment, database: Database, tmp_path: Path) -> AsyncIterator[Stage]:
    async with opened(skipping, database, OutboxChannel(tmp_path / "outbox", "imacflow@provider.example")) as stage:
        yield stage
    assert await rebuild(database) == 0, "what was awaited was not what the cases say"


if KEPT_IN is not None:
    kept_in = Path(KEPT_IN)

    @pytest.fixture(autouse=True)
    async def lives_are_kept(
        skipping: WorkflowEnvironment, database: Database, request: pytest.FixtureRequest
    ) -> AsyncIterator[None]:
        yield
        await keep_lives(skipping.client, database, request.node.name, kept_in)
