"""Whether the file of an SQLite database is whole: found out before anybody builds on it, and now and then after."""

import asyncio
import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import make_url

LOOK_AGAIN = timedelta(minutes=10)
# Whoever asks for readiness waits no longer than this for a large file to be read.
PATIENCE = timedelta(seconds=2)
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
# Others write, or the disk is full: that is no damage.
_TEMPORARY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL)


class DatabaseDamaged(Exception):
    """The file is damaged, cut short, or no database at all."""

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(file, reason)
        self.file = file
        self.reason = reason

    def __str__(self) -> str:
        return f"The database file {self.file} cannot be used: {self.reason}. Put a backup in its place."


def check_file(url: str, *, at_rest: bool = False) -> None:
    """Raises `DatabaseDamaged`. Reads all of the file; one that is not there yet is well, and so is another server.

    At rest nobody writes to it, and nothing is written beside it: it may lie where that is not possible.
    """
    file = file_of(url)
    if file is None or not file.exists():
        return
    try:
        address = f"file:{quote(str(file))}?immutable=1" if at_rest else file
        with closing(sqlite3.connect(address, timeout=5, uri=at_rest)) as connection:
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        if _code(error) in _TEMPORARY:
            return
        raise DatabaseDamaged(file, str(error)) from error
    if found != "ok":
        # It is told on several lines, in SQLite's own words.
        raise DatabaseDamaged(file, " ".join(str(found).replace("*", "").split()))


def says_damaged(error: BaseException | None) -> bool:
    """Whether this is what SQLite says while it reads such a file."""
    return isinstance(error, sqlite3.Error) and _code(error) in _DAMAGED


def says_full(error: BaseException | None) -> bool:
    return isinstance(error, sqlite3.Error) and _code(error) == sqlite3.SQLITE_FULL


def file_of(url: str) -> Path | None:
    """None for a server, and for what is only in memory."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite" or address.database in (None, "", ":memory:"):
        return None
    return Path(str(address.database))


class FileWatch:
    """Knows how the file was when it was last read; reads it again behind whoever asks."""

    def __init__(self, url: str, every: timedelta = LOOK_AGAIN) -> None:
        self._url = url
        self._every = every
        self._read_at = time.monotonic()
        self._reading: asyncio.Task[None] | None = None
        self._found: DatabaseDamaged | None = None

    async def damage(self) -> DatabaseDamaged | None:
        is_old = time.monotonic() - self._read_at >= self._every.total_seconds()
        if is_old and (self._reading is None or self._reading.done()):
            self._reading = asyncio.create_task(self._read())
        if self._reading is not None and not self._reading.done():
            await asyncio.wait([self._reading], timeout=PATIENCE.total_seconds())
        return self._found

    def suspect(self) -> None:
        """Somebody has met damage: whoever asks next has the file read."""
        self._read_at = float("-inf")

    async def close(self) -> None:
        if self._reading is not None:
            await asyncio.wait([self._reading])

    async def _read(self) -> None:
        try:
            await asyncio.to_thread(check_file, self._url)
            self._found = None
        except DatabaseDamaged as damaged:
            self._found = damaged
        finally:
            self._read_at = time.monotonic()


def _code(error: sqlite3.Error) -> int:
    """The extended code holds the plain one in its lowest byte; some errors have none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
