"""What leaves the house, at the command line: declared, added up, and compared."""

from pathlib import Path

from pydantic import TypeAdapter

from domain.assets.waste import Battery, WasteReason
from domain.orders.waste import WasteLine
from tests.cli.conftest import Terminal
from tests.cli.test_orders import DISPOSE, placed

LINES = TypeAdapter(tuple[WasteLine, ...])


def lines(terminal: Terminal, no: str) -> tuple[WasteLine, ...]:
    said = terminal.type("order", "waste", no, "--json")
    assert said.code == 0, said.err
    return LINES.validate_json(said.out)


def test_waste_is_declared_with_the_proposed_code_and_listed(terminal: Terminal, tmp_path: Path) -> None:
    no = placed(terminal, *DISPOSE).no
    (before,) = lines(terminal, no)
    name = before.serial or before.tag

    told = terminal.type("order", "declare", no, "--item", f"{name}:1480", "--battery", "inside")
    weightless = terminal.type("order", "declare", no, "--item", name, "--battery", "inside")
    (after,) = lines(terminal, no)
    shown = terminal.type("order", "waste", no, "--lang", "de")
    file = tmp_path / "waste.csv"
    saved = terminal.type("waste", "report", "--customer", "adler", "--year", "2026", "--out", f"{file}")
    added = terminal.type("waste", "report", "--customer", "adler", "--year", "2026")
    never = terminal.type("waste", "report", "--customer", "adler", "--year", "9999")

    assert told.code == 0, told.err
    assert weightless.code == 2
    assert (before.code, after.code, after.grams) == (None, before.proposals[Battery.INSIDE].code, 1480)
    assert before.proposals[Battery.INSIDE].reason == WasteReason.BATTERY_INSIDE
    assert "1,480" in shown.out
    assert (saved.code, added.code) == (0, 0), saved.err + added.err
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    assert never.code == 1


def test_before_goods_have_left_no_list_and_no_paper_is_about_them(terminal: Terminal, tmp_path: Path) -> None:
    no = placed(terminal, *DISPOSE).no
    file = tmp_path / "list.csv"
    file.write_text("Seriennummer\nSN1\n")

    early = terminal.type("order", "recycler-list", no, f"{file}")
    none = terminal.type("order", "recycler-list", no)
    paper = terminal.type("order", "protocol", no, "handover-protocol", "--out", f"{tmp_path / 'a.pdf'}")
    papers = terminal.type("asset", "papers", "NB-902", "--customer", "adler")

    assert (early.code, none.code, paper.code, papers.code) == (1, 0, 1, 0), papers.err + none.err
    assert "left our control" in early.err
    assert not (tmp_path / "a.pdf").exists()


def test_of_a_step_that_is_offered_to_nobody_no_vendor_says_anything(terminal: Terminal) -> None:
    no = placed(terminal, *DISPOSE).no

    told = terminal.type("order", "vendor", no, "--status", "accepted", "--ticket", "LR-7")
    asked = terminal.type("order", "dispatch", no, "--vendor", "lindner", "--lang", "de")
    strange = terminal.type("order", "vendor", no, "--status", "asleep")
    taking = terminal.type("vendor", "who", "--work", "disposal", "--json")

    assert (told.code, asked.code, strange.code) == (1, 1, 2), told.err + asked.err
    assert (taking.code, taking.out.strip()) == (0, "[]")
