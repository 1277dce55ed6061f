"""Histories of orders and pages as they once ran: whatever the code becomes, it must still be able to replay them."""

import gzip
from pathlib import Path

from temporalio.client import WorkflowHistory

FOLDER = Path(__file__).parent
# One folder for each release, never recorded anew: cases that began under it may still run.
RELEASED = FOLDER / "released"


def names() -> list[str]:
    return sorted(path.name.removesuffix(".json.gz") for path in FOLDER.glob("*.json.gz"))


def released() -> list[str]:
    """The histories of all releases, as `recorded` knows them."""
    return sorted(f"{path.relative_to(FOLDER)}".removesuffix(".json.gz") for path in RELEASED.glob("*/*.json.gz"))


def recorded(name: str) -> WorkflowHistory:
    written = gzip.decompress((FOLDER / f"{name}.json.gz").read_bytes()).decode()
    return WorkflowHistory.from_json(f"recorded/{name}", written)


def keep(name: str, history: WorkflowHistory) -> None:
    (FOLDER / f"{name}.json.gz").write_bytes(gzip.compress(history.to_json().encode(), mtime=0))
