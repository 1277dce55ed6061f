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


def test_one_conflict_is_accepted_wherever_it_stands(terminal: Terminal, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    lines = ("Mitarbeiter;Raum neu;Platz neu", "Anna Vogel;1.01;1", "Max Huber;1.01;2", "Lena Brandt;1.02;1")
    for line in lines:
        book.worksheets[0].append(line.split(";"))
    for row in (2, 4):
        book.worksheets[0].row_dimensions[row].hidden = True
    book.save(tmp_path / "l.xlsx")
    begin = ("project", "import", f"{tmp_path / 'l.xlsx'}", "--project", "cli-hidden", "--contract", "adler-2026")
    terminal.type(*begin)

    nothing = terminal.type("project", "accept", "cli-hidden", "--reason", "Gewollt.")
    accepted = terminal.type("project", "accept", "cli-hidden", "--code", "row_hidden", "--reason", "Gewollt.")
    said = json.loads(terminal.type("project", "issues", "cli-hidden", "--json").out)

    assert (nothing.code, accepted.code) == (2, 0), accepted.err
    assert [(issue["row"], bool(issue["accepted"])) for issue in said if issue["code"] == "row_hidden"] == [
        (2, True),
        (4, True),
    ]


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


def test_what_is_mapped_is_typed_as_it_is_printed_and_nothing_of_a_call_is_lost(terminal: Terminal) -> None:
    begin = ("project", "import", MESSY, "--project", "cli-mapped", "--contract", "adler-2026")
    terminal.type(*begin)

    mixed = terminal.type("project", "columns", "cli-mapped", "Umzug am\n(Termin)=date", "nonsense", "Etage 9=moon")
    known = json.loads(terminal.type("project", "columns", "cli-mapped", "--json").out)["columns"]
    words = terminal.type("project", "words", "cli-mapped", "floor:Hochparterre=0", "person:Kathi=Katja Simon")
    again = terminal.type("project", "words", "cli-mapped", "person:Kathi=", "colour:rot=blau")
    left = json.loads(terminal.type("asset", "words", "--customer", "adler", "--json").out)["values"]
    terminal.type("project", "columns", "cli-mapped", "Umzug am (Termin)=")

    assert (mixed.code, "nonsense" in mixed.err, "Traceback" in mixed.err) == (2, True, False)
    assert known["Umzug am (Termin)"] == "date"
    assert (words.code, again.code) == (0, 2)
    assert (left["floor"], left["person"]) == ({"Hochparterre": "0"}, {})


def test_an_import_says_what_stands_against_rows_and_what_comes_next(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    file.write_text("Mitarbeiter;Innventarnummer;nach Raum;Rückmeldung\nSofia Lindner;NB-1;9.99;x\n", encoding="utf-8")

    said = terminal.type("project", "import", f"{file}", "--project", "cli-next", "--contract", "adler-2026")

    assert said.code == 1
    assert "imac project columns cli-next Innventarnummer=asset" in said.out
    assert "imac project issues cli-next" in said.out


def test_a_list_is_written_from_the_register(terminal: Terminal, tmp_path: Path) -> None:
    begin = ("project", "import", MESSY, "--project", "cli-template", "--contract", "adler-2026")
    terminal.type(*begin)
    out = tmp_path / "to-fill-in.xlsx"

    written = terminal.type("project", "template", "cli-template", "--site", "adler-hq", "--out", f"{out}")
    brought = terminal.type("project", "import", f"{out}", "--project", "cli-template", "--json")
    elsewhere = terminal.type("project", "template", "cli-template", "--site", "moon", "--out", f"{out}")

    assert (written.code, elsewhere.code) == (0, 1), written.err
    staged = json.loads(brought.out)
    assert (brought.code, staged["with_issues"], staged["staying"]) == (0, 0, staged["rows"])


def test_a_list_is_written_from_the_register_before_there_is_a_project(terminal: Terminal, tmp_path: Path) -> None:
    out = tmp_path / "to-fill-in.xlsx"
    asked = ("project", "template", "cli-round", "--site", "adler-hq", "--floor", "2", "--out", f"{out}")

    unknown = terminal.type(*asked)
    written = terminal.type(*asked, "--contract", "adler-2026", "--lang", "de")
    back = terminal.type("project", "import", f"{out}", "--project", "cli-round", "--json")

    assert (unknown.code, written.code, back.code) == (1, 0, 0), written.err + back.err
    assert openpyxl.load_workbook(out).worksheets[0]["A2"].value == "Mitarbeiter"
    assert json.loads(back.out)["with_issues"] == 0


def test_what_a_call_says_in_two_ways_or_what_there_is_not_is_refused_and_the_rest_is_kept(terminal: Terminal) -> None:
    begin = ("project", "import", MESSY, "--project", "cli-twice", "--contract", "adler-2026")
    terminal.type(*begin)

    twice = terminal.type("project", "columns", "cli-twice", "Sitz 9=to_desk", "Etage 9=to_floor", "sitz  9=to_room")
    known = json.loads(terminal.type("project", "columns", "cli-twice", "--json").out)["columns"]
    moon = terminal.type("asset", "words", "--customer", "adler", "status:weg=moon", "status:draußen=deployed")
    words = terminal.type("asset", "words", "--customer", "adler", "floor:1. Stock=1", "floor:1.STOCK=2")
    left = json.loads(terminal.type("asset", "words", "--customer", "adler", "--json").out)["values"]
    terminal.type("asset", "words", "--customer", "adler", "status:draußen=")
    terminal.type("project", "columns", "cli-twice", "ETAGE 9=")
    forgotten = json.loads(terminal.type("project", "columns", "cli-twice", "--json").out)["columns"]

    assert (twice.code, moon.code, words.code) == (2, 2, 2)
    assert ("Sitz 9" in twice.err, "in_repair" in moon.err, "1.STOCK" in words.err) == (True, True, True)
    assert ("Sitz 9" in known, known["Etage 9"], "Etage 9" in forgotten) == (False, "to_floor", False)
    assert (left["status"], "1. Stock" in left.get("floor", {})) == ({"draußen": "deployed"}, False)
