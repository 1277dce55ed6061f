"""Our own alert rules come back in by our own door: Prometheus warns, Alertmanager tells, an incident opens."""

import asyncio
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from cli.stack.temporal_server import HOST
from cli.stack_file import api_url
from settings import Settings
from tests.cli.conftest import Terminal
from tests.cli.test_alertmanager import ALERTMANAGER, Alertmanager, shown
from tests.cli.test_stack import free_port
from tests.http_sink import HttpSink
from tests.patience import PATIENCE, eventually

PROMETHEUS = shutil.which("prometheus")
MONITORING = Path(__file__).parents[2] / "docs" / "monitoring"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        None in (ALERTMANAGER, PROMETHEUS),
        reason="there is no Prometheus or Alertmanager here: apt-get install prometheus prometheus-alertmanager",
    ),
]
# What an API says when its database is away.
SAID = b"imacflow_database_up 0\n"


@contextmanager
def said_by_an_api() -> Iterator[int]:
    sink, loop, over = HttpSink(body=SAID, headers={"Content-Type": "text/plain"}), asyncio.new_event_loop(), []

    async def serve() -> None:
        async with sink.open():
            over.append(asyncio.Event())
            await over[0].wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    eventually(lambda: over)
    yield sink.port
    loop.call_soon_threadsafe(over[0].set)
    thread.join(PATIENCE)
    loop.close()


@contextmanager
def watching(folder: Path, target: int, manager: int) -> Iterator[None]:
    """With our own rules, which need not wait a minute here."""
    (folder / "alerts.yaml").write_text((MONITORING / "alerts.yaml").read_text().replace("for: 1m", "for: 1s"))
    config = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": ["alerts.yaml"],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [f"{HOST}:{manager}"]}]}]},
        "scrape_configs": [{"job_name": "imacflow-api", "static_configs": [{"targets": [f"{HOST}:{target}"]}]}],
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    assert PROMETHEUS is not None
    command = [PROMETHEUS, f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/figures"]
    running = subprocess.Popen(
        [*command, f"--web.listen-address={HOST}:{free_port()}", "--log.level=error"], cwd=folder
    )
    try:
        yield
    finally:
        running.terminate()
        running.wait(PATIENCE)


def test_what_our_own_rules_warn_of_opens_an_incident(terminal: Terminal, tmp_path: Path) -> None:
    assert terminal.type("contract", "import", "examples/adler.yaml").code == 0
    assert terminal.type("alert", "rules", f"{MONITORING / 'rule.yaml'}").code == 0
    key = tmp_path / "monitoring_key"
    key.write_text(shown(terminal, "key", "create", "--role", "system")["key"])
    config = (MONITORING / "alertmanager.yaml").read_text()
    for there, here in (
        ("http://api:8080", api_url(Settings(data_dir=terminal.house.data_dir))),
        ("/run/secrets/monitoring_key", f"{key}"),
        ("group_wait: 10s", "group_wait: 1s"),
    ):
        assert there in config
        config = config.replace(there, here)
    manager = Alertmanager(tmp_path, config)

    with manager.runs(), said_by_an_api() as api, watching(tmp_path, api, manager.port):

        def incidents() -> list[str]:
            groups = shown(terminal, "alert", "groups", "--rule", "imacflow-itself")["items"]
            return [group["incident"] for group in groups if group["incident"]]

        (no,) = eventually(incidents)
    opened = shown(terminal, "incident", "show", no)

    assert (opened["priority"], opened["customer"]) == ("critical", "adler")
    assert "ImacflowDatabaseAway" in str(opened["request"])
