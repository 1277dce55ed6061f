"""Monitoring at the command line: rules saved, alerts sent, windows planned."""

import json
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pytest

import examples
from tests.cli.conftest import Terminal

RULES = files(examples).joinpath("alerts/rules.yaml")
WEBHOOK = files(examples).joinpath("alerts/alertmanager.json")
SOON = datetime.now(UTC) + timedelta(days=1)


@pytest.fixture
def rules(terminal: Terminal) -> None:
    said = terminal.type("alert", "rules", f"{RULES}")
    assert said.code == 0, said.err


@pytest.mark.usefixtures("rules")
def test_rules_are_saved_and_listed(terminal: Terminal) -> None:
    listed, german = terminal.type("alert", "rules", "--json"), terminal.type("alert", "rules", "--lang", "de")

    assert [(rule["id"], rule["version"]) for rule in json.loads(listed.out)] == [
        ("adler-backup", 1),
        ("adler-network", 1),
        ("adler-rest", 1),
    ]
    assert "alles Übrige" in german.out


@pytest.mark.usefixtures("rules")
def test_what_alertmanager_sent_is_sent_again_and_shown_with_its_group(terminal: Terminal) -> None:
    sent = terminal.type("alert", "send", f"{WEBHOOK}", "--json")
    group = next(
        group
        for group in json.loads(terminal.type("alert", "groups", "--rule", "adler-network", "--json").out)["items"]
        if group["labels"] == {"site": "adler-hq", "alertname": "SwitchDown"}
    )
    listed = terminal.type("alert", "list", "--group", group["id"])
    shown = terminal.type("alert", "groups", "--lang", "de")

    assert json.loads(sent.out)["accepted"] == 2
    assert "sw-a2-1" in listed.out
    assert "alertname=SwitchDown" in shown.out


def test_one_alert_is_sent_and_over_again(terminal: Terminal) -> None:
    words = (
        "alert",
        "send",
        "--source",
        "probe",
        "--key",
        "cli-1",
        "--title",
        "Backup late",
        "--label",
        "alertname=BackupLate",
    )

    fires, over = terminal.type(*words, "--json"), terminal.type(*words, "--resolved")
    listed = json.loads(terminal.type("alert", "list", "--status", "resolved", "--json").out)

    assert (json.loads(fires.out)["new"], over.code) == (1, 0)
    assert "cli-1" in [alert["alert"]["key"] for alert in listed["items"]]


def test_a_window_is_planned_and_called_off(terminal: Terminal) -> None:
    window = ("--from", f"{SOON:%Y-%m-%d} 12:00", "--until", f"{SOON:%Y-%m-%d} 14:00", "--why", "Umbau")
    asked = ("maintenance", "plan", "cli-m1", "--customer", "adler", "--site", "adler-hq", "--label", "host=sw-*")

    planned = terminal.type(*asked, *window)
    listed = terminal.type("maintenance", "list")
    off = terminal.type("maintenance", "end", "cli-m1")
    after = json.loads(terminal.type("maintenance", "list", "--json").out)

    assert (planned.code, off.code) == (0, 0), planned.err + off.err
    assert "adler-hq, host=sw-*" in listed.out
    assert [kept["id"] for kept in after if kept["id"] == "cli-m1"] == []


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(("alert", "send", "--label", "nothing"), 2, id="a label without a value"),
        pytest.param(("alert", "send", "--source", "probe"), 1, id="an alert that says nothing"),
        pytest.param(("alert", "send", f"{Path(__file__)}"), 2, id="a file that is no JSON"),
        pytest.param(("alert", "rules", f"{WEBHOOK}"), 1, id="rules that are none"),
        pytest.param(("maintenance", "end", "none"), 1, id="a window nobody planned"),
    ],
)
def test_what_cannot_be_done_is_said(terminal: Terminal, words: tuple[str, ...], code: int) -> None:
    said = terminal.type(*words)

    assert said.code == code
    assert said.err
