"""Where letters end that are waited for: notes of each when it was handed over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from temporalio import activity

from connectors.channels import Letter


@dataclass(frozen=True)
class Sink:
    """A channel, and an activity that notes just the same for workflows that write no letters."""

    notes: Path
    name: str = "sink"

    async def send(self, letter: Letter) -> None:
        self._write(letter.key)

    @activity.defn
    async def note(self, key: str) -> None:
        self._write(key)

    def read(self) -> Mapping[str, datetime]:
        """When each key was noted first."""
        seen: dict[str, datetime] = {}
        for line in self.notes.read_text().splitlines() if self.notes.exists() else ():
            at, key = line.split(" ", 1)
            seen.setdefault(key, datetime.fromisoformat(at))
        return seen

    def _write(self, key: str) -> None:
        at = datetime.now(UTC)
        with self.notes.open("a") as notes:
            notes.write(f"{at.isoformat()} {key}\n")


def sink_in(folder: Path) -> Sink:
    return Sink(folder / "sink")
