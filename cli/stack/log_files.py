"""Log files that programs hold open are kept small: what they hold is copied away, and they begin anew."""

import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

LARGEST = 10 * 1024 * 1024
KEPT = 4


def keep_small(files: Iterable[Path], largest: int = LARGEST) -> None:
    """Lines written in the moment between copying and emptying are lost; programs must append."""
    for file in files:
        with suppress(OSError):
            if file.stat().st_size > largest:
                _turn(file)


def _turn(file: Path) -> None:
    older = [file, *(file.with_name(f"{file.name}.{n}") for n in range(1, KEPT + 1))]
    for younger, elder in zip(older[-2:0:-1], older[:1:-1], strict=True):
        if younger.exists():
            younger.replace(elder)
    try:
        shutil.copyfile(file, older[1])
    except OSError:
        # The disk is full: room is worth more than what has been.
        older[1].unlink(missing_ok=True)
    with file.open("r+b") as opened:
        opened.truncate(0)
