"""The rota at the command line: brought in, asked, and changed."""

import json
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pytest

import examples
from domain.oncall.rota import Rota
from tests.cli.conftest import Terminal

EXAMPLE = files(examples).joinpath("rota.yaml").read_text(encoding="utf-8")
WEEK = timedelta(weeks=1)
# Members take turns from a Monday on; two months from now no other test and no holiday stands in.
FIRST = date(2026, 1, 5)
MONDAY = datetime.now(UTC).date() - timedelta(days=datetime.now(UTC).weekday()) + 60 * timedelta(days=7)


@pytest.fixture
def rota(terminal: Terminal, tmp_path: Path) -> Rota:
    """The example rota as it is in the example file, whatever tests have done before."""
    file = tmp_path / "rota.yaml"
    file.write_text(EXAMPLE, encoding="utf-8")
    said = terminal.type("oncall", "import", f"{file}", "--json")
    assert said.code == 0, said.err
    return Rota.model_validate_json(said.out)


def shifts(terminal: Terminal, weeks: int = 1) -> list[tuple[str, str, str | None]]:
    window = ("--from", f"{MONDAY} 09:00", "--until", f"{MONDAY + weeks * WEEK} 09:00")
    said = terminal.type("oncall", "shifts", *window, "--rota", "nordlicht", "--json")
    return [(shift["layer"], shift["person"], shift["instead_of"]) for shift in json.loads(said.out)]


def on_call(rota: Rota, weeks: int = 0) -> tuple[str, str]:
    turn = (MONDAY - FIRST).days // 7 + weeks
    return rota.primary.member(turn), rota.backup.member(turn)


def test_who_is_on_call_and_how_to_reach_them(terminal: Terminal, rota: Rota) -> None:
    primary, backup = on_call(rota)
    asked = ("oncall", "who", "--at", f"{MONDAY} 12:00", "--rota", "nordlicht")

    said, german, read = (terminal.type(*asked, *more) for more in ((), ("--lang", "de"), ("--json",)))

    assert (said.code, "nordlicht-it.example" in said.out) == (0, True)
    assert f"until {MONDAY + WEEK} 09:00 Europe/Berlin" in said.out
    assert "Zweite Person" in german.out
    assert [json.loads(read.out)[layer] for layer in ("primary", "backup")] == [primary, backup]


def test_a_stand_in_is_sent_and_called_off(terminal: Terminal, rota: Rota) -> None:
    primary, backup = on_call(rota)
    begins = ("--from", f"{MONDAY + timedelta(days=1)} 18:00")
    until = ("--until", f"{MONDAY + timedelta(days=2)} 09:00")

    said = terminal.type("oncall", "override", "p-reuter", "--layer", "primary", *begins, *until, "--why", "ill")
    while_there = shifts(terminal)
    off = terminal.type("oncall", "drop", "primary", *begins)

    assert (said.code, off.code) == (0, 0), said.err + off.err
    assert "p-reuter" in said.out
    assert ("primary", "p-reuter", primary) in while_there
    assert shifts(terminal) == [("primary", primary, None), ("backup", backup, None)]


def test_two_people_swap_shifts(terminal: Terminal, rota: Rota) -> None:
    (first, _), (second, _) = on_call(rota), on_call(rota, 1)

    said = terminal.type("oncall", "swap", f"{first}@{MONDAY} 12:00", f"primary:{second}@{MONDAY + WEEK} 12:00")

    assert said.code == 0, said.err
    assert [person for layer, person, _ in shifts(terminal, 2) if layer == "primary"] == [second, first]


def test_primary_and_backup_swap_by_one_command(terminal: Terminal, rota: Rota) -> None:
    primary, backup = on_call(rota)
    window = ("--from", f"{MONDAY} 09:00", "--until", f"{MONDAY + WEEK} 09:00")

    said = terminal.type("oncall", "swap", "--layers", *window)

    assert said.code == 0, said.err
    assert [(layer, person) for layer, person, _ in shifts(terminal)] == [("primary", backup), ("backup", primary)]
    assert terminal.type("oncall", "swap", "--layers", *window).code == 0
    assert [(layer, person) for layer, person, _ in shifts(terminal)] == [("primary", primary), ("backup", backup)]


def test_gaps_end_with_one_and_are_listed(terminal: Terminal, rota: Rota) -> None:
    _, backup = on_call(rota)
    begin, end = f"{MONDAY} 18:00", f"{MONDAY} 20:00"
    window = ("--from", f"{MONDAY} 12:00", "--until", f"{MONDAY + WEEK} 12:00")

    before = terminal.type("oncall", "gaps")
    terminal.type("oncall", "override", backup, "--layer", "primary", "--from", begin, "--until", end)
    after, read = (terminal.type("oncall", "gaps", *window, *more) for more in ((), ("--json",)))

    assert (before.code, after.code, read.code) == (0, 1, 1)
    assert "is the primary at the same time" in after.out
    assert [(gap["layer"], gap["person"]) for gap in json.loads(read.out)] == [("backup", backup)]


def test_a_rota_with_gaps_is_refused_and_each_is_named(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "rota.yaml"
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    one, two, three = ((tomorrow + timedelta(days=n)).isoformat() for n in range(3))
    overrides = "".join(
        f'\n  - {{layer: {layer}, person: p-sommer, start: "{start}", end: "{end}"}}'
        for layer, start, end in (("primary", one, two), ("backup", one, two), ("backup", two, three))
    )
    wrong = EXAMPLE.partition("overrides:")[0].replace("p-koch]", "p-koch, p-gone]")
    file.write_text(wrong.replace("id: nordlicht", "id: gaps") + f"overrides:{overrides}\n", encoding="utf-8")

    said = terminal.type("oncall", "import", f"{file}")

    assert said.code == 1
    assert "Unknown person: p-gone." in said.err
    assert "Backup (p-sommer): is the primary at the same time." in said.err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(("who", "--rota", "none"), 1, id="a rota nobody knows"),
        pytest.param(("who", "--at", "2027-03-28 02:30"), 2, id="an hour that is skipped"),
        pytest.param(("who", "--at", "2027-10-31 02:30"), 2, id="an hour that comes twice"),
        pytest.param(("who", "--at", "soon"), 2, id="no time at all"),
        pytest.param(("swap", "p-lang", "p-koch"), 2, id="a swap without times"),
        pytest.param(("swap",), 2, id="a swap of nothing named"),
        pytest.param(("swap", "p-lang@2027-02-01 12:00", "--layers"), 2, id="a swap of a shift and the layers"),
        pytest.param(("swap", "p-sommer@2027-02-01 12:00", "p-koch@2027-02-08 12:00"), 1, id="a swap of nothing"),
        pytest.param(("drop", "backup", "--from", "2027-02-01 12:00"), 1, id="a stand-in nobody sent"),
    ],
)
def test_what_cannot_be_is_refused(terminal: Terminal, rota: Rota, words: tuple[str, ...], code: int) -> None:
    said = terminal.type("oncall", *words)

    assert (said.code, said.err != "", said.out) == (code, True, "")
    assert rota.id == "nordlicht"


def test_a_file_made_from_an_older_version_is_refused(terminal: Terminal, rota: Rota, tmp_path: Path) -> None:
    file = tmp_path / "shown.json"
    file.write_text(terminal.type("oncall", "show", "nordlicht", "--json").out, encoding="utf-8")
    changed = tmp_path / "changed.json"
    changed.write_text(json.dumps(json.loads(file.read_text()) | {"name": "Nachtdienst"}), encoding="utf-8")

    preview = terminal.type("oncall", "import", f"{changed}", "--preview")
    first, second = (terminal.type("oncall", "import", f"{changed}") for _ in range(2))

    assert (preview.code, first.code, second.code) == (0, 0, 1), preview.err + first.err
    assert "nothing has been saved" in preview.out
    assert "changed since you read it" in second.err
    assert rota.name != "Nachtdienst"
