"""Vendors at the command line: brought in, and asked who is responsible."""

import json
from importlib.resources import files
from pathlib import Path

import pytest

import examples
from domain.vendors.directories import VendorFile
from tests.cli.conftest import Terminal

EXAMPLE = files(examples).joinpath("vendors.yaml").read_text(encoding="utf-8")


def brought_in(terminal: Terminal, file: Path) -> VendorFile:
    said = terminal.type("vendor", "import", f"{file}", "--json")
    assert said.code == 0, said.err
    return VendorFile.model_validate_json(said.out)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "vendors.yaml"
    file.write_text(EXAMPLE, encoding="utf-8")
    return file


def test_who_is_responsible_under_which_promise(terminal: Terminal, file: Path) -> None:
    first, again = (brought_in(terminal, file) for _ in range(2))
    asked = ("vendor", "who", "--manufacturer", "dell", "--class", "Server", "--site", "adler-hq")

    said, read = (terminal.type(*asked, *more) for more in ((), ("--json",)))
    listed, shown, rows = (
        terminal.type("vendor", *words)
        for words in (("list",), ("show", "dakota", "--lang", "de"), ("directory", "--customer", "adler"))
    )

    assert first == again
    assert [vendor["vendor"] for vendor in json.loads(read.out)] == ["dakota", "lechtal"]
    assert "EU-20931" in said.out
    assert all(vendor.name in listed.out for vendor in first.vendors)
    assert "12:00 h" in shown.out
    assert "30 min" in shown.out
    assert "adler-muc" in rows.out


def test_a_vendor_file_is_refused_with_every_problem(terminal: Terminal, file: Path) -> None:
    file.write_text(
        EXAMPLE.replace("people: [v-dakota]", "people: [v-gone, p-gone]").replace("minutes: 720", "minutes: 7")
    )

    said = terminal.type("vendor", "import", f"{file}")

    assert (said.code, said.out) == (1, "")
    assert "Unknown person: v-gone." in said.err
    assert "Unknown person: p-gone." in said.err
    assert "the response time is longer than the resolution time" in said.err
