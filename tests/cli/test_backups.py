"""A stack is backed up while it is written to, and comes back as it was at that instant; nothing half done."""

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import NoReturn

import pytest

from cli.asking import Asking
from cli.errors import CliError
from cli.setup.backups import MANIFEST, PRODUCT, TEMPORAL, backup
from cli.setup.restoring import restore
from cli.stack_file import HALF_RESTORED, must_not_be_half_restored
from connectors.paper_folder import PaperFolder
from db.revisions import HEAD
from db.schema import migrate
from tests.cli.test_stack import imac

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


@contextmanager
def small_disk(folder: Path, *options: str) -> Iterator[Path]:
    """A file system of its own."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", ",".join(options), "imac-test", f"{folder}"]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("nobody but root may mount a small file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", f"{folder}"], check=True)


def said(work: Callable[[], None]) -> str:
    """What it is refused with, or that it is done."""
    try:
        work()
    except CliError as error:
        return error.code
    return "done"


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


AT_ONCE = 6


def test_of_many_backups_into_one_folder_at_once_one_is_made_and_is_whole(stack: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"

    with ThreadPoolExecutor(AT_ONCE) as starting:
        ended = list(starting.map(lambda _: said(lambda: backup(kept, asking=asking(stack))), range(AT_ONCE)))

    assert sorted(ended) == [*["backup_folder_taken"] * (AT_ONCE - 1), "done"]
    restore(kept, asking=asking(tmp_path / "elsewhere"))
    assert rows(tmp_path / "elsewhere" / PRODUCT) == 0


def test_many_restores_at_once_leave_one_whole_stack(stack: Path, tmp_path: Path) -> None:
    backup(tmp_path / "kept", asking=asking(stack))

    with ThreadPoolExecutor(AT_ONCE) as starting:
        work = lambda _: said(lambda: restore(tmp_path / "kept", replace=True, asking=asking(stack)))  # noqa: E731
        ended = set(starting.map(work, range(AT_ONCE)))

    assert "done" in ended
    assert ended <= {"done", "data_dir_locked"}
    assert (rows(stack / PRODUCT), rows(stack / TEMPORAL)) == (0, 0)
    must_not_be_half_restored(stack)
    assert not list(stack.glob(".restoring*"))


WORKS = """
import sqlite3, sys
works = sqlite3.connect(sys.argv[1])
works.execute("SELECT count(*) FROM t").fetchone()
print("works", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("name", [PRODUCT, TEMPORAL])
def test_what_a_program_still_works_on_is_not_taken_from_under_it(name: str, stack: Path, tmp_path: Path) -> None:
    """As a second worker in another window, that a stack which was stopped has left behind."""
    backup(tmp_path / "kept", asking=asking(stack))
    command = [sys.executable, "-c", WORKS, f"{stack / name}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as working:
        assert working.stdout is not None
        assert working.stdout.readline() == "works\n"

        refused = said(lambda: restore(tmp_path / "kept", replace=True, asking=asking(stack)))
        working.communicate("")
    afterwards = said(lambda: restore(tmp_path / "kept", replace=True, asking=asking(stack)))

    assert (refused, afterwards) == ("database_in_use", "done")


@pytest.mark.parametrize("options", [("size=64k",), ("size=64m", "nr_inodes=4")], ids=["known before", "on the way"])
def test_a_disk_that_is_full_leaves_no_backup_and_the_stack_as_it_was(
    options: tuple[str, ...], stack: Path, tmp_path: Path
) -> None:
    backup(tmp_path / "kept", asking=asking(stack))
    with small_disk(tmp_path / "small", *options) as disk:
        refused = said(lambda: backup(disk / "kept", asking=asking(stack)))
        left = list(disk.iterdir())
        lost = said(lambda: restore(tmp_path / "kept", asking=asking(disk / "var")))
        brought = [path.name for path in (disk / "var").iterdir() if path.name not in ("lock", "logs")]

    known = options == ("size=64k",)
    assert (refused, lost) == (("no_room", "no_room") if known else ("backup_broken_off", "restore_not_begun"))
    assert (left, brought) == ([], [])
    assert rows(stack / PRODUCT) == 0


def test_a_backup_is_only_read_by_those_who_restore_it(stack: Path, tmp_path: Path) -> None:
    """It may lie on a disk that takes nothing any more, and several may read it at once."""
    with small_disk(tmp_path / "disk", "size=64m") as disk:
        backup(disk / "kept", asking=asking(stack))
        subprocess.run(["mount", "-o", "remount,ro", f"{disk}"], check=True)

        restore(disk / "kept", asking=asking(tmp_path / "elsewhere"))

    assert rows(tmp_path / "elsewhere" / PRODUCT) == 0


def test_a_backup_that_is_interrupted_can_be_repeated(
    stack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("cli.setup.backups.copy_database", interrupted)
        with pytest.raises(KeyboardInterrupt):
            backup(tmp_path / "kept", asking=asking(stack))

    backup(tmp_path / "kept", asking=asking(stack))


def test_a_restore_that_dies_at_any_step_starts_nothing_half_and_is_repeated(stack: Path, tmp_path: Path) -> None:
    backup(tmp_path / "kept", asking=asking(stack))
    with closing(sqlite3.connect(stack / PRODUCT, isolation_level=None)) as running:
        running.execute(ONE)

    found = set()
    for steps in count(1):
        if restored_until(steps, tmp_path / "kept", stack):
            break
        standing = said(lambda: must_not_be_half_restored(stack))
        if standing == "done":
            # Nothing was touched, or all was done but for the last word.
            assert rows(stack / PRODUCT) in (0, 1)
            assert (stack / "admin.key").read_text() == "imac_secret"
        else:
            assert said(lambda: backup(tmp_path / "none", asking=asking(stack))) == standing
        found.add(standing)
        restore(tmp_path / "kept", replace=True, asking=asking(stack))
        assert (rows(stack / PRODUCT), rows(stack / TEMPORAL)) == (0, 0)
        assert (stack / "outbox" / "letter.eml").exists()
        assert not (stack / HALF_RESTORED).exists()

    assert steps > 10
    assert found == {"done", "half_restored"}


def test_half_a_stack_is_not_started(tmp_path: Path) -> None:
    (tmp_path / HALF_RESTORED).touch()

    refused = imac("up", "--data-dir", f"{tmp_path}")

    assert (refused.returncode, len(refused.stderr.strip().splitlines())) == (1, 2)
    assert "imac restore" in refused.stderr
    assert not (tmp_path / PRODUCT).exists()


# What changes folders and files, by the names that Python's audit gives it.
STEPS = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "shutil.copyfile", "shutil.move", "shutil.rmtree")


def restored_until(steps: int, kept: Path, stack: Path) -> bool:
    """Whether a process that dies before its step of this number has come to the end of it."""
    child = os.fork()
    if child == 0:
        left = steps

        def dies(event: str, _: object) -> None:
            nonlocal left
            left -= event in STEPS
            if left == 0:
                os._exit(1)

        sys.addaudithook(dies)
        try:
            restore(kept, replace=True, asking=asking(stack))
        except BaseException:  # noqa: BLE001  # nothing of it may go on in a second copy of the test
            os._exit(2)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) in (0, 1)
    return status == 0


def test_what_was_moved_aside_comes_back_where_the_database_is_on_another_disk(
    stack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with small_disk(tmp_path / "other", "size=64m") as disk:
        shutil.move(stack / PRODUCT, disk / "ours.db")
        monkeypatch.setenv("IMAC_DATABASE_URL", f"sqlite:///{disk}/ours.db")
        backup(tmp_path / "kept", asking=asking(stack))
        with closing(sqlite3.connect(disk / "ours.db", isolation_level=None)) as running:
            running.execute(ONE)

        restore(tmp_path / "kept", replace=True, asking=asking(stack))
        restored = rows(disk / "ours.db")
        left = sorted(path.name for path in disk.iterdir())

    (aside,) = stack.glob("before-restore-*")
    assert (restored, rows(aside / "ours.db"), left) == (0, 1, ["ours.db"])
