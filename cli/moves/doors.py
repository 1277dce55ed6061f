"""`imac project doors`: who moves into which room, on the screen or as sheets for its doors."""

from pathlib import Path

from rich.console import RenderableType

from cli.arguments import ProjectId
from cli.asking import ASKING, Asking
from cli.contracts.matrix import write
from cli.http import parsed, path
from cli.tables import filled, table
from documents.doors import printed_doors
from domain.moves.reports.doors import DoorSheets
from domain.people import Language


async def doors(
    project: ProjectId, /, *, room: str | None = None, out: Path | None = None, asking: Asking = ASKING
) -> None:
    """Show who moves into which room, or save a sheet for each door as a PDF.

    Parameters
    ----------
    room
        Only rooms of this name.
    out
        Output file; without one the rooms are shown.
    """
    async with asking.api() as api:
        if out is None:
            answer = await api.get(path("projects", project, "doors"), {"room": room})
            asking.show(answer, lambda: picture(parsed(DoorSheets, answer), asking.language))
            return
        answer = await api.get(path("projects", project, "doors.pdf"), {"room": room, "lang": asking.language})
    write(out, answer.content)
    if not asking.json:
        asking.console.print(f"{out}", markup=False)


def picture(sheets: DoorSheets, language: Language) -> RenderableType:
    rows = (
        (door.place, door.room, desk.desk, desk.person, desk.whence, desk.when)
        for door in printed_doors(sheets, language).doors
        for desk in door.desks
    )
    return filled(table(language, "place", "room", "desk", "person", "from", "when"), rows)
