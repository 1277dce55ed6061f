"""A real Alertmanager, as Debian has it: what it says after an outage, of what was silenced, and after a restart."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from cli.stack.temporal_server import HOST
from cli.stack_file import api_url
from settings import Settings
from tests.cli.conftest import Terminal
from tests.cli.test_stack import free_port
from tests.patience import eventually

ALERTMANAGER = shutil.which("prometheus-alertmanager")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        ALERTMANAGER is None, reason="there is no Alertmanager here: apt-get install prometheus-alertmanager"
    ),
]
NAME = "RealAlert"
RULE = f"""
- id: real
  customer: adler
  name: Echter Alertmanager
  position: 1
  match: {{alertname: [{NAME}]}}
  contract: adler-2026
  site: adler-hq
  priority: minor
  group_by: [alertname]
  quiet_seconds: 1
  repeat_minutes: 1
  stale_after_minutes: 2
"""
CONFIG = """
route: {{receiver: imacflow, group_by: [alertname], group_wait: 1s, group_interval: 1s, repeat_interval: 1m}}
receivers:
  - name: imacflow
    webhook_configs:
      - url: {url}/api/v1/alerts/alertmanager?source=real
        send_resolved: true
        http_config: {{authorization: {{credentials: {key}}}}}
"""
SHORTLY = timedelta(seconds=8)


class Alertmanager:
    def __init__(self, folder: Path, config: str) -> None:
        self._folder = folder
        (folder / "alertmanager.yml").write_text(config)
        self.port = free_port()
        self.http = httpx2.Client(base_url=f"http://{HOST}:{self.port}/api/v2")

    @contextmanager
    def runs(self) -> Iterator[None]:
        """With what it has stored before."""
        assert ALERTMANAGER is not None
        command = [
            ALERTMANAGER,
            f"--config.file={self._folder}/alertmanager.yml",
            f"--storage.path={self._folder}/data",
            f"--web.listen-address={HOST}:{self.port}",
            "--cluster.listen-address=",
            "--log.level=error",
        ]
        running = subprocess.Popen(command)
        try:
            eventually(self._answers)
            yield
        finally:
            running.terminate()
            running.wait()

    def _answers(self) -> bool:
        try:
            return self.http.get("/status").is_success
        except httpx2.TransportError:
            return False

    def hears(self, starts_at: datetime) -> None:
        """What Prometheus says of it every few seconds, and says no more when it has ended."""
        ends_at = datetime.now(UTC) + SHORTLY
        labels = {"alertname": NAME, "instance": "vpn-1", "severity": "warning"}
        alert = {"labels": labels, "startsAt": starts_at.isoformat(), "endsAt": ends_at.isoformat()}
        assert self.http.post("/alerts", json=[alert]).is_success

    def silenced(self) -> str:
        matcher = {"name": "alertname", "value": NAME, "isRegex": False}
        now = datetime.now(UTC)
        times = {"startsAt": now.isoformat(), "endsAt": (now + timedelta(hours=1)).isoformat()}
        asked = {"matchers": [matcher], "createdBy": "p-koch", "comment": "Wartung"} | times
        return str(self.http.post("/silences", json=asked).json()["silenceID"])

    def speaks_again(self, silence: str) -> None:
        assert self.http.delete(f"/silence/{silence}").is_success


def shown(terminal: Terminal, *words: str) -> Any:  # noqa: ANN401  # whatever the command prints as JSON
    said = terminal.type(*words, "--json")
    assert said.code == 0, said.err
    return json.loads(said.out)


def alert_of(terminal: Terminal) -> dict[str, Any]:
    found = [one for one in shown(terminal, "alert", "list")["items"] if one["alert"]["source"] == "real"]
    return found[0] if found else {}


def incident_of(terminal: Terminal) -> dict[str, Any]:
    (group,) = shown(terminal, "alert", "groups", "--rule", "real")["items"]
    return dict(shown(terminal, "incident", "show", group["incident"])) if group["incident"] else {}


def test_what_a_real_alertmanager_says_is_heard(terminal: Terminal, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULE)
    assert terminal.type("contract", "import", "examples/adler.yaml").code == 0
    assert terminal.type("alert", "rules", f"{rules}").code == 0
    url = api_url(Settings(data_dir=terminal.house.data_dir))
    manager = Alertmanager(
        tmp_path, CONFIG.format(url=url, key=shown(terminal, "key", "create", "--role", "system")["key"])
    )
    began = datetime.now(UTC)

    def still_told(look: Callable[[Terminal], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
        """What is seen while Prometheus goes on telling it."""

        def told() -> dict[str, Any]:
            manager.hears(began)
            return look(terminal)

        return told

    with manager.runs():
        manager.hears(began)
        first = eventually(lambda: alert_of(terminal), lambda alert: alert.get("changes") == 1)
        eventually(lambda: alert_of(terminal), lambda alert: alert["alert"]["status"] == "resolved")
        eventually(lambda: incident_of(terminal), lambda incident: incident.get("proposed_at"))
        eventually(lambda: datetime.now(UTC) - began > timedelta(seconds=90))

        open_again = eventually(still_told(incident_of), lambda incident: not incident["proposed_at"])
        again = alert_of(terminal)
        silence = manager.silenced()
        silent = eventually(lambda: alert_of(terminal), lambda alert: alert["silent"])
        proposed = eventually(lambda: incident_of(terminal), lambda incident: incident["proposed_at"])

    with manager.runs():
        manager.speaks_again(silence)
        eventually(still_told(incident_of), lambda incident: not incident["proposed_at"])
        back = alert_of(terminal)
    spells = shown(terminal, "alert", "spells", first["id"])["items"]
    events = shown(terminal, "incident", "timeline", proposed["no"])

    assert (first["alert"]["status"], again["changes"], open_again["no"]) == ("firing", 3, proposed["no"])
    assert (silent["alert"]["status"], back["alert"]["status"], back["silent"]) == ("firing", "firing", False)
    assert [spell["ended"] for spell in spells] == [None, "silent", "resolved"]
    told = [event["what"] for event in events if event["what"].startswith(("alerts", "resolution"))]
    assert told.count("alerts_silent") == 1
