"""`imac backup` and `imac restore`: everything of an embedded stack at one instant, while it runs, and back again."""

import hashlib
import os
import shutil
import sqlite3
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from pydantic import BaseModel, ValidationError

from cli.asking import ASKING, Asking
from cli.errors import CliError, Exit
from cli.stack.programs import must_be_whole, read_settings
from cli.stack_file import locked
from cli.words import phrase
from db.copies import copy_database, nobody_writes, revision_in
from db.damage import file_of
from db.revisions import KNOWN
from settings import Settings

Folder = Annotated[Path, Parameter(help="Folder of the backup.")]

MANIFEST = "backup.json"
PRODUCT, TEMPORAL = "imacflow.db", "temporal.db"
# They belong to the running stack, or are made anew by it.
_LEFT_OUT = frozenset({"lock", "logs", "stack.json", "stack.json.new"})
_COMPANIONS = ("-wal", "-shm", "-journal")
_ASIDE = "before-restore-"
_BLOCK = 1 << 20


class BackupManifest(BaseModel):
    """Written last: what has none is no backup. `files` are digests (SHA-256) by path."""

    version: str
    schema_revision: str
    taken_at: datetime
    files: dict[str, str]


def backup(folder: Folder, /, *, asking: Asking = ASKING) -> None:
    """Back up the embedded stack into a new folder: both databases, keys, messages. Works while everything runs.

    The folder holds all secrets of the stack; only its owner can read it.
    """
    settings = read_settings(asking.data_dir)
    product, temporal = _product(settings), settings.data_dir / TEMPORAL
    for file in (product, temporal):
        if not file.exists():
            raise CliError("nothing_to_back_up", Exit.REFUSED, file=file)
    _must_be_new(folder)
    try:
        with nobody_writes(product):
            # Temporal first: what it knows and the tables do not yet, its workflows write again; never the other way.
            copy_database(temporal, folder / TEMPORAL)
            copy_database(product, folder / PRODUCT)
        _copy_rest(settings.data_dir, folder)
        revision = revision_in(folder / PRODUCT)
        manifest = BackupManifest(
            version=version("imacflow"), schema_revision=revision, taken_at=datetime.now(UTC), files=_digests(folder)
        )
        _write_privately(folder / MANIFEST, manifest.model_dump_json(indent=2).encode())
    except (OSError, sqlite3.Error) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise CliError("backup_broken_off", Exit.UNREACHABLE, folder=folder, reason=error) from None
    _say(asking, "backed_up", manifest, folder)


def restore(folder: Folder, /, *, replace: bool = False, asking: Asking = ASKING) -> None:
    """Bring a stack back from a backup, into a data directory on which nothing runs.

    Parameters
    ----------
    replace
        Move what is in the data directory aside first, into a folder within it.
    """
    settings = read_settings(asking.data_dir)
    product = _product(settings)
    manifest = _checked(folder)
    for name in (TEMPORAL, PRODUCT):
        must_be_whole(f"sqlite:///{(folder / name).absolute()}")
    with locked(settings.data_dir):
        there = sorted(path for path in settings.data_dir.iterdir() if _counts(path, folder))
        if product.exists() and product not in there:
            there.append(product)
        if there and not replace:
            raise CliError("data_dir_not_empty", Exit.REFUSED, data_dir=settings.data_dir, file=there[0].name)
        try:
            aside = _moved_aside(settings.data_dir, there)
            _bring_back(folder, settings.data_dir, product, manifest)
        except OSError as error:
            raise CliError("restore_broken_off", Exit.UNREACHABLE, folder=folder, reason=error) from None
    _say(asking, "restored", manifest, folder)
    if aside is not None and not asking.json:
        asking.console.print(phrase("moved_aside", asking.language, folder=aside), markup=False)


def _product(settings: Settings) -> Path:
    file = file_of(settings.database_url)
    if file is None:
        raise CliError("backup_of_server", Exit.USAGE)
    return file


def _must_be_new(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        taken = any(folder.iterdir())
    except OSError as error:
        raise CliError("backup_broken_off", Exit.USAGE, folder=folder, reason=error) from None
    if taken:
        raise CliError("backup_folder_taken", Exit.USAGE, folder=folder)
    folder.chmod(0o700)


def _copy_rest(data_dir: Path, folder: Path) -> None:
    for path in sorted(data_dir.iterdir()):
        if not _counts(path, folder) or path.name.startswith((PRODUCT, TEMPORAL)):
            continue
        if path.is_dir():
            shutil.copytree(path, folder / path.name, symlinks=True, ignore=shutil.ignore_patterns(".*"))
        else:
            shutil.copy2(path, folder / path.name)


def _counts(path: Path, folder: Path) -> bool:
    """Backups may be kept in the data directory itself; they are none of it."""
    is_ours = path.name not in _LEFT_OUT and not path.name.startswith(_ASIDE)
    return is_ours and not folder.resolve().is_relative_to(path.resolve())


def _digests(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    return {f"{path.relative_to(folder)}": _digest(path) for path in sorted(files)}


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _checked(folder: Path) -> BackupManifest:
    try:
        manifest = BackupManifest.model_validate_json((folder / MANIFEST).read_bytes())
    except (OSError, ValidationError):
        raise CliError("backup_incomplete", Exit.USAGE, folder=folder) from None
    if manifest.schema_revision not in KNOWN:
        raise CliError("backup_of_newer_version", Exit.REFUSED, folder=folder, version=manifest.version)
    found = _digests(folder)
    wrong = sorted(name for name in manifest.files if manifest.files[name] != found.get(name))
    if wrong or not {PRODUCT, TEMPORAL} <= manifest.files.keys():
        raise CliError("backup_damaged", Exit.REFUSED, folder=folder, file=wrong[0] if wrong else PRODUCT)
    return manifest


def _moved_aside(data_dir: Path, there: list[Path]) -> Path | None:
    if not there:
        return None
    aside = data_dir / f"{_ASIDE}{datetime.now(UTC):%Y%m%dT%H%M%S}"
    aside.mkdir(mode=0o700)
    for path in there:
        if not path.exists():
            continue
        path.rename(aside / path.name)
        # What was not merged into the file yet must not be merged into another.
        for companion in (path.with_name(path.name + ending) for ending in _COMPANIONS):
            if companion.exists():
                companion.rename(aside / companion.name)
    return aside


def _bring_back(folder: Path, data_dir: Path, product: Path, manifest: BackupManifest) -> None:
    """The databases last: a stack that is started too early finds none, and not half of one."""
    names = sorted(manifest.files, key=lambda name: name in (TEMPORAL, PRODUCT))
    for name in names:
        target = product if name == PRODUCT else data_dir / name
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = target.with_name(f".{target.name}.restoring")
        shutil.copy2(folder / name, draft)
        os.replace(draft, target)


def _write_privately(file: Path, content: bytes) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
        written.write(content)


def _say(asking: Asking, name: str, manifest: BackupManifest, folder: Path) -> None:
    if asking.json:
        sys.stdout.write(f"{manifest.model_dump_json()}\n")
        return
    at = f"{manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC"
    said = phrase(name, asking.language, folder=folder, files=len(manifest.files), at=at, version=manifest.version)
    asking.console.print(said, markup=False)
