"""`make release-histories version=0.1.0`: what runs under a release must replay under every later one.

The recordings of this moment become the release's own, with those of the stories that show a turn no other shows, in a
folder that nobody writes to again: `SHA256SUMS` says what was in it.
"""

import hashlib
import re
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.histories import FOLDER, RELEASED
from tests.histories.lives import chosen

SUMS = "SHA256SUMS"
_VERSION = re.compile(r"\d+\.\d+\.\d+")


def release(version: str, lives: Path, source: Path = FOLDER, released: Path = RELEASED) -> Path:
    """Raises `ValueError` for what is no version, `FileExistsError` for one that was released before."""
    if not _VERSION.fullmatch(version):
        raise ValueError(version)
    target = released / version
    target.mkdir(parents=True)
    recorded = {path.name: path for path in (*source.glob("*.json.gz"), *(source / "alerts").glob("*.json.gz"))}
    for name, path in (recorded | {path.name: path for path in chosen(lives)}).items():
        shutil.copyfile(path, target / name)
    (target / SUMS).write_text(sums(target.glob("*.json.gz")))
    return target


def sums(histories: Iterable[Path]) -> str:
    """As sha256sum writes and checks it."""
    lines = (f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(histories))
    return "".join(lines)


if __name__ == "__main__":
    print(release(sys.argv[1], Path(sys.argv[2])))  # noqa: T201
