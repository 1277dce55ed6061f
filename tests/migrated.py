"""A migrated SQLite file, made once for all processes of a test run; every test gets a copy of it."""

import fcntl
import shutil
from pathlib import Path

import pytest

from db.schema import migrate


class Migrated:
    def __init__(self, file: Path) -> None:
        self._file = file

    def copy_to(self, file: Path) -> str:
        """Where the copy is found."""
        shutil.copyfile(self._file, file)
        return _url(file)


def shared_migrated(factory: pytest.TempPathFactory, worker: str) -> Migrated:
    """The first process that asks migrates it, the others wait; a run that is not spread has it to itself."""
    folder = factory.getbasetemp()
    folder = folder if worker == "master" else folder.parent
    migrated = folder / "migrated.db"
    with (folder / "migrated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not migrated.exists():
            # A migration that fails half-way leaves nothing that another process could take for it.
            unfinished = folder / "unfinished.db"
            unfinished.unlink(missing_ok=True)
            migrate(_url(unfinished))
            unfinished.rename(migrated)
    return Migrated(migrated)


def _url(file: Path) -> str:
    return f"sqlite+aiosqlite:///{file}"
