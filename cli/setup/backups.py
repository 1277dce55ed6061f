"""`imac backup`: everything of an embedded stack at one instant, while it runs."""

import hashlib
import os
import shutil
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from pydantic import BaseModel

from cli.asking import ASKING, Asking
from cli.errors import CliError, Exit
from cli.stack.programs import read_settings
from cli.stack_file import HALF_RESTORED, must_not_be_half_restored
from cli.words import phrase
from db.copies import copy_database, nobody_writes, revision_in
from db.damage import file_of
from settings import Settings

Folder = Annotated[Path, Parameter(help="Folder of the backup.")]

MANIFEST = "backup.json"
PRODUCT, TEMPORAL = "imacflow.db", "temporal.db"
# In the data directory: what a restore has copied and nobody uses yet, and what one has moved out of its way.
DRAFT, ASIDE = ".restoring", "before-restore-"
# They belong to the running stack, or are made anew by it.
_LEFT_OUT = frozenset({"lock", "logs", "stack.json", "stack.json.new", DRAFT, HALF_RESTORED})
_BLOCK = 1 << 20


class BackupManifest(BaseModel):
    """Written last: what has none, or an empty one, is no backup. `files` are digests (SHA-256) by path."""

    version: str
    schema_revision: str
    taken_at: datetime
    files: dict[str, str]


def backup(folder: Folder, /, *, asking: Asking = ASKING) -> None:
    """Back up the embedded stack into a new folder: both databases, keys, messages. Works while everything runs.

    The folder holds all secrets of the stack; only its owner can read it.
    """
    settings = read_settings(asking.data_dir)
    product, temporal = product_of(settings), settings.data_dir / TEMPORAL
    must_not_be_half_restored(settings.data_dir)
    for file in (product, temporal):
        if not file.exists():
            raise CliError("nothing_to_back_up", Exit.REFUSED, file=file)
    with _ours_alone(folder):
        must_have_room(folder, sum(map(size_of, (product, temporal, *_rest(settings.data_dir, folder)))))
        with nobody_writes(product):
            # Temporal first: what it knows and the tables do not yet, its workflows write again; never the other way.
            copy_database(temporal, folder / TEMPORAL)
            copy_database(product, folder / PRODUCT)
        _copy_rest(settings.data_dir, folder)
        revision = revision_in(folder / PRODUCT)
        manifest = BackupManifest(
            version=version("imacflow"),
            schema_revision=revision,
            taken_at=datetime.now(UTC),
            files=digests(folder, _names(folder)),
        )
        _complete(folder, manifest)
    say(asking, "backed_up", manifest, folder)


def product_of(settings: Settings) -> Path:
    file = file_of(settings.database_url)
    if file is None:
        raise CliError("backup_of_server", Exit.USAGE)
    return file


@contextmanager
def _ours_alone(folder: Path) -> Iterator[None]:
    """Of any number who begin with one folder at once, one has it; nothing is left in it of what was not completed."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _claim(folder / MANIFEST)
    except FileExistsError:
        raise CliError("backup_folder_taken", Exit.USAGE, folder=folder) from None
    except OSError as error:
        raise CliError("backup_broken_off", Exit.USAGE, folder=folder, reason=error) from None
    if len(list(folder.iterdir())) > 1:
        (folder / MANIFEST).unlink()
        raise CliError("backup_folder_taken", Exit.USAGE, folder=folder)
    is_complete = False
    try:
        folder.chmod(0o700)
        yield
        is_complete = True
    except (OSError, sqlite3.Error) as error:
        raise CliError("backup_broken_off", Exit.UNREACHABLE, folder=folder, reason=error) from None
    finally:
        if not is_complete:
            shutil.rmtree(folder, ignore_errors=True)


def _claim(file: Path) -> None:
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _complete(folder: Path, manifest: BackupManifest) -> None:
    """At once: a manifest cut short would name fewer files than there are."""
    draft = folder / f"{MANIFEST}.new"
    _claim(draft)
    draft.write_text(manifest.model_dump_json(indent=2))
    draft.replace(folder / MANIFEST)


def must_have_room(folder: Path, needed: int) -> None:
    """Before anything is written: what runs on the same disk would be the next that finds none."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise CliError("no_room", Exit.UNREACHABLE, folder=folder, free=_mebibytes(free), needed=_mebibytes(needed))


def _mebibytes(size: int) -> str:
    return f"{size / 2**20:.0f}"


def size_of(path: Path) -> int:
    """In bytes, with everything in it."""
    inside = sum(child.lstat().st_size for child in path.rglob("*")) if path.is_dir() else 0
    return path.lstat().st_size + inside


def _rest(data_dir: Path, folder: Path) -> Iterator[Path]:
    for path in sorted(data_dir.iterdir()):
        if counts(path, folder) and not path.name.startswith((PRODUCT, TEMPORAL)):
            yield path


def _copy_rest(data_dir: Path, folder: Path) -> None:
    for path in _rest(data_dir, folder):
        if path.is_dir():
            shutil.copytree(path, folder / path.name, symlinks=True, ignore=shutil.ignore_patterns(".*"))
        else:
            shutil.copy2(path, folder / path.name)


def counts(path: Path, folder: Path) -> bool:
    """Backups may be kept in the data directory itself; they are none of it."""
    is_ours = path.name not in _LEFT_OUT and not path.name.startswith(ASIDE)
    return is_ours and not folder.resolve().is_relative_to(path.resolve())


def _names(folder: Path) -> list[str]:
    files = (path for path in folder.rglob("*") if path.is_file() and path != folder / MANIFEST)
    return sorted(f"{path.relative_to(folder)}" for path in files)


def digests(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """Of those that are there."""
    return {name: _digest(folder / name) for name in names if (folder / name).is_file()}


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def say(asking: Asking, name: str, manifest: BackupManifest, folder: Path) -> None:
    if asking.json:
        sys.stdout.write(f"{manifest.model_dump_json()}\n")
        return
    at = f"{manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC"
    said = phrase(name, asking.language, folder=folder, files=len(manifest.files), at=at, version=manifest.version)
    asking.console.print(said, markup=False)
