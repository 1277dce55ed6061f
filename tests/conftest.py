"""Real servers for every test: Temporal with skipped time, and a database of its own on SQLite or PostgreSQL."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import hypothesis
import pytest
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from db.engine import Database, open_database
from tests.migrated import Migrated, shared_migrated
from tests.postgres import Postgres, postgres_server
from tests.servers import BIN, make_searchable, time_skipping_server

# An example that takes long on a busy machine has found nothing wrong.
hypothesis.settings.register_profile("patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("patient")

ON_POSTGRES = os.environ.get("IMAC_TEST_DATABASE") == "postgres"
# They wait for processes and for time that really passes: beginning with them, others use the processor meanwhile.
LONG_WAITERS = ("cli", "faults", "stories")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.parent.name not in LONG_WAITERS)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Migrated:
    return shared_migrated(tmp_path_factory, worker_id)


@pytest.fixture
def database_url(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A migrated database of the test's own; `make test-postgres` runs the same suite on PostgreSQL."""
    if ON_POSTGRES:
        server: Postgres = request.getfixturevalue("postgres")
        with server.database() as url:
            yield url
    else:
        migrated: Migrated = request.getfixturevalue("migrated")
        yield migrated.copy_to(tmp_path / "imacflow.db")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = open_database(database_url)
    yield database
    await database.close()


@pytest.fixture
async def skipping() -> AsyncIterator[WorkflowEnvironment]:
    async with time_skipping_server() as environment:
        yield environment


@pytest.fixture
async def dev_server() -> AsyncIterator[WorkflowEnvironment]:
    """A real Temporal server in which time passes as it does."""
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(BIN / "temporal"),
        data_converter=pydantic_data_converter,
        dev_server_extra_args=["--dynamic-config-value", 'history.timerProcessorMaxTimeShift="10ms"'],
        dev_server_log_level="error",
    )
    async with environment:
        await make_searchable(environment.client)
        yield environment
