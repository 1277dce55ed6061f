"""A stack is backed up while it is written to, and comes back as it was at that instant; nothing half done."""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from cli.asking import Asking
from cli.errors import CliError
from cli.setup.backups import MANIFEST, PRODUCT, TEMPORAL, backup, restore
from connectors.paper_folder import PaperFolder
from db.revisions import HEAD
from db.schema import migrate

ONE = "INSERT INTO t VALUES (1)"


def asking(data_dir: Path) -> Asking:
    return Asking(data_dir=data_dir, lang="en")


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory as a stack leaves it."""
    monkeypatch.delenv("IMAC_DATABASE_URL", raising=False)
    data_dir = tmp_path / "var"
    (data_dir / "outbox").mkdir(parents=True)
    (data_dir / "logs").mkdir()
    migrate(f"sqlite+aiosqlite:///{data_dir}/{PRODUCT}")
    for name in (PRODUCT, TEMPORAL):
        with closing(sqlite3.connect(data_dir / name)) as made:
            made.execute("PRAGMA journal_mode=WAL")
            made.execute("CREATE TABLE t (n INTEGER)")
    (data_dir / "admin.key").write_text("imac_secret")
    (data_dir / "outbox" / "letter.eml").write_text("Guten Tag")
    (data_dir / "logs" / "api.log").write_text("lines")
    (data_dir / "stack.json").write_text("{}")
    return data_dir


def rows(file: Path) -> int:
    with closing(sqlite3.connect(file)) as opened:
        count: int = opened.execute("SELECT count(*) FROM t").fetchone()[0]
        return count


def test_it_comes_back_as_it_was_and_what_came_after_is_moved_aside(
    stack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(sqlite3.connect(stack / PRODUCT, isolation_level=None)) as running:
        # It stays in the log beside the file.
        running.execute(ONE)
        backup(tmp_path / "kept", asking=asking(stack))
        running.execute(ONE)
    (stack / "outbox" / "later.eml").write_text("Guten Abend")

    restore(tmp_path / "kept", replace=True, asking=asking(stack))

    assert (rows(stack / PRODUCT), rows(stack / TEMPORAL)) == (1, 0)
    assert sorted(path.name for path in (stack / "outbox").iterdir()) == ["letter.eml"]
    assert (stack / "admin.key").read_text() == "imac_secret"
    (aside,) = stack.glob("before-restore-*")
    assert rows(aside / PRODUCT) == 2
    assert (aside / "outbox" / "later.eml").exists()
    assert "Restored" in capsys.readouterr().out


async def test_papers_come_back_whole_and_what_is_half_written_stays_behind(stack: Path, tmp_path: Path) -> None:
    content = b"%PDF-1.7 a signature"
    digest = sha256(content).hexdigest()
    await PaperFolder(stack / "papers").put(digest, content)
    half = stack / "papers" / digest[:2] / f".{digest}.0000"
    half.write_bytes(content[:5])
    backup(tmp_path / "kept", asking=asking(stack))

    restore(tmp_path / "kept", asking=Asking(data_dir=tmp_path / "empty", lang="en"))

    assert await PaperFolder(tmp_path / "empty" / "papers").get(digest) == content
    assert not list((tmp_path / "empty" / "papers").rglob(".*"))


def test_only_its_owner_reads_a_backup_and_logs_are_left_out(stack: Path, tmp_path: Path) -> None:
    backup(tmp_path / "kept", asking=asking(stack))

    kept = tmp_path / "kept"
    assert kept.stat().st_mode & 0o077 == 0
    assert {path.name for path in kept.iterdir()} == {MANIFEST, PRODUCT, TEMPORAL, "admin.key", "outbox"}


def test_both_databases_are_of_one_instant_however_much_is_written(stack: Path, tmp_path: Path) -> None:
    """As a worker does it: first the table, then what Temporal knows of it."""
    is_over = threading.Event()

    def work() -> None:
        with (
            closing(sqlite3.connect(stack / PRODUCT, timeout=30, isolation_level=None)) as product,
            closing(sqlite3.connect(stack / TEMPORAL, timeout=30, isolation_level=None)) as temporal,
        ):
            while not is_over.is_set():
                product.execute(ONE)
                temporal.execute(ONE)

    working = threading.Thread(target=work)
    working.start()
    try:
        for number in range(5):
            backup(tmp_path / f"kept-{number}", asking=asking(stack))
    finally:
        is_over.set()
        working.join()

    for number in range(5):
        kept = tmp_path / f"kept-{number}"
        assert rows(kept / PRODUCT) - rows(kept / TEMPORAL) in (0, 1)


def test_into_an_empty_directory_it_needs_no_leave(stack: Path, tmp_path: Path) -> None:
    backup(tmp_path / "kept", asking=asking(stack))

    restore(tmp_path / "kept", asking=asking(tmp_path / "elsewhere"))

    assert rows(tmp_path / "elsewhere" / PRODUCT) == 0
    with closing(sqlite3.connect(tmp_path / "elsewhere" / PRODUCT)) as opened:
        assert opened.execute("SELECT version_num FROM alembic_version").fetchone() == (HEAD,)


Spoil = Callable[[Path, Path], None]


def _cut(kept: Path, _stack: Path) -> None:
    with (kept / TEMPORAL).open("r+b") as file:
        file.truncate(100)


def _newer(kept: Path, _stack: Path) -> None:
    manifest = (kept / MANIFEST).read_text()
    (kept / MANIFEST).write_text(manifest.replace(f'"{HEAD}"', '"9999"'))


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        pytest.param(lambda kept, _: (kept / MANIFEST).unlink(), "backup_incomplete", id="no manifest"),
        pytest.param(lambda kept, _: (kept / MANIFEST).write_text("{}"), "backup_incomplete", id="somebody's own file"),
        pytest.param(_cut, "backup_damaged", id="cut short"),
        pytest.param(lambda kept, _: (kept / "admin.key").unlink(), "backup_damaged", id="a file is gone"),
        pytest.param(_newer, "backup_of_newer_version", id="of a newer version"),
        pytest.param(lambda _kept, _stack: None, "data_dir_not_empty", id="something is there"),
    ],
)
def test_what_cannot_be_restored_leaves_everything_as_it_is(
    stack: Path, tmp_path: Path, spoil: Spoil, code: str
) -> None:
    kept = tmp_path / "kept"
    backup(kept, asking=asking(stack))
    spoil(kept, stack)

    with pytest.raises(CliError) as raised:
        restore(kept, asking=asking(stack))

    assert raised.value.code == code
    assert not list(stack.glob("before-restore-*"))
    assert rows(stack / PRODUCT) == 0


def test_a_backup_never_writes_over_another_and_needs_both_files(stack: Path, tmp_path: Path) -> None:
    backup(tmp_path / "kept", asking=asking(stack))
    with pytest.raises(CliError, match="backup_folder_taken"):
        backup(tmp_path / "kept", asking=asking(stack))
    (stack / TEMPORAL).unlink()
    with pytest.raises(CliError, match="nothing_to_back_up"):
        backup(tmp_path / "again", asking=asking(stack))

    assert not (tmp_path / "again").exists()


def test_a_database_server_is_backed_up_by_its_own_means(
    stack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMAC_DATABASE_URL", "postgresql+psycopg://imacflow@localhost/imacflow")

    with pytest.raises(CliError, match="backup_of_server"):
        backup(tmp_path / "kept", asking=asking(stack))
