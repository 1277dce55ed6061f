"""Copies of SQLite files that others are writing to."""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

# As long as writers of ours wait for one another, in seconds.
_PATIENCE = 30
# The bytes that whoever has a file open keeps locked for reading, by SQLite's format of files.
_SHARED_FIRST, _SHARED_SIZE = 0x40000002, 510


@contextmanager
def nobody_writes(file: Path) -> Iterator[None]:
    """Whoever wants to write waits meanwhile; whoever reads does not notice."""
    with closing(sqlite3.connect(file, timeout=_PATIENCE, isolation_level=None)) as held:
        held.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            held.rollback()


def copy_database(source: Path, target: Path) -> None:
    """Readable by its owner only."""
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=_PATIENCE)) as original:
        target.touch(mode=0o600)
        with closing(sqlite3.connect(target)) as copy:
            # All pages in one step: a copy in several begins anew whenever somebody writes.
            original.backup(copy, pages=-1)


def is_open_elsewhere(file: Path) -> bool:
    """Whether another process works on it: in WAL mode that shows even while it asks nothing."""
    with file.open("r+b") as asked:
        try:
            fcntl.lockf(asked, fcntl.LOCK_EX | fcntl.LOCK_NB, _SHARED_SIZE, _SHARED_FIRST)
        except (BlockingIOError, PermissionError):
            return True
    return False


def revision_in(file: Path) -> str:
    """How far migrations have brought it; empty where nothing was ever made."""
    with closing(sqlite3.connect(file)) as copy:
        found = copy.execute("SELECT version_num FROM alembic_version").fetchone()
    return f"{found[0]}" if found else ""
