"""A launched move at the command line: launched, followed, put right, changed and called off."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.cli.conftest import House, Said, Terminal, environment, read_until
from tests.cli.test_stack import IMAC
from tests.patience import PATIENCE, eventually

ASSETS = "Inventarnummer;Seriennummer;Modell;Hersteller;Kategorie;Status;Standort;Gebäude;Etage;Raum;Platz;Nutzer\n"
HEADINGS = "Mitarbeiter;nach Gebäude;nach Etage;nach Raum;nach Platz;Welle\n"
PLAN = """
waves:
  - {id: w1, group: eins, start: 2027-03-11T08:00:00+01:00, end: 2027-03-11T16:00:00+01:00, gate: {by: p-huber}}
  - {id: w2, group: zwei, start: 2027-03-12T07:00:00+01:00, end: 2027-03-12T16:00:00+01:00, after: [w1]}
technicians: [{id: p-lang}]
"""
FAILED_WORK = ("--step", "take_down", "--outcome", "failed", "--reason", "the dock is screwed down")
OFF = ("--in-flight", "roll-back", "--done", "keep", "--reason", "the floor is flooded")


@dataclass(frozen=True)
class Crew:
    """Those who run one small project from their terminals."""

    terminal: Terminal
    folder: Path
    project: str
    # No other project of these tests moves into it.
    room: str

    def type(self, command: str, *words: str, role: str = "coordinator") -> Said:
        person = {"coordinator": "p-koch", "approver": "p-huber"}[role]
        return self.terminal.type("project", command, self.project, *words, key=self.terminal.key_of(person, role))

    def told(self, command: str, *words: str, role: str = "coordinator") -> str:
        said = self.type(command, *words, role=role)
        assert said.code == 0, f"{command}: {said.err}"
        return said.out

    def furnish(self, *people: str) -> None:
        tag = self.project.upper()
        lines = [
            f"{tag}-{n};S-{tag}-{n};ThinkPad T14 Gen 4;Lenovo;Notebook;im Einsatz;Augsburg;A;2;{tag};{n};{name}\n"
            for n, name in enumerate(people)
        ]
        said = self.terminal.type("asset", "import", self._file("assets.csv", ASSETS, *lines), "--customer", "adler")
        assert said.code == 0, said.err

    def plan(self, *rows: tuple[str, str]) -> None:
        """Bring in a list in which these people move, each in a wave; plan it and have it approved."""
        lines = [f"{name};B;1;{self.room};{name[0]};{wave}\n" for name, wave in rows]
        file = self._file("list.csv", HEADINGS, *lines)
        brought = self.terminal.type("project", "import", file, "--project", self.project, "--contract", "adler-2026")
        assert brought.code == 0, brought.out
        self.told("plan", "--file", self._file("plan.yaml", PLAN))
        self.told("approve", role="approver")

    def stands(self, *states: str) -> dict[int, str]:
        """The order that each row of the first wave has had last, once the rows stand so."""
        rows = eventually(
            lambda: json.loads(self.told("rows", "--wave", "w1", "--json"))["items"],
            lambda rows: [row["state"] for row in rows] == list(states),
        )
        return {row["row"]: row["legs"][-1]["order"] for row in rows}

    def _file(self, name: str, *lines: str) -> str:
        (self.folder / name).write_text("".join(lines), encoding="utf-8")
        return f"{self.folder / name}"


def test_a_move_is_launched_followed_and_put_right(terminal: Terminal, house: House, tmp_path: Path) -> None:
    crew = Crew(terminal, tmp_path, "cli-run", room="1.71")
    crew.furnish("Wanda Adam", "Xaver Busch", "Yvonne Cramer")
    crew.plan(("Wanda Adam", "eins"), ("Xaver Busch", "eins"), ("Yvonne Cramer", "zwei"))
    early, listed = crew.type("show"), crew.told("rows")
    launched, again = crew.told("launch"), crew.told("launch", "--lang", "de")

    command = [f"{IMAC}", "project", "watch", "cli-run"]
    watch = subprocess.Popen(command, env=environment(house.data_dir), stdout=subprocess.PIPE, text=True)
    read_until(watch, "waiting for go-ahead")
    refused = crew.told("refuse", "w1", "--reason", "the lift is broken", role="approver")
    crew.told("go", "w1", role="approver")
    orders = crew.stands("in_flight", "in_flight")
    for order in orders.values():
        done = terminal.type("order", "complete", order, *FAILED_WORK, key=terminal.key_of("p-lang", "technician"))
        assert done.code == 0, done.err
    crew.stands("failed", "failed")
    crew.told("assign", "2", "--to", "p-sommer")
    exceptions = crew.told("exceptions")
    one = crew.told("retry", "--row", "3")
    crew.stands("failed", "in_flight")
    rest = crew.told("retry", "--lang", "de")
    crew.stands("in_flight", "in_flight")
    nothing, nowhere = crew.type("retry"), crew.type("withdraw", "2", "9", "--reason", "not in the list")
    crew.told("withdraw", "2", "4", "--reason", "stays where she is")
    crew.stands("skipped", "in_flight")
    never = json.loads(crew.told("rows", "--wave", "w2", "--json"))["items"]
    off = crew.told("cancel", *OFF, "--yes")
    seen, _ = watch.communicate(timeout=PATIENCE)

    assert (early.code, "Wanda Adam" in listed) == (1, True)
    assert launched.startswith("Launched.\n")
    assert "imac project go cli-run w1  # p-huber" in launched
    assert again.startswith("Schon gestartet: ")
    assert "go-ahead refused (p-huber): the lift is broken" in refused
    assert [word in exceptions for word in ("Wanda Adam", "p-sommer", "p-koch", "failed")] == [True] * 4
    assert (one.splitlines()[0], rest.splitlines()[0]) == (
        "Retried: 1 (w1: 3).",
        "Noch einmal versucht: 1 (w1: 2).",
    )
    assert (nothing.code, nowhere.code) == (1, 1)
    assert nowhere.err.startswith("In no wave of the plan: 9.")
    assert [(row["row"], row["state"]) for row in never] == [(4, "skipped")]
    assert "will be rolled back" in off
    assert (watch.returncode, "cancelled" in seen.splitlines()[-1]) == (1, True)
    assert [word in seen for word in ("go-ahead given", "row started", "row failed", "the floor is flooded")] == [
        True
    ] * 4


def test_a_move_is_held_follows_a_newer_list_and_shows_what_calling_it_off_would_do(
    terminal: Terminal, tmp_path: Path
) -> None:
    crew = Crew(terminal, tmp_path, "cli-change", room="1.72")
    crew.furnish("Adele Zorn", "Bodo Yeboah", "Cora Xylander")
    crew.plan(("Adele Zorn", "eins"), ("Bodo Yeboah", "zwei"))
    crew.told("launch")
    crew.told("go", "w1", role="approver")
    crew.stands("in_flight")
    crew.told("hold", "--wave", "w1", "--code", "site-closed", "--until", "2027-01-08 09:00", "--reason", "no lift")
    held = crew.told("hold", "--code", "agreed-date", "--until", "2027-01-08 09:00", "--reason", "a fair")
    crew.told("resume", "--wave", "w1", "--code", "site-closed")
    resumed = crew.told("resume")
    crew.plan(("Adele Zorn", "eins"), ("Cora Xylander", "zwei"))
    asked = crew.type("adopt", "--plan", "2")
    adopted = crew.told("adopt", "--plan", "2", "--yes")
    preview = json.loads(crew.told("cancel", *OFF, "--preview", "--json"))
    early = crew.type("close", "--reason", "enough")
    now = crew.told("watch", "--once", "--lang", "de")
    happened = [event["what"] for event in json.loads(crew.told("timeline", "--json"))]
    begun = crew.told("timeline", "--wave", "w1")

    assert ("on hold" in held, "imac project resume cli-change" in held) == (True, True)
    assert "imac project resume" not in resumed
    assert (asked.code, "--yes" in asked.err) == (2, True)
    assert "plan 1 → 2" in adopted
    assert [" ".join(shown.split()) for shown in adopted.splitlines()[4:8]] == [
        "added 1 3",
        "withdrawn 1 3",
        "moved 0",
        "unchanged 1 2",
    ]
    assert [(fate["wave"], fate["row"], fate["fate"]) for fate in preview] == [
        ("w1", 2, "rolled_back"),
        ("w2", 3, "not_begun"),
    ]
    assert early.code == 1
    assert "in Arbeit 1" in now
    assert [happened.count(what) for what in ("launched", "gate_asked", "go")] == [1, 1, 1]
    assert ("wave started" in begun, "go-ahead given" in begun) == (True, False)


def test_what_was_never_launched_cannot_be_steered(terminal: Terminal) -> None:
    answers = [
        terminal.type("project", "launch", "cli-nowhere"),
        terminal.type("project", "watch", "cli-nowhere"),
        terminal.type("project", "withdraw", "cli-nowhere", "--reason", "no row"),
        terminal.type("project", "rows", "cli-nowhere", "--state", "ready", "failed"),
        terminal.type("project", "close", "cli-nowhere", "--reason", "enough"),
    ]

    assert [answer.code for answer in answers] == [1, 1, 2, 2, 1]
