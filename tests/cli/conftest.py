"""A stack as its user starts it, on which the demonstration was killed once and then finished."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cli.main import main
from tests.cli.test_stack import IMAC, free_port, outside_environment
from tests.patience import PATIENCE


@dataclass(frozen=True)
class Said:
    """What a command printed and how it ended."""

    out: str
    err: str
    code: int


@dataclass(frozen=True)
class House:
    data_dir: Path

    keys: dict[tuple[str, str], str] = field(default_factory=dict)


def environment(data_dir: Path) -> dict[str, str]:
    return outside_environment() | {"IMAC_DATA_DIR": f"{data_dir}", "LANG": "C.UTF-8"}


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    data_dir = tmp_path_factory.mktemp("stack") / "var"
    ports = ["--port", f"{free_port()}", "--temporal-port", f"{free_port()}"]
    stack = subprocess.Popen(
        [IMAC, "up", "--headless", "--data-dir", f"{data_dir}", *ports],
        env=environment(data_dir),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        read_until(stack, "Ctrl-C stops everything.")
        kill_in_the_middle(data_dir)
        yield House(data_dir)
    finally:
        stack.terminate()
        stack.communicate(timeout=PATIENCE)


def kill_in_the_middle(data_dir: Path) -> None:
    demo = subprocess.Popen(
        [IMAC, "demo", "orders"],
        env=environment(data_dir) | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    # By then every order stands in the tables; a repair is booked at once, while others are still being written.
    read_until(demo, "Confirm the handover")
    demo.kill()
    demo.communicate()


def read_until(process: subprocess.Popen[str], words: str) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if words in line:
            return
    pytest.fail(f"ended before it said: {words}")


class Terminal:
    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], house: House) -> None:
        self.monkeypatch = monkeypatch
        self.capsys = capsys
        self.house = house
        for name in [name for name in os.environ if name.startswith(("IMAC_", "LC_"))]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("IMAC_DATA_DIR", f"{house.data_dir}")
        monkeypatch.setenv("LANG", "C.UTF-8")

    def type(self, *words: str, key: str | None = None) -> Said:
        """Type `imac` and the words; with a key, as somebody else than the administrator."""
        with self.monkeypatch.context() as context:
            context.setattr(sys, "argv", ["imac", *words])
            if key is not None:
                context.setenv("IMAC_KEY", key)
            code = 0
            try:
                main()
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else int(end.code is not None)
        printed = self.capsys.readouterr()
        return Said(printed.out, printed.err, code)

    def key_of(self, person: str, role: str) -> str:
        """The key that the stack has made for somebody of its example, or a new one."""
        kept = self.house.data_dir / "demo-keys" / f"{person}-{role}.key"
        if kept.exists():
            return kept.read_text().strip()
        if (person, role) not in self.house.keys:
            made = self.type("key", "create", "--role", role, "--person", person, "--customer", "adler", "--json")
            self.house.keys[person, role] = json.loads(made.out)["key"]
        return self.house.keys[person, role]


@pytest.fixture
def terminal(house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(monkeypatch, capsys, house)
