"""A move list at the command line: brought in, looked at, accepted and sent back."""

import json
from importlib.resources import files
from pathlib import Path

import openpyxl

import examples
from tests.cli.conftest import Terminal

MESSY = str(files(examples).joinpath("move-messy.csv"))


def test_a_messy_list_is_brought_in_put_right_and_sent_back(terminal: Terminal, tmp_path: Path) -> None:
    brought = terminal.type("project", "import", MESSY, "--project", "cli-move", "--contract", "adler-2026", "--json")
    shown = terminal.type("project", "issues", "cli-move", "--lang", "de")
    said = json.loads(terminal.type("project", "issues", "cli-move", "--json").out)
    conflict = next(issue for issue in said if issue["is_conflict"])
    accepted = terminal.type("project", "accept", "cli-move", f"{conflict['row']}", "--reason", "Abgesprochen.")
    ready = terminal.type("project", "rows", "cli-move", "--state", "accepted", "--json")
    sent = terminal.type("project", "export", "cli-move", "--out", f"{tmp_path / 'back.xlsx'}")

    assert (brought.code, json.loads(brought.out)["rows"]) == (1, 19)
    assert "Kerstin Unbekannt" in shown.out
    assert (accepted.code, sent.code) == (0, 0), accepted.err
    assert [row["row"] for row in json.loads(ready.out)["items"]] == [conflict["row"]]
    what_to_do = [cell.value for cell in openpyxl.load_workbook(tmp_path / "back.xlsx").worksheets[0]["A"]]
    assert what_to_do.count("What to do") == 1
    assert "no access" in str(what_to_do[conflict["row"] - 1])


def test_what_headings_mean_is_said_once(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    file.write_text("Mitarbeiter;Sitz 27\nSofia Lindner;9.99\n", encoding="utf-8")
    begin = ("project", "import", f"{file}", "--project", "cli-odd", "--contract", "adler-2026")

    refused = terminal.type(*begin)
    nonsense = terminal.type("project", "columns", "cli-odd", "Sitz 27=moon")
    terminal.type("project", "columns", "cli-odd", "Sitz 27=to_room")
    done = terminal.type(*begin)

    assert (refused.code, nonsense.code, done.code) == (1, 2, 0), done.err
    assert "Sitz 27" in refused.err
