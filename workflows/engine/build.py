"""Which version of the code this is: the package's version, and a digest of whatever decides what a case does."""

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

PLACE = Path(__file__).parents[2]
# Workflows, and the rules they ask. What activities do may change under a case: it is not done again in a replay.
DECIDING = ("domain", "workflows")
SHOWN = 12


class Build(NamedTuple):
    """`id` is what the server knows a worker's version by."""

    id: str
    digest: str


def this_build(given: str | None = None) -> Build:
    """Named after version and digest, unless it was given a name."""
    digest = code_digest()
    return Build(given or f"{version('imacflow')}-{digest[:SHOWN]}", digest)


@cache
def code_digest(place: Path = PLACE) -> str:
    """Over the sources, and the SDK that runs them: each may do something else with the same history."""
    found = hashlib.sha256(version("temporalio").encode())
    for file in sorted(file for folder in DECIDING for file in (place / folder).rglob("*.py")):
        found.update(f"\0{file.relative_to(place).as_posix()}\0".encode())
        found.update(file.read_bytes())
    return found.hexdigest()
