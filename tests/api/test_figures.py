"""What an API counts: the names that dashboard and alert rules ask for, and no person or number among the labels."""

import json
import re
from pathlib import Path

import httpx2
import yaml

from api.app import life_under
from api.figures import metrics_of
from connectors.figures import WORK
from tests.api.house import INSTALL, ORDERS, House
from tests.cli.test_stack import free_port
from workflows.telemetry import TASK_FAILURES

MONITORING = Path(__file__).parents[2] / "docs" / "monitoring"
# Those that every worker shows as soon as it polls, or a task has failed (tests/faults/test_worker_health.py).
OF_WORKERS = {f"{TASK_FAILURES}_total", "temporal_worker_task_slots_available"}
_NAME = re.compile(r"\b(?:imacflow|temporal)_\w+")
_LABELS = re.compile(r'(\w+)="([^"]*)"')


def refused_in(said: str) -> int:
    """How many lists were asked for without a key since the process began: other tests may have asked as well."""
    found = re.search(r'^imacflow_requests_total{route="listOrders",code="401"} (\d+)$', said, re.MULTILINE)
    return int(found[1]) if found else 0


async def test_requests_are_counted_by_route_and_code_and_by_nothing_that_was_sent(cut_off: House) -> None:
    desk, nobody = await cut_off.coordinator(), await cut_off.client()
    before = refused_in(await metrics_of(cut_off.app))
    for path in (f"{ORDERS}/O-AAAAA-BBBBB", f"{ORDERS}/Anna Vogel", "/c4n4ry", f"{ORDERS}?customer=c4n4ry"):
        await desk.get(path)
    await desk.post(ORDERS, json=INSTALL | {"holder": "c4n4ry"})
    await nobody.get(ORDERS)

    said = await metrics_of(cut_off.app)

    assert 'imacflow_requests_total{route="getOrder",code="' in said
    assert refused_in(said) == before + 1
    assert 'imacflow_request_seconds_bucket{route="listOrders",le="+Inf"}' in said
    assert "imacflow_database_up 1" in said
    labels = {name for name, _ in _LABELS.findall(said)}
    values = {value for name, value in _LABELS.findall(said) if name != "le"}
    assert labels == {"route", "code", "le", "kind", "fault"}
    assert [value for value in values if not re.fullmatch(r"[A-Za-z_]+|\d{3}", value)] == []


async def test_dashboard_and_rules_ask_for_what_there_is(cut_off: House) -> None:
    desk = await cut_off.coordinator()
    await desk.get(ORDERS)
    said = "\n".join([await metrics_of(cut_off.app), *WORK.lines()])
    there = set(_NAME.findall(said)) | OF_WORKERS | {"imacflow_letters_last_hour"}
    rules = yaml.safe_load((MONITORING / "alerts.yaml").read_text())["groups"][0]["rules"]
    panels = json.loads((MONITORING / "dashboard.json").read_text())["panels"]

    asked = [rule["expr"] for rule in rules] + [target["expr"] for panel in panels for target in panel["targets"]]

    assert len(asked) > 15
    assert {name.removesuffix("_bucket") for expression in asked for name in _NAME.findall(expression)} - there == set()
    assert {rule["labels"]["severity"] for rule in rules} <= {"warning", "critical"}


async def test_they_are_at_a_port_of_their_own_and_not_at_the_callers(cut_off: House) -> None:
    port = free_port()
    settings = cut_off.settings.model_copy(update={"metrics_port": port})
    nobody = await cut_off.client()

    public = await nobody.get("/metrics")
    again = life_under(settings, cut_off.app.state.workshop._foreman)
    async with again(cut_off.app), httpx2.AsyncClient(trust_env=False) as watcher:
        own = await watcher.get(f"http://127.0.0.1:{port}/metrics")

    assert public.status_code == 404
    assert own.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert "imacflow_database_up" in own.text
