"""Assets, chains, contracts and keys at the command line."""

import json
import re
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pytest

import examples
from tests.cli.conftest import Terminal

CUSTOMER_FILE = files(examples).joinpath("adler.yaml").read_text(encoding="utf-8")


@pytest.fixture
def asset_list(tmp_path: Path) -> Path:
    """Three rows: the second has no tag, the third a status nobody knows."""
    file = tmp_path / "assets.csv"
    file.write_text(
        "Inventarnummer;Seriennummer;Modell;Status;Standort\n"
        "LIST-1;S-LIST-1;ThinkPad X1;auf Lager;Augsburg\n"
        ";S-LIST-2;ThinkPad X1;auf Lager;Augsburg\n"
        "LIST-3;S-LIST-3;ThinkPad X1;verliehen;Augsburg\n",
        encoding="utf-8",
    )
    return file


def test_good_rows_are_kept_and_bad_ones_named_by_row_and_column(terminal: Terminal, asset_list: Path) -> None:
    said = terminal.type("asset", "import", f"{asset_list}", "--customer", "adler")
    kept = terminal.type("asset", "list", "--customer", "adler", "--search", "LIST-", "--json")

    assert said.code == 1
    assert re.findall(r"^ *(\d) +(\w+) +(\w+)", said.out.partition("Row")[2], re.MULTILINE) == [
        ("3", "A3", "Inventarnummer"),
        ("4", "D4", "Status"),
    ]
    assert [asset["tag"] for asset in json.loads(kept.out)["items"]] == ["LIST-1"]


def test_a_dry_run_changes_nothing(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "dry.csv"
    file.write_text("Inventarnummer;Modell;Status\nDRY-1;ThinkPad X1;auf Lager\n", encoding="utf-8")

    said = terminal.type("asset", "import", f"{file}", "--customer", "adler", "--dry-run", "--json")

    assert said.code == 0
    assert json.loads(said.out)["added"] == 1
    assert terminal.type("asset", "show", "DRY-1", "--customer", "adler").code == 1


def test_an_asset_shows_its_life(terminal: Terminal) -> None:
    said = terminal.type("asset", "show", "NB-207", "--customer", "adler")
    read = json.loads(terminal.type("asset", "show", "NB-207", "--customer", "adler", "--json").out)

    assert "Sofia Lindner" in said.out
    assert read["asset"]["serial"] == "PF3K120"
    assert len(read["life"]) == 1


def test_a_file_that_is_not_there_is_a_usage_error(terminal: Terminal, tmp_path: Path) -> None:
    assert terminal.type("asset", "import", f"{tmp_path / 'none.csv'}", "--customer", "adler").code == 2


def test_a_chain_is_shown_as_the_contract_tailored_it(terminal: Terminal) -> None:
    words = ("chain", "show", "dispose", "--contract", "adler-2026")

    shown, german, read = (terminal.type(*words, *more) for more in ((), ("--lang", "de"), ("--json",)))

    assert "pallet_photo" in shown.out
    assert "can be cancelled until: handover" in shown.out
    assert "unumkehrbar" in german.out
    assert [step["id"] for step in json.loads(read.out)["steps"] if step["type"] == "evidence"] == ["proof", "photo"]


def test_a_contract_that_changed_gets_a_new_version(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "adler.yaml"
    file.write_text(CUSTOMER_FILE.replace("id: adler-2026", "id: adler-cli"), encoding="utf-8")
    dearer = tmp_path / "dearer.yaml"
    dearer.write_text(file.read_text(encoding="utf-8").replace("install: 89.00", "install: 95.00"), encoding="utf-8")

    versions = [
        json.loads(terminal.type("contract", "import", f"{brought}", "--json").out)["contracts"][0]["version"]
        for brought in (file, file, dearer)
    ]

    assert versions == [1, 1, 2]
    assert "95.00" in terminal.type("contract", "show", "adler-cli").out
    assert "adler-cli" in terminal.type("contract", "list").out


def test_a_customer_file_that_is_wrong_names_the_field(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(CUSTOMER_FILE.replace("valid_from: 2026-01-01", "valid_from: soon"), encoding="utf-8")

    said = terminal.type("contract", "import", f"{file}")

    assert said.code == 1
    assert "/contracts/0/valid_from" in said.err


def test_a_key_works_until_it_is_revoked(terminal: Terminal) -> None:
    until = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}"
    words = ("--role", "coordinator", "--person", "p-koch", "--customer", "adler", "--expires", until)
    made = json.loads(terminal.type("key", "create", *words, "--json").out)

    before = terminal.type("order", "list", key=made["key"])
    revoked = terminal.type("key", "revoke", made["id"])
    after = terminal.type("order", "list", key=made["key"])

    assert [said.code for said in (before, revoked, after)] == [0, 0, 1]
    listed = terminal.type("key", "list")
    assert made["id"] in listed.out
    assert made["key"] not in listed.out
    assert made["expires_at"].startswith(f"{datetime.fromisoformat(until) + timedelta(days=1):%Y-%m-%d}")


@pytest.mark.parametrize(
    "until",
    [
        "never",
        "9999-12-31",
        "31.12.9999",
        "2200-01-01",
        "9999-12-31T23:00+02:00",
        "0001-01-01",
        "0001-01-01T00:00+14:00",
    ],
)
def test_a_key_that_ends_on_no_date_is_a_usage_error(terminal: Terminal, until: str) -> None:
    said = terminal.type("key", "create", "--role", "sdm", "--person", "p-sommer", "--expires", until)

    assert said.code == 2
