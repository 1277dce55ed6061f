"""The OpenAPI document and the API say the same: random requests, good and bad, find no 5xx and no other shape."""

import asyncio
import os
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from api.app import create_app
from cli.stack.temporal_server import HOST
from db.access.keys import add_key
from db.engine import open_database
from domain.keys import Grant
from domain.kinds import OrderKind
from domain.people import Role
from settings import Settings
from tests.api.conftest import free_port
from tests.api.house import write_order
from tests.migrated import Migrated
from tests.world import DESK, furnish, order, request

pytestmark = pytest.mark.slow

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    negative_data_rejection,
    unsupported_method,
    ignored_auth,
]


# One value is a list of one, and whatever is written like an id may be somebody's. More alerts or facts than are taken
# at once are more bytes than are taken: that is a 413, which the check does not know for a refusal.
TAKEN_OTHERWISE = {"/api/v1/names", "/api/v1/alerts", "/api/v1/alerts/alertmanager", "/api/v1/simulations"}

# Seconds. Some answers wait for workers, of which there are none here.
PATIENCE = 60


@pytest.fixture(scope="module")
def key_and_url(
    temporal_address: str, tmp_path_factory: pytest.TempPathFactory, migrated: Migrated
) -> Iterator[tuple[str, str]]:
    """A server of its own with the example world, and a key that opens everything."""
    folder = tmp_path_factory.mktemp("document")
    key = asyncio.run(_furnished(folder, migrated))
    port = free_port()
    os.environ["TEMPORAL_ADDRESS"] = temporal_address
    server = uvicorn.Server(
        uvicorn.Config(create_app(Settings(data_dir=folder, task_queue="document")), HOST, port, log_level="critical")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    try:
        yield key, f"http://{HOST}:{port}"
    finally:
        server.should_exit = True
        thread.join()
        del os.environ["TEMPORAL_ADDRESS"]


async def _furnished(folder: Path, migrated: Migrated) -> str:
    database = open_database(migrated.copy_to(folder / "imacflow.db"))
    await furnish(database)
    asked = request(OrderKind.INSTALL, target=DESK, assets=["NB-100"])
    await write_order(database, order(asked, datetime.now(UTC)))
    async with database.writing() as session:
        made = await add_key(session, Grant(role=Role.ADMIN), datetime.now(UTC))
    await database.close()
    return made.key


document = schemathesis.openapi.from_dict(create_app(Settings()).openapi())
# Events never end.
schema = document.exclude(path="/api/v1/events")


@schema.parametrize()
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_api_keeps_to_its_document(case: schemathesis.Case[Any], key_and_url: tuple[str, str]) -> None:
    key, url = key_and_url

    checks = [check for check in CHECKS if check is not negative_data_rejection or case.path not in TAKEN_OTHERWISE]
    case.call_and_validate(base_url=url, headers={"Authorization": f"Bearer {key}"}, checks=checks, timeout=PATIENCE)
