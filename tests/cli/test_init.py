"""A way into a stack that `imac up` has not made: first key, schema, namespace; and what is wrong with it."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from cli.stack.arrival import SAY_AGAIN
from cli.stack.temporal_server import HOST, server_command
from db.revisions import HEAD
from tests.cli.test_stack import IMAC, free_port, outside_environment
from tests.conftest import ON_POSTGRES
from tests.patience import PATIENCE, eventually
from tests.postgres import Postgres

# In a run by hand: IMAC_TEST_STARTS=20.
AT_ONCE = int(os.environ.get("IMAC_TEST_STARTS", "4"))


@pytest.fixture(scope="module")
def temporal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a server answers that knows none of our namespaces."""
    port = free_port()
    command = server_command(tmp_path_factory.mktemp("temporal"), "default", port=port, ui_port=None)
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    yield f"{HOST}:{port}"
    server.terminate()
    server.wait(PATIENCE)


@pytest.fixture
def unmigrated(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    if ON_POSTGRES:
        server: Postgres = request.getfixturevalue("postgres")
        with server.empty_database() as url:
            yield url
    else:
        yield f"sqlite+aiosqlite:///{tmp_path / 'new' / 'imacflow.db'}"


@pytest.fixture
def house(tmp_path: Path, unmigrated: str, temporal: str) -> Mapping[str, str]:
    """The environment of everything that is to work together."""
    return outside_environment() | {
        "IMAC_DATA_DIR": f"{tmp_path / 'var'}",
        "IMAC_DATABASE_URL": unmigrated,
        "IMAC_LINK_SECRET": "shared by all",
        "TEMPORAL_ADDRESS": temporal,
        "TEMPORAL_NAMESPACE": f"house-{time.monotonic_ns()}",
        "LANG": "C.UTF-8",
    }


def imac(house: Mapping[str, str], *typed: str, **beside: str) -> subprocess.CompletedProcess[str]:
    environment = {**house, **beside}
    return subprocess.run(
        [IMAC, *typed], env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE
    )


def lines(house: Mapping[str, str], **beside: str) -> tuple[int, dict[str, Any]]:
    examined = imac(house, "doctor", "--json", **beside)
    assert "Traceback" not in examined.stderr
    return examined.returncode, {line["check"]: line for line in json.loads(examined.stdout)}


def test_any_number_at_once_make_one_key_and_a_house_that_is_all_right(house: Mapping[str, str]) -> None:
    with ThreadPoolExecutor(AT_ONCE) as starting:
        begun = list(starting.map(lambda _: imac(house, "init"), range(AT_ONCE)))
    again = imac(house, "init", "--json")
    code, found = lines(house)

    assert [one.returncode for one in begun] == [0] * AT_ONCE, [one.stderr for one in begun]
    keys = [one.stdout.strip() for one in begun if one.stdout]
    assert len(keys) == 1
    assert keys[0].startswith("imac_")
    assert (again.returncode, json.loads(again.stdout)["key_made"]) == (0, False)
    assert (code, {check for check, line in found.items() if not line["right"]}) == (1, {"workers"})
    assert found["schema"]["found"] == HEAD
    assert found["workers"]["to_do"] == "Start one: imac worker"


def test_a_key_goes_to_a_file_of_its_own_and_to_nobody_elses(house: Mapping[str, str], tmp_path: Path) -> None:
    notes, key = tmp_path / "notes", tmp_path / "keys" / "admin.key"
    notes.write_text("remember the milk")
    full = Path("/dev/full")

    taken = imac(house, "init", "--key-file", f"{notes}")
    with full.open("w") as nowhere:
        unheard = subprocess.run(
            [IMAC, "init"], env=house, stdout=nowhere, stderr=subprocess.PIPE, text=True, check=False, timeout=PATIENCE
        )
    made = imac(house, "init", "--key-file", f"{key}", "--json")

    assert (taken.returncode, notes.read_text()) == (2, "remember the milk")
    assert f"{notes} holds something else than a key." in taken.stderr
    assert unheard.returncode == 1
    assert "The key could not be shown" in unheard.stderr
    assert json.loads(made.stdout)["key_file"] == f"{key}"
    assert "imac_" not in made.stdout + made.stderr
    assert key.read_text().startswith("imac_")
    assert key.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("beside", "code", "says", "sagt"),
    [
        pytest.param(
            {"TEMPORAL_ADDRESS": "127.0.0.1:1"},
            3,
            "Temporal does not answer at 127.0.0.1:1: Connection refused",
            "Temporal antwortet unter 127.0.0.1:1 nicht",
            id="no server",
        ),
        pytest.param(
            {"IMAC_DATABASE_URL": "postgresql://u:c4n4ry@127.0.0.1:1/d"},
            3,
            "The database does not answer: connection failed",
            "Die Datenbank antwortet nicht",
            id="no database",
        ),
        pytest.param(
            {"IMAC_DATABASE_URL": "oracle://c4n4ry"},
            2,
            "IMAC_DATABASE_URL: This is not the address of a database.",
            "IMAC_DATABASE_URL: Das ist keine Adresse einer Datenbank.",
            id="no address",
        ),
        pytest.param(
            {"IMAC_LINK_SECRET": "", "IMAC_DATABASE_URL": "postgresql://u@127.0.0.1:1/d"},
            2,
            "There is no secret for signing links.",
            "Es gibt kein Geheimnis, mit dem Links unterschrieben werden.",
            id="no link secret",
        ),
        pytest.param(
            {"IMAC_SMTP_PASSWORD_FILE": "/nowhere/c4n4ry"},
            2,
            "IMAC_SMTP_PASSWORD: The file /nowhere/c4n4ry cannot be read: No such file or directory.",
            "IMAC_SMTP_PASSWORD: Die Datei /nowhere/c4n4ry ist nicht lesbar",
            id="no such file",
        ),
    ],
)
def test_what_is_missing_is_one_sentence_in_either_language(
    house: Mapping[str, str], beside: dict[str, str], code: int, says: str, sagt: str
) -> None:
    english = imac(house, "init", "--wait", "0", **beside)
    german = imac(house, "init", "--wait", "0", "--lang", "de", **beside)

    assert (english.returncode, german.returncode) == (code, code)
    assert says in english.stderr
    assert sagt in german.stderr
    assert "Traceback" not in english.stderr + german.stderr
    assert "c4n4ry@" not in english.stderr + german.stderr
    assert english.stdout == ""


def waits_in(said: str) -> list[tuple[str, datetime]]:
    """What a program says it waits for, and when."""
    lines = [json.loads(line) for line in said.splitlines() if "waits before it starts" in line]
    return [(line["waits_for"], datetime.fromisoformat(line["time"])) for line in lines]


def is_said_too_soon(one: tuple[str, datetime], following: tuple[str, datetime]) -> bool:
    return one[0] == following[0] and following[1] - one[1] < timedelta(seconds=SAY_AGAIN - 1)


def test_programs_started_first_wait_for_the_others_and_go_when_they_are_told_to(
    house: Mapping[str, str], tmp_path: Path
) -> None:
    port, logs = free_port(), {name: tmp_path / f"{name}.log" for name in ("worker", "api", "told")}
    beside = {**house, "IMAC_API_PORT": f"{port}"}

    def start(name: str, program: str) -> subprocess.Popen[bytes]:
        log = logs[name].open("wb")
        return subprocess.Popen([IMAC, program], env=beside, stdout=log, stderr=log)

    running = [start("worker", "worker"), start("api", "api")]
    told = start("told", "worker")
    try:
        eventually(lambda: all("waits before it starts" in log.read_text() for log in logs.values()))
        told.send_signal(signal.SIGTERM)
        left = told.wait(PATIENCE)
        assert imac(house, "init").returncode == 0
        eventually(lambda: lines(house), lambda seen: seen[0] == 0)
        eventually(lambda: "Uvicorn running" in logs["api"].read_text())
    finally:
        for process in (*running, told):
            process.terminate()
            process.wait(PATIENCE)

    assert left == 0
    for log in logs.values():
        said = log.read_text()
        waits = waits_in(said)
        assert {what for what, _ in waits} <= {"schema_behind", "namespace_missing", "attributes_missing"}
        assert waits[0][0] == "schema_behind"
        # Once in half a minute, however long it takes here.
        assert [pair for pair in pairwise(waits) if is_said_too_soon(*pair)] == []
        assert "Traceback" not in said


def test_programs_with_different_link_secrets_do_not_start_until_one_is_adopted(house: Mapping[str, str]) -> None:
    assert imac(house, "init").returncode == 0
    other = {"IMAC_LINK_SECRET": "another one"}

    worker, api = imac(house, "worker", **other), imac(house, "api", **other, LANG="de_DE.UTF-8")
    examined = lines(house, **other)[1]["link_secret"]
    adopted = imac(house, "secrets", "adopt", **other)
    before, after = (lines(house, **beside)[1]["link_secret"]["right"] for beside in ({}, other))

    assert (worker.returncode, api.returncode) == (1, 1)
    assert "The other processes sign links with a different secret." in worker.stderr
    assert "Die anderen Prozesse unterschreiben Links mit einem anderen Geheimnis." in api.stderr
    assert (examined["right"], examined["code"]) == (False, "link_secret_differs")
    assert adopted.returncode == 0
    assert (before, after) == (False, True)
