"""A fresh stage for every story."""

from collections.abc import AsyncIterator

import pytest
from temporalio.testing import WorkflowEnvironment

from db.engine import Database
from tests.stories.stage import Stage, opened


@pytest.fixture
async def stage(skipping: WorkflowEnvironment, database: Database) -> AsyncIterator[Stage]:
    async with opened(skipping, database) as stage:
        yield stage
