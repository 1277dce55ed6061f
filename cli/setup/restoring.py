"""`imac restore`: a stack comes back from a backup, whole or not at all."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from cli.asking import ASKING, Asking
from cli.errors import CliError, Exit
from cli.setup.backups import (
    ASIDE,
    DRAFT,
    MANIFEST,
    PRODUCT,
    TEMPORAL,
    BackupManifest,
    Folder,
    counts,
    digests,
    must_have_room,
    product_of,
    say,
    size_of,
)
from cli.stack.programs import must_be_whole, read_settings
from cli.stack_file import HALF_RESTORED, locked
from cli.words import phrase
from db.copies import is_open_elsewhere
from db.revisions import KNOWN

_COMPANIONS = ("-wal", "-shm", "-journal")


def restore(folder: Folder, /, *, replace: bool = False, asking: Asking = ASKING) -> None:
    """Bring a stack back from a backup, into a data directory on which nothing runs.

    Parameters
    ----------
    replace
        Move what is in the data directory aside first, into a folder within it.
    """
    settings = read_settings(asking.data_dir)
    product, data_dir = product_of(settings), settings.data_dir
    manifest = _checked(folder)
    for name in (TEMPORAL, PRODUCT):
        must_be_whole(f"sqlite:///{(folder / name).absolute()}", at_rest=True)
    with locked(data_dir):
        there = sorted(path for path in data_dir.iterdir() if counts(path, folder))
        if product.exists() and product not in there:
            there.append(product)
        if there and not replace:
            raise CliError("data_dir_not_empty", Exit.REFUSED, data_dir=data_dir, file=there[0].name)
        for file in (product, data_dir / TEMPORAL):
            if file.exists() and is_open_elsewhere(file):
                raise CliError("database_in_use", Exit.REFUSED, file=file)
        copies = _copies(data_dir, product, manifest)
        _copy(folder, copies, data_dir)
        try:
            aside = _moved_aside(data_dir, there)
            _put_in_place(copies, data_dir)
        except OSError as error:
            raise CliError("restore_broken_off", Exit.UNREACHABLE, folder=folder, reason=error) from None
    say(asking, "restored", manifest, folder)
    if aside is not None and not asking.json:
        asking.console.print(phrase("moved_aside", asking.language, folder=aside), markup=False)


def _checked(folder: Path) -> BackupManifest:
    try:
        manifest = BackupManifest.model_validate_json((folder / MANIFEST).read_bytes())
    except (OSError, ValidationError):
        raise CliError("backup_incomplete", Exit.USAGE, folder=folder) from None
    if manifest.schema_revision not in KNOWN:
        raise CliError("backup_of_newer_version", Exit.REFUSED, folder=folder, version=manifest.version)
    found = digests(folder, manifest.files)
    wrong = sorted(name for name in manifest.files if manifest.files[name] != found.get(name))
    if wrong or not {PRODUCT, TEMPORAL} <= manifest.files.keys():
        raise CliError("backup_damaged", Exit.REFUSED, folder=folder, file=wrong[0] if wrong else PRODUCT)
    return manifest


class Copy(NamedTuple):
    """On the disk of its place, so that it gets there in one step."""

    name: str
    copy: Path
    place: Path


def _copies(data_dir: Path, product: Path, manifest: BackupManifest) -> list[Copy]:
    """The databases last: a program that is started too early finds none, and not half of one."""
    copies = []
    for name in sorted(manifest.files, key=lambda name: (name in (TEMPORAL, PRODUCT), name)):
        place, copy = data_dir / name, data_dir / DRAFT / name
        if name == PRODUCT and product.resolve() != place.resolve():
            place, copy = product, product.with_name(f"{DRAFT}-{product.name}")
        copies.append(Copy(name, copy, place))
    return copies


def _copy(folder: Path, copies: list[Copy], data_dir: Path) -> None:
    """Until all is copied, nothing that is there is touched."""
    is_complete = False
    try:
        # What an earlier one has left that was broken off.
        shutil.rmtree(data_dir / DRAFT, ignore_errors=True)
        must_have_room(data_dir, size_of(folder))
        for name, copy, _ in copies:
            copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.copy2(folder / name, copy)
        is_complete = True
    except OSError as error:
        raise CliError("restore_not_begun", Exit.UNREACHABLE, folder=folder, reason=error) from None
    finally:
        if not is_complete:
            shutil.rmtree(data_dir / DRAFT, ignore_errors=True)
            for _, copy, _ in copies:
                copy.unlink(missing_ok=True)


def _moved_aside(data_dir: Path, there: list[Path]) -> Path | None:
    """From now on the directory is half of one and half of another, until all is in place; `imac up` refuses it."""
    (data_dir / HALF_RESTORED).touch(mode=0o600)
    if not there:
        return None
    aside = data_dir / f"{ASIDE}{datetime.now(UTC):%Y%m%dT%H%M%S.%f}"
    aside.mkdir(mode=0o700)
    for path in there:
        # What was not merged into the file yet must not be merged into another.
        for moved in (path, *(path.with_name(path.name + ending) for ending in _COMPANIONS)):
            if moved.exists():
                shutil.move(moved, aside / moved.name)
    return aside


def _put_in_place(copies: list[Copy], data_dir: Path) -> None:
    for _, copy, place in copies:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        copy.replace(place)
    shutil.rmtree(data_dir / DRAFT, ignore_errors=True)
    (data_dir / HALF_RESTORED).unlink()
