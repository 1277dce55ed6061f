"""The communications matrix at the command line, and contracts that are checked without being saved."""

import json
from importlib.resources import files
from pathlib import Path

import pytest

import examples
from tests.cli.conftest import Terminal

EXAMPLE = files(examples).joinpath("adler.yaml").read_text(encoding="utf-8")


def test_the_matrix_is_shown_in_both_languages(terminal: Terminal) -> None:
    asked = ("matrix", "show", "adler-2026")

    english, german, read = (terminal.type(*asked, *more) for more in ((), ("--lang", "de"), ("--json",)))

    assert (english.code, "On-call people" in english.out, "Business has stopped" in english.out) == (0, True, True)
    assert ("Rufbereitschaft" in german.out, "Der Betrieb steht" in german.out) == (True, True)
    assert json.loads(read.out)["matrix"]["phone"] == "+49 30 23125 110"


def test_the_matrix_is_written_for_the_customer(terminal: Terminal, tmp_path: Path) -> None:
    printed, page, twin = (tmp_path / name for name in ("matrix.pdf", "matrix.html", "twin.pdf"))

    said = [
        terminal.type("matrix", "print", "adler-2026", "--lang", "de", "--out", f"{file}")
        for file in (printed, page, twin)
    ]

    assert [one.code for one in said] == [0, 0, 0], said[0].err
    assert printed.read_bytes() == twin.read_bytes()
    assert "Kommunikationsmatrix · Adler Maschinenbau GmbH".encode() in printed.read_bytes()
    assert "Der Betrieb steht" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(("matrix.txt",), 2, id="as a text"),
        pytest.param(("nowhere/matrix.pdf",), 2, id="into no folder"),
        pytest.param(("matrix.pdf", "--version", "999"), 1, id="of a version that is not there"),
    ],
)
def test_the_matrix_is_not_written(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], code: int
) -> None:
    monkeypatch.chdir(tmp_path)

    said = terminal.type("matrix", "print", "adler-2026", "--out", *words)

    assert (said.code, said.err != "", list(tmp_path.iterdir())) == (code, True, [])


def test_a_contract_is_checked_without_being_saved(terminal: Terminal, tmp_path: Path) -> None:
    well, wrong = tmp_path / "well.yaml", tmp_path / "wrong.yaml"
    renamed = EXAMPLE.replace("id: adler-2026", "id: adler-checked")
    well.write_text(renamed, encoding="utf-8")
    wrong.write_text(renamed.replace("rota: nordlicht", "rota: nowhere"), encoding="utf-8")

    good, bad = (terminal.type("contract", "check", f"{file}", "--lang", "de") for file in (well, wrong))
    saved = terminal.type("contract", "show", "adler-checked")

    assert (good.code, good.out) == (0, "well.yaml: nichts zu beanstanden.\n")
    assert (bad.code, "/contracts/0/paging/rota: Den Dienstplan nowhere gibt es nicht." in bad.err) == (1, True)
    assert saved.code == 1


def test_the_operating_manual_is_written_for_the_customer(terminal: Terminal, tmp_path: Path) -> None:
    printed, twin, english = (tmp_path / name for name in ("manual.pdf", "twin.pdf", "english.pdf"))

    said = [
        terminal.type("contract", "print", "adler-2026", "--lang", language, "--out", f"{file}")
        for file, language in ((printed, "de"), (twin, "de"), (english, "en"))
    ]
    nowhere = terminal.type("contract", "print", "adler-2026", "--version", "999", "--out", f"{tmp_path / 'no.pdf'}")

    assert [one.code for one in said] == [0, 0, 0], said[0].err
    assert printed.read_bytes() == twin.read_bytes()
    assert "Betriebshandbuch · Adler Maschinenbau GmbH".encode() in printed.read_bytes()
    assert "Operating manual · Adler Maschinenbau GmbH".encode() in english.read_bytes()
    assert (nowhere.code, (tmp_path / "no.pdf").exists()) == (1, False)
