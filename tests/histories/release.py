"""`make release-histories version=0.1.0`: what runs under a release must replay under every later one.

The recordings of this moment become the release's own, in a folder that nobody writes to again.
"""

import re
import shutil
import sys
from pathlib import Path

from tests.histories import FOLDER, RELEASED

_VERSION = re.compile(r"\d+\.\d+\.\d+")


def release(version: str, source: Path = FOLDER, released: Path = RELEASED) -> Path:
    """Raises `ValueError` for what is no version, `FileExistsError` for one that was released before."""
    if not _VERSION.fullmatch(version):
        raise ValueError(version)
    target = released / version
    target.mkdir(parents=True)
    for history in sorted(source.glob("*.json.gz")):
        shutil.copyfile(history, target / history.name)
    return target


if __name__ == "__main__":
    print(release(sys.argv[1]))  # noqa: T201
