"""`imac order run-sheet`: a technician's visits of one day, on the screen or on paper."""

from datetime import date
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import RenderableType

from cli.asking import ASKING, Asking
from cli.contracts.matrix import write
from cli.http import parsed, path
from cli.tables import filled, table
from documents.run_sheets import printed_run_sheet
from domain.orders.run_sheets import RunSheet
from domain.people import Language

TechnicianId = Annotated[str, Parameter(help="Technician.")]
OnDay = Annotated[date, Parameter(help="Day, by the clock at the sites.")]


async def run_sheet(
    technician: TechnicianId, /, *, day: OnDay, out: Path | None = None, asking: Asking = ASKING
) -> None:
    """Show a technician's visits of one day, or save them as a PDF to take along.

    Parameters
    ----------
    out
        Output file; without one the sheet is shown.
    """
    where = path("run-sheets", technician)
    async with asking.api() as api:
        if out is None:
            answer = await api.get(where, {"day": day.isoformat()})
            asking.show(answer, lambda: picture(parsed(RunSheet, answer), asking.language))
            return
        printed = await api.get(f"{where}/pdf", {"day": day.isoformat(), "lang": asking.language})
    write(out, printed.content)
    if not asking.json:
        asking.console.print(f"{out}", markup=False)


def picture(sheet: RunSheet, language: Language) -> RenderableType:
    rows = (
        (stop.window, stop.person, stop.way, stop.no, "\n".join(f"{one.tag} {one.name}" for one in stop.devices))
        for stop in printed_run_sheet(sheet, language).stops
    )
    return filled(table(language, "when", "person", "place", "order", "assets"), rows)
