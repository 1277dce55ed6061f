"""A real browser, and the stack it looks at: started once, as whoever installs it starts it."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which
from typing import Any

import httpx2
import pytest

from cli.stack_file import read_stack
from connectors.contract_files import read_customer_file
from db.access.keys import ensure_key
from db.engine import open_database
from domain.contracts.contract import Contract
from domain.keys import Grant
from domain.people import Role
from tests.api.conftest import free_port
from tests.patience import eventually
from tests.web.hostile import hostile_customer

NO_BROWSER = "no browser here: apt-get install chromium, or IMAC_BROWSER=/path"
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_PLACE = Path(__file__).parents[2]
_IMAC = (sys.executable, "-m", "cli.main")
EXAMPLE = _PLACE / "examples" / "adler.yaml"
_MOVE, _WAVES = (_PLACE / "examples" / name for name in ("move-clean.csv", "move-plan.yaml"))
PROJECT = "adler-umzug"
# The example has four in stock, and each test takes one.
MODEL = "ThinkPad T14 Gen 4"
_HEADINGS = "Inventarnummer;Seriennummer;Modell;Hersteller;Kategorie;Status;Standort;Gebäude;Etage;Raum;Platz;Nutzer"
_IN_STOCK = f"NB-{{0}};PF9K{{0}};{MODEL};Lenovo;Notebook;auf Lager;Augsburg;L;0;Lager;;"


def browser_here() -> str | None:
    given = os.environ.get("IMAC_BROWSER")
    return given or next((path for path in map(which, _NAMES) if path), None)


def browser_needed() -> str:
    """The browser's path. Without one, tests are left out; where everything is to run, that is a failure."""
    found = browser_here()
    if found is None and os.environ.get("CI"):
        pytest.fail(NO_BROWSER)
    if found is None:
        pytest.skip(NO_BROWSER)
    return found


def browser_options() -> list[str]:
    """Whoever is root has no sandbox to be in."""
    return ["--no-sandbox"] if os.geteuid() == 0 else []


@dataclass(frozen=True)
class Running:
    """A stack with two customers, of whom one has nothing but hostile texts, and a key for each role at both."""

    url: str
    folder: Path
    keys: Mapping[tuple[str, Role], str]
    cookies: dict[str, str] = field(default_factory=dict)

    def key(self, role: Role, customer: str = "adler") -> str:
        return self.keys[customer, role]

    def cookie(self, role: Role, customer: str = "adler") -> str:
        """Of a session, one for all tests that are not about signing in."""
        key = self.key(role, customer)
        if key not in self.cookies:
            answer = httpx2.post(f"{self.url}/sign-in", data={"key": key}, headers={"Sec-Fetch-Site": "same-origin"})
            assert answer.status_code == httpx2.codes.SEE_OTHER, answer.text
            self.cookies[key] = answer.cookies["imac"]
        return self.cookies[key]

    def say(self, role: Role, address: str, body: Mapping[str, object], customer: str = "adler") -> Any:  # noqa: ANN401
        """The answer, as JSON of any shape, of the API to whoever acts so."""
        return self.ask(role, address, customer, "POST", json=dict(body))

    def ask(self, role: Role, address: str, customer: str = "adler", method: str = "GET", **sent: Any) -> Any:  # noqa: ANN401
        """The same, whatever is sent."""
        headers = {"Authorization": f"Bearer {self.key(role, customer)}"}
        answer = httpx2.request(method, f"{self.url}/api/v1{address}", headers=headers, timeout=60, **sent)
        assert answer.is_success, answer.text
        return answer.json()

    def asks(self, role: Role, address: str, customer: str = "adler") -> Any:  # noqa: ANN401
        """What the API answers, as JSON of any shape; None where there is nothing."""
        headers = {"Authorization": f"Bearer {self.key(role, customer)}"}
        answer = httpx2.get(f"{self.url}/api/v1{address}", headers=headers, timeout=60)
        return answer.json() if answer.is_success else None

    def program(self, name: str) -> int:
        """Its process id."""
        stack = read_stack(self.folder)
        assert stack is not None
        return stack.programs[name]


@contextmanager
def running_stack(folder: Path) -> Iterator[Running]:
    """`imac up` with the example customer, a hostile one, and a key for each role at both."""
    hostile, stock = folder.parent / "hostile.json", folder.parent / "stock.csv"
    hostile.write_text(hostile_customer(EXAMPLE.read_bytes()))
    stock.write_text("\n".join([_HEADINGS, *(_IN_STOCK.format(number) for number in range(700, 730))]))
    with stack_up(folder) as stack:
        for command in (
            ["demo", "load"],
            ["contract", "import", f"{hostile}"],
            ["asset", "import", f"{stock}", "--customer", "adler"],
            ["project", "import", f"{_MOVE}", "--project", PROJECT, "--contract", "adler-2026"],
            ["project", "plan", PROJECT, "--file", f"{_WAVES}"],
        ):
            stack.types(*command)
        yield Running(stack.url, folder, asyncio.run(_keys(folder, hostile)))


@dataclass(frozen=True)
class StackUp:
    """What runs in a folder, as whoever installs it starts it; nothing is loaded yet."""

    url: str
    environment: Mapping[str, str]

    def types(self, *command: str) -> None:
        subprocess.run([*_IMAC, *command], env=self.environment, check=True, cwd=_PLACE, stdout=subprocess.DEVNULL)

    def begins(self, *command: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen([*_IMAC, *command], env=self.environment, cwd=_PLACE, stdout=subprocess.DEVNULL)


@contextmanager
def stack_up(folder: Path) -> Iterator[StackUp]:
    environment = {**os.environ, "IMAC_DATA_DIR": f"{folder}", "LANG": "en"}
    environment = {name: value for name, value in environment.items() if not name.startswith("TEMPORAL_")}
    port = free_port()
    with (folder.parent / "up.log").open("w") as log:
        ports = (f"--port={port}", f"--temporal-port={free_port()}")
        up = subprocess.Popen([*_IMAC, "up", "--headless", *ports], env=environment, stdout=log, stderr=log, cwd=_PLACE)
        try:
            url = f"http://127.0.0.1:{port}"
            eventually(lambda: _is_ready(url, up))
            yield StackUp(url, environment)
        finally:
            up.terminate()
            up.wait()


async def _keys(folder: Path, hostile: Path) -> dict[tuple[str, Role], str]:
    """As the stack itself makes them for the people of its example."""
    database, made = open_database(f"sqlite+aiosqlite:///{folder / 'imacflow.db'}"), {}
    for file in (EXAMPLE, hostile):
        (contract,) = read_customer_file(file.read_bytes()).contracts
        for role in Role:
            grant = Grant(role=role, person=_player(contract, role), customer=contract.customer)
            path = folder / f"{contract.customer}-{role}.key"
            made[contract.customer, role] = await ensure_key(database, path, grant)
    await database.close()
    return made


def _player(contract: Contract, role: Role) -> str | None:
    return next(iter(contract.people(role)), None)


def _is_ready(url: str, up: "subprocess.Popen[bytes]") -> bool:
    assert up.poll() is None, "imac up has ended"
    return answers(url)


def answers(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/health/ready").is_success
    except httpx2.HTTPError:
        return False
