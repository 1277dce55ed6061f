"""How much room is left where we write: Temporal's store grows there too, and it does not bear a full disk."""

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy import make_url

from settings import Settings

MIB = 1024 * 1024
# A file system may have room and yet take no new file.
FEWEST_FILES = 1_000
_LOOK_AGAIN = timedelta(seconds=2)


@dataclass
class Space:
    """Asked with every request that brings something new, so it is looked at only now and then."""

    folders: tuple[Path, ...]
    least: int
    _looked_at: float = field(default=float("-inf"), init=False)
    _is_short: bool = field(default=False, init=False)

    @property
    def is_short(self) -> bool:
        now = time.monotonic()
        if now - self._looked_at >= _LOOK_AGAIN.total_seconds():
            self._looked_at, self._is_short = now, any(map(self._has_too_little, self.folders))
        return self._is_short

    def _has_too_little(self, folder: Path) -> bool:
        try:
            found = os.statvfs(_there(folder))
        except OSError:
            # Whatever keeps us from looking will be said by whoever writes.
            return False
        # Some file systems do not count files.
        few_files = found.f_files > 0 and found.f_favail < min(FEWEST_FILES, found.f_files // 10)
        return self.least > 0 and (found.f_bavail * found.f_frsize < self.least or few_files)


def space_of(settings: Settings) -> Space:
    """Where the stack and the database keep everything, whether or not it is the same file system."""
    database = make_url(settings.database_url)
    files = [Path(database.database)] if database.get_backend_name() == "sqlite" and database.database else []
    folders = dict.fromkeys((settings.data_dir, settings.outbox_dir, *(file.absolute().parent for file in files)))
    return Space(tuple(folders), settings.free_space_mb * MIB)


def _there(folder: Path) -> Path:
    """The folder, or where it will be made."""
    return next(above for above in _upwards(folder.absolute()) if above.exists())


def _upwards(folder: Path) -> Iterable[Path]:
    return (folder, *folder.parents)
