"""The ground gives way: hardly any space, a log that cannot be written, a file that is damaged."""

import errno
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from sqlalchemy.exc import DatabaseError, OperationalError

from api.policy import GOES_ON
from connectors.logs import keep_logs
from connectors.space import MIB, Space, space_of
from db.damage import DatabaseDamaged, FileWatch, check_file
from db.schema import migrate
from domain.people import Role
from settings import Settings
from tests.api.house import INSTALL, ORDERS, House, body
from tests.api.test_access import operations
from tests.api.test_problems import failing

ENDLESS = 1 << 62
SMALL = 8 * MIB


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with 8 MiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={SMALL}", "imac-test", str(folder)]
    if subprocess.run(["mount", *options], capture_output=True, check=False).returncode != 0:
        pytest.skip("nobody but root may mount a small file system")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_space_is_short_before_it_has_run_out_wherever_we_write(small_disk: Path, tmp_path: Path) -> None:
    elsewhere = f"sqlite+aiosqlite:///{small_disk}/not/there/yet/imacflow.db"
    plenty = Settings(data_dir=tmp_path, database_url=elsewhere, free_space_mb=4)
    scarce = plenty.model_copy(update={"free_space_mb": 16})

    before = space_of(plenty).is_short
    (small_disk / "temporal.db").write_bytes(bytes(SMALL - 2 * MIB))

    assert not before
    assert space_of(plenty).is_short
    assert space_of(scarce).is_short
    assert not space_of(scarce.model_copy(update={"free_space_mb": 0})).is_short


async def test_with_hardly_any_space_nothing_new_is_taken_in(cut_off: House) -> None:
    """Every route that would bring something new, whatever it is sent; what is read or told goes on."""
    admin = await cut_off.caller(Role.ADMIN, "p-koch")
    nobody = await cut_off.client()
    cut_off.app.state.space = Space((Path("/"),), ENDLESS)
    routes = [
        (method, str(context.path), operations(route.dependant))
        for context in iter_route_contexts(cut_off.app.routes)
        for route in (context.original_route,)
        for method in context.methods or ()
        if isinstance(route, APIRoute) and method in ("POST", "PUT") and operations(route.dependant)
    ]

    new = [await admin.request(method, path, json={}) for method, path, does in routes if not does & GOES_ON]
    told = [await admin.request(method, path, json={}) for method, path, does in routes if does & GOES_ON]
    ready = await nobody.get("/health/ready", headers={"Accept-Language": "de"})
    anonymous = await nobody.post(ORDERS, json=INSTALL)

    assert len(new) > 20
    for answer in new:
        assert (answer.status_code, body(answer)["type"]) == (503, "urn:imacflow:problem:no_space"), answer.request.url
        assert answer.headers["Retry-After"] == "5"
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert HTTPStatus.SERVICE_UNAVAILABLE not in {answer.status_code for answer in told}
    assert (await admin.get(ORDERS)).status_code == HTTPStatus.OK
    assert (ready.status_code, body(ready)["space"]) == (503, "short")
    assert any("kaum noch Platz" in sentence for sentence in body(ready)["says"])
    assert anonymous.status_code == HTTPStatus.UNAUTHORIZED


class Full:
    def write(self, _text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    def flush(self) -> None:
        self.write("")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        pytest.param(RuntimeError("a mistake"), 500, id="a mistake of ours"),
        pytest.param(OperationalError("SELECT", {}, OSError("gone")), 503, id="the database away"),
    ],
)
async def test_an_error_is_a_problem_document_even_when_the_log_cannot_be_written(
    cut_off: House, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    keep_logs()
    desk = await cut_off.coordinator()
    failing(cut_off.app, error)
    for stream in ("stdout", "stderr"):
        monkeypatch.setattr(sys, stream, Full())

    answer = await desk.get(ORDERS)

    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")


def ruined(file: Path, how: str) -> Path:
    """A database file of ours that something has happened to."""
    migrate(f"sqlite+aiosqlite:///{file}")
    whole = file.read_bytes()
    page = 4096
    ruins = {
        "garbage": b"no database, whatever it is called\n" * 500,
        "cut short": whole[: len(whole) // 2],
        "overwritten": whole[: 10 * page] + b"\xff" * (len(whole) - 10 * page),
        "without a head": b"\0" * 100 + whole[100:],
    }
    for beside in file.parent.glob(f"{file.name}-*"):
        beside.unlink()
    file.write_bytes(ruins[how])
    return file


HOW = ("garbage", "cut short", "overwritten", "without a head")


@pytest.mark.parametrize("how", HOW)
def test_a_damaged_file_is_named(tmp_path: Path, how: str) -> None:
    file = ruined(tmp_path / "imacflow.db", how)

    with pytest.raises(DatabaseDamaged) as damaged:
        check_file(f"sqlite+aiosqlite:///{file}")

    assert damaged.value.file == file
    assert damaged.value.reason


@pytest.mark.parametrize("program", ["up", "api", "worker", "migrate"])
def test_a_program_ends_with_a_sentence_that_names_the_file(tmp_path: Path, program: str) -> None:
    ruined(tmp_path / "imacflow.db", "overwritten")
    imac = Path(sys.executable).with_name("imac")

    ended = subprocess.run(
        [imac, program],
        env={"IMAC_DATA_DIR": str(tmp_path), "PATH": "/usr/bin", "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert ended.returncode == 3
    assert "imacflow.db cannot be used" in " ".join((ended.stdout + ended.stderr).split())
    assert "Traceback" not in ended.stdout + ended.stderr


@pytest.mark.parametrize(
    "program", [("cli.stack.loading",), ("uvicorn", "--factory", "cli.stack.loading:app", "--port=0")]
)
def test_so_does_a_program_that_is_started_by_itself(tmp_path: Path, program: tuple[str, ...]) -> None:
    file = ruined(tmp_path / "imacflow.db", "garbage")

    ended = subprocess.run(
        [sys.executable, "-m", *program],
        env={"IMAC_DATA_DIR": str(tmp_path), "PATH": "/usr/bin", "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert ended.returncode != 0
    assert f"The database file {file} cannot be used: file is not a database." in ended.stderr
    assert "Traceback" not in ended.stderr


def overwrite(file: Path) -> None:
    """With garbage from the second page on."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = file.read_bytes()
    file.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))


async def test_readiness_finds_what_is_damaged_while_it_runs(cut_off: House) -> None:
    if "sqlite" not in cut_off.database.url:
        pytest.skip("a server looks after its own files")
    desk, nobody = await cut_off.coordinator(), await cut_off.client()
    cut_off.app.state.file = FileWatch(cut_off.database.url, every=timedelta())
    file = Path(cut_off.database.url.partition("///")[2])

    overwrite(file)
    ready = await nobody.get("/health/ready")
    asked = await desk.get(ORDERS)

    sentence = body(ready)["says"][0]
    assert (ready.status_code, body(ready)["database"]) == (503, "down")
    assert sentence.startswith(f"The database file {file.name} cannot be used")
    assert str(file.parent) not in sentence
    assert asked.status_code in (200, 503)
    assert asked.status_code == HTTPStatus.OK or body(asked)["type"] == "urn:imacflow:problem:database_damaged"


async def test_what_sqlite_says_of_a_damaged_file_is_no_mistake_of_ours(cut_off: House) -> None:
    desk = await cut_off.coordinator()
    said = sqlite3.DatabaseError("database disk image is malformed")
    said.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    failing(cut_off.app, DatabaseError("SELECT", {}, said))

    answer = await desk.get(ORDERS)

    assert (answer.status_code, body(answer)["type"]) == (503, "urn:imacflow:problem:database_damaged")
    assert "Retry-After" in answer.headers
