"""A worker says whether it does its work, to whoever waits for it before the next one is replaced."""

import signal
import subprocess
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import httpx2
import pytest
from temporalio.testing import WorkflowEnvironment

from tests.cli.test_stack import IMAC, free_port, outside_environment
from tests.patience import PATIENCE, eventually, until


class Watched:
    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.port = free_port()
        self.log = log
        with log.open("wb") as said:
            self.process = subprocess.Popen(
                [IMAC, "worker"],
                env=environment | {"IMAC_HEALTH_PORT": f"{self.port}"},
                stdout=said,
                stderr=said,
            )

    def ask(self, path: str) -> tuple[int, str]:
        try:
            answer = httpx2.get(f"http://127.0.0.1:{self.port}{path}", trust_env=False, timeout=30)
        except httpx2.TransportError:
            return 0, ""
        return answer.status_code, answer.text


@pytest.fixture
def worker(dev_server: WorkflowEnvironment, database_url: str, tmp_path: Path) -> Iterator[Watched]:
    environment = outside_environment() | {
        "IMAC_DATABASE_URL": database_url,
        "IMAC_DATA_DIR": f"{tmp_path / 'var'}",
        "IMAC_LINK_SECRET": "one for all",
        "TEMPORAL_ADDRESS": dev_server.client.service_client.config.target_host,
        "TEMPORAL_NAMESPACE": dev_server.client.namespace,
        "LANG": "C.UTF-8",
    }
    watched = Watched(environment, tmp_path / "worker.log")
    yield watched
    watched.process.kill()
    watched.process.wait(PATIENCE)


async def test_a_worker_is_ready_while_it_polls_and_nothing_fails(
    worker: Watched, dev_server: WorkflowEnvironment
) -> None:
    eventually(lambda: worker.ask("/health/ready")[0], lambda status: status == HTTPStatus.OK)
    lives, figures = worker.ask("/health/live"), worker.ask("/metrics")

    await dev_server.client.start_workflow("OfAnotherVersion", id="order/O-1", task_queue="imacflow")

    async def ready() -> tuple[int, str]:
        return worker.ask("/health/ready")

    fails = await until(ready, lambda seen: seen[0] == HTTPStatus.SERVICE_UNAVAILABLE)
    await dev_server.client.get_workflow_handle("order/O-1").terminate()
    worker.process.send_signal(signal.SIGTERM)
    left = worker.process.wait(PATIENCE)

    assert lives == (HTTPStatus.OK, '"up"')
    assert figures[0] == HTTPStatus.OK
    assert "temporal_worker_task_slots_available" in figures[1]
    assert {"imacflow_rows_ahead_total 0", "# TYPE imacflow_letters_total counter"} <= set(figures[1].splitlines())
    assert "imacflow_pool_connections_in_use" in figures[1]
    assert '"tasks": "down"' in fails[1]
    assert '"polls": "up"' in fails[1]
    assert left == 0
