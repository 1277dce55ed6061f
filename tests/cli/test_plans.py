"""A plan at the command line: made, looked at, and approved by somebody else."""

import json
from importlib.resources import files
from pathlib import Path

import examples
from tests.cli.conftest import Terminal

HERE = files(examples)


def test_the_example_list_is_planned_and_approved(terminal: Terminal) -> None:
    terminal.type(
        "project", "import", str(HERE / "move-clean.csv"), "--project", "cli-plan", "--contract", "adler-2026"
    )

    made = terminal.type("project", "plan", "cli-plan", "--file", str(HERE / "move-plan.yaml"), "--lang", "de")
    short = terminal.type(
        *("project", "plan", "cli-plan", "--cut-by", "date", "--hours", "08:00-10:00", "--technician", "p-lang"),
        "--json",
    )
    approver = terminal.key_of("p-huber", "approver")
    refused = terminal.type("project", "approve", "cli-plan", "--version", "1", key=approver)
    late = terminal.type("project", "approve", "cli-plan", key=approver)
    approved = terminal.type(
        "project", "approve", "cli-plan", "--accept-left-over", "--reason", "Rest später", key=approver
    )
    listed = json.loads(terminal.type("project", "plans", "cli-plan", "--json").out)
    shown = terminal.type("project", "plans", "cli-plan", "1")

    assert made.code == 0, made.err
    assert "Do 2027-03-11 08:00 – 17:00" in made.out
    assert "p-yilmaz" in made.out
    # Others of the house may have moved somebody of the list already.
    tried = json.loads(short.out)
    assert (short.code, tried["workplaces"] - len(tried["plan"]["left_over"])) == (1, 3)
    assert (refused.code, late.code, approved.code) == (1, 1, 0), approved.err
    assert [(plan["version"], bool(plan["approved"])) for plan in listed] == [(2, True), (1, False)]
    assert "Th 2027-03-11" in shown.out


def test_what_cannot_be_planned_is_said(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text("waves: everything\n", encoding="utf-8")

    answers = [
        terminal.type("project", "plan", "cli-nowhere"),
        terminal.type("project", "plan", "cli-nowhere", "--hours", "morning"),
        terminal.type("project", "plan", "cli-nowhere", "--file", f"{tmp_path / 'plan.yaml'}"),
        terminal.type("project", "approve", "cli-nowhere"),
    ]

    assert [answer.code for answer in answers] == [1, 2, 1, 1]
    assert "08:00-16:00" in answers[1].err
