"""`imac maintenance`: windows in which alerts open nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter
from pydantic import JsonValue
from rich.console import RenderableType

from cli.arguments import WindowId
from cli.asking import ASKING, Asking
from cli.errors import CliError, Exit
from cli.http import parsed, path
from cli.moments import clock_at, moment
from cli.tables import filled, table
from domain.alerts.maintenance import MaintenanceWindow
from domain.people import Language

Several = Parameter(consume_multiple=True, negative="")


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class MaintenanceOptions:
    customer: str
    "Customer."
    start: Annotated[str, Parameter(name="--from")]
    "Start, in the time zone of --zone."
    until: str
    "End."
    why: str
    "Reason for the maintenance."
    site: str | None = None
    "Limit to one site."
    source: str | None = None
    "Limit to one monitoring system."
    label: Annotated[tuple[str, ...], Several] = ()
    "Limit to alerts with these labels, as NAME=PATTERN; repeat a name for alternatives."
    zone: str = "Europe/Berlin"
    "Time zone of the times given and shown."
    version: int | None = None
    "Change only this version of it: refused if somebody has changed it since."

    def as_window(self, window_id: str) -> dict[str, JsonValue]:
        match: dict[str, list[JsonValue]] = {}
        for written in self.label:
            name, sign, pattern = written.partition("=")
            if not sign:
                raise CliError("label_without_pattern", Exit.USAGE, typed=written)
            match.setdefault(name, []).append(pattern)
        return {
            "id": window_id,
            "customer": self.customer,
            "site": self.site,
            "source": self.source,
            "match": {**match},
            "start": moment(self.start, self.zone).isoformat(),
            "end": moment(self.until, self.zone).isoformat(),
            "why": self.why,
        }


async def list_windows(*, zone: str = "Europe/Berlin", asking: Asking = ASKING) -> None:
    """List current and planned windows."""
    async with asking.api() as api:
        answer = await api.get(path("maintenance"))
    asking.show(answer, lambda: windows_table(parsed(tuple[MaintenanceWindow, ...], answer), zone, asking.language))


async def plan(window: str, /, *, plan: MaintenanceOptions, asking: Asking = ASKING) -> None:
    """Schedule or change a window.

    Parameters
    ----------
    window
        Name of the window.
    """
    async with asking.api() as api:
        answer = await api.put(path("maintenance", window), plan.as_window(window), version=plan.version)
    asking.show(answer, lambda: windows_table([parsed(MaintenanceWindow, answer)], plan.zone, asking.language))


async def end(
    window: WindowId,
    /,
    *,
    version: Annotated[int | None, Parameter(help="End only this version of it.")] = None,
    asking: Asking = ASKING,
) -> None:
    """Cancel a window, or end it now."""
    async with asking.api() as api:
        await api.delete(path("maintenance", window), version=version)


def windows_table(found: Sequence[MaintenanceWindow], zone: str, language: Language) -> RenderableType:
    made = table(language, "id", "version", "customer", "from", "until", "what", "why")
    return filled(
        made,
        (
            (
                window.id,
                f"{window.version}",
                window.customer,
                clock_at(window.start, zone),
                clock_at(window.end, zone),
                covered(window),
                window.why,
            )
            for window in found
        ),
    )


def covered(window: MaintenanceWindow) -> str:
    labels = (f"{name}={'|'.join(values)}" for name, values in window.match.items())
    return ", ".join(part for part in (window.site, window.source, *labels) if part)
