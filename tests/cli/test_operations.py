"""Every command of docs/operations.md is typed here as it stands there, on servers of the test's own."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.stack.ground import database_trouble
from db.engine import open_database
from db.schema import migrate
from tests.cli.test_stack import IMAC, outside_environment
from tests.patience import PATIENCE
from tests.postgres import debian_binaries

PAGE = (Path(__file__).parents[2] / "docs/operations.md").read_text(encoding="utf-8")
NAMES = ("imacflow", "temporal", "temporal_visibility")


def lines_of(heading: str) -> list[str]:
    """What is to be typed below a heading, without what is said beside it."""
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    typed = [line.strip() for line in section.splitlines() if line.startswith("    ")]
    return [re.sub(r"\s{2,}#.*", "", line) for line in typed]


def block(heading: str, begin: str) -> list[str]:
    """The lines of a loop, to its end."""
    lines = lines_of(heading)
    first = next(place for place, line in enumerate(lines) if line.startswith(begin))
    return lines[first : lines.index("done", first) + 1]


def typed(heading: str, word: str) -> list[str]:
    """Those of them in which a word stands."""
    found = [line for line in lines_of(heading) if word in line]
    assert found, f"{heading}: nobody types {word}"
    return found


@dataclass(frozen=True)
class Cluster:
    """A server of PostgreSQL of which everything may be done; commands are its own account's."""

    folder: Path
    binaries: Path

    def environment(self, **beside: str) -> Mapping[str, str]:
        return {
            "PATH": f"{self.binaries}:{os.environ['PATH']}",
            "PGHOST": f"{self.folder}",
            "PGUSER": "postgres",
            "PGDATABASE": "postgres",
            "PGDATA": f"{self.folder / 'data'}",
            "BACKUPS": f"{self.folder / 'backups'}",
            "LC_ALL": "C.UTF-8",
            **beside,
        }

    def type(self, line: str, **beside: str) -> None:
        with (self.folder / "typed.log").open("a") as log:
            # A server that is started keeps what it was given to write to.
            ended = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", line],
                env=self.environment(**beside),
                user="postgres",
                cwd=self.folder,
                stdout=log,
                stderr=log,
                check=False,
                timeout=PATIENCE,
            )
        assert ended.returncode == 0, f"{line}\n{(self.folder / 'typed.log').read_text()[-2000:]}"

    def asks(self, database: str, statement: str, user: str = "postgres") -> str:
        return subprocess.run(
            [self.binaries / "psql", "-Atqc", statement, database, user],
            env=self.environment(),
            check=True,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        ).stdout.strip()

    def url(self, database: str, user: str = "postgres") -> str:
        return f"postgresql+psycopg://{user}@/{database}?host={self.folder}"

    def tick(self) -> None:
        """As a worker does it: first the table, then what Temporal knows of it."""
        for name in NAMES:
            self.asks(name, "INSERT INTO ticks DEFAULT VALUES")

    def ticks(self) -> dict[str, str]:
        return {name: self.asks(name, "SELECT count(*) FROM ticks") for name in NAMES}


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    binaries = debian_binaries()
    if binaries is None or not (binaries / "pg_verifybackup").exists():
        pytest.skip("needs PostgreSQL of Debian (apt install postgresql) and root, to be its account")
    folder = Path(tempfile.mkdtemp(prefix="imac-drill-", dir="/tmp"))
    (folder / "backups").mkdir()
    (folder / "typed.log").touch()
    for path in (folder, folder / "backups", folder / "typed.log"):
        shutil.chown(path, "postgres")
    made = Cluster(folder, binaries)
    made.type("initdb --auth=trust --encoding=UTF8 --username=postgres --no-sync")
    made.type(
        f"printf \"unix_socket_directories = '%s'\\nlisten_addresses = ''\\n\" {folder} >> $PGDATA/postgresql.conf"
    )
    made.type("pg_ctl start -w -D $PGDATA")
    for line in lines_of("What it stands on"):
        if line.startswith(("psql", "createdb")):
            made.type(line)
    for name in NAMES:
        made.asks(name, "CREATE TABLE ticks (n serial)")
    migrate(made.url("imacflow", "imacflow"))
    try:
        yield made
    finally:
        subprocess.run(
            ["bash", "-c", "pg_ctl stop -m immediate -D $PGDATA"],
            env=made.environment(),
            user="postgres",
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        shutil.rmtree(folder, ignore_errors=True)


POSTGRES = "Backup and restore on PostgreSQL"


async def test_a_base_backup_and_its_wal_bring_all_three_databases_back_to_one_instant(cluster: Cluster) -> None:
    for line in (*typed(POSTGRES, "ALTER SYSTEM"), *typed(POSTGRES, "pg_ctl restart")):
        cluster.type(line)
    cluster.tick()
    for line in (*typed(POSTGRES, "pg_basebackup"), *typed(POSTGRES, "pg_verifybackup")):
        cluster.type(line)
    cluster.tick()
    moment = cluster.asks("postgres", "SELECT clock_timestamp()")
    cluster.tick()
    cluster.asks("postgres", "SELECT pg_switch_wal()")

    restoring = lines_of(POSTGRES)
    first = restoring.index(typed(POSTGRES, "pg_ctl stop")[0])
    last = restoring.index(typed(POSTGRES, "RESET recovery_target_time")[0])
    for line in restoring[first : last + 1]:
        cluster.type(line, MOMENT=moment)
    database = open_database(cluster.url("imacflow"))
    trouble = await database_trouble(database)
    await database.close()

    assert cluster.ticks() == dict.fromkeys(NAMES, "2")
    assert trouble is None
    # Else the next base backup would hold a moment that its own WAL never reaches.
    assert "recovery_target_time" not in (cluster.folder / "data/postgresql.auto.conf").read_text()


async def test_dumps_come_back_and_one_of_another_version_is_named(cluster: Cluster, tmp_path: Path) -> None:
    cluster.tick()
    for line in typed(POSTGRES, "pg_dump "):
        cluster.type(line)
    for name in NAMES:
        cluster.asks("postgres", f"DROP DATABASE {name}")

    back = "\n".join(block(POSTGRES, "for name in"))
    cluster.type(back)
    cluster.tick()
    # Whoever types it once more, onto what runs by now.
    cluster.type(back)
    ticks = cluster.ticks()
    # As the next upgrade will.
    cluster.asks("imacflow", "CREATE TABLE after_the_restore ()", user="imacflow")
    with pytest.raises(subprocess.CalledProcessError):
        cluster.asks("imacflow", "SELECT 1", user="temporal")
    ended = {}
    for version in ("0001", "9999"):
        cluster.asks("imacflow", f"UPDATE alembic_version SET version_num = '{version}'")
        for language in ("en", "de"):
            ended[version, language] = imac(cluster, tmp_path, "rebuild", "--lang", language)

    assert ticks == dict.fromkeys(NAMES, "2")
    assert {code for code, _ in ended.values()} == {3}
    assert all(len(said.strip().splitlines()) == 2 for _, said in ended.values())
    assert "has schema 0001" in ended["0001", "en"][1]
    assert ended["9999", "de"][1] != ended["9999", "en"][1] != ended["0001", "en"][1]


def test_a_server_without_room_for_one_more_is_named(cluster: Cluster, tmp_path: Path) -> None:
    cluster.asks("postgres", "CREATE ROLE few LOGIN; ALTER DATABASE imacflow CONNECTION LIMIT 0")
    cluster.asks("postgres", "GRANT CONNECT ON DATABASE imacflow TO few")

    code, said = imac(cluster, tmp_path, "rebuild", user="few")

    assert (code, len(said.strip().splitlines())) == (3, 2)
    assert "too many connections" in said


def test_a_lost_key_is_ended_as_the_page_says(cluster: Cluster) -> None:
    statement = re.search(r"`(UPDATE api_keys [^`]+)`", PAGE)
    assert statement is not None

    cluster.asks("imacflow", statement[1])


def imac(cluster: Cluster, folder: Path, *typed: str, user: str = "postgres") -> tuple[int, str]:
    environment = outside_environment() | {
        "IMAC_DATA_DIR": f"{folder}",
        "IMAC_DATABASE_URL": cluster.url("imacflow", user),
        "IMAC_LINK_SECRET": "shared by all",
        "TEMPORAL_ADDRESS": "127.0.0.1:9",
        "LANG": "C.UTF-8",
    }
    ended = subprocess.run(
        [IMAC, *typed], env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert "Traceback" not in ended.stderr
    return ended.returncode, ended.stderr
