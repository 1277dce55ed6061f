"""`imac project launch`, `show`, `watch` …: starting a planned move, seeing how it stands and following it."""

import sys
from dataclasses import asdict, dataclass
from typing import Annotated

import httpx2
from cyclopts import Parameter
from cyclopts.validators import Number
from rich.text import Text

from cli.answers import AnsweredPage
from cli.arguments import ProjectId
from cli.asking import ASKING, Asking
from cli.cases import LARGEST_PAGE, Several
from cli.errors import CliError, Exit
from cli.http import Api, parsed, path, unreachable
from cli.moments import clock_at
from cli.moves import project as projects
from cli.moves.board import ProjectBoard, follow
from cli.moves.events import events_table
from cli.moves.papers import OPEN, by_due, names_in, show_project, standing_of, standings, zone_of
from cli.moves.sheet import rows_table
from cli.orders.outcomes import messages_table
from cli.tables import stacked
from cli.words import phrase
from domain.cases.events import Event
from domain.cases.notices import NoticeAttempt
from domain.moves.launched.project_progress import ProjectState
from domain.moves.launched.project_sheets import ProjectSheet
from domain.moves.launched.wave_progress import WorkplaceStanding, WorkplaceState
from domain.moves.lists.staging import RowState

UNEXPECTED = frozenset({ProjectState.DONE_WITH_EXCEPTIONS, ProjectState.CALLED_OFF})


async def launch(project: ProjectId, /, *, asking: Asking = ASKING) -> None:
    """Launch the latest approved plan. Repeating this does not launch the project twice."""
    async with asking.api() as api:
        before = await standing_of(api, project)
        answer = await api.post(path("projects", project, "launch"), {})
        if not asking.json:
            said = "launched" if before is None else "launched_before"
            sheet = parsed(ProjectSheet, answer)
            at = clock_at(sheet.launched_at, await zone_of(api, project))
            asking.console.print(Text(phrase(said, asking.language, at=at, by=sheet.launched_by), "bold"))
        await show_project(asking, api, answer)


async def show(project: ProjectId, /, *, asking: Asking = ASKING) -> None:
    """Show a launched project: waves with gates, exceptions and the next command."""
    async with asking.api() as api:
        await show_project(asking, api, await api.get(path("projects", project, "standing")))


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Rows:
    wave: str | None = None
    "Filter by wave."
    state: Annotated[tuple[RowState | WorkplaceState, ...], Several] = ()
    "Filter by state."
    limit: Annotated[int, Parameter(validator=Number(gte=1, lte=LARGEST_PAGE))] = 50
    "Maximum number of results."
    cursor: str | None = None
    "Cursor from the previous page."

    @property
    def of_list(self) -> tuple[RowState, ...]:
        return tuple(one for one in self.state if isinstance(one, RowState))


EVERYTHING = Rows()


async def rows(
    project: ProjectId,
    /,
    *,
    wanted: Rows = EVERYTHING,
    staged: Annotated[bool, Parameter(negative="")] = False,
    asking: Asking = ASKING,
) -> None:
    """List the rows of a launched project with their status; before launch, or with list states, its latest list.

    Parameters
    ----------
    staged
        Show the latest list even after launch: who moves where, in which order, and which rows are ready.
    """
    listed = wanted.of_list
    if listed and (len(wanted.state) > 1 or wanted.wave):
        states = {"listed": ", ".join(RowState), "launched": ", ".join(WorkplaceState)}
        raise CliError("one_state_only", Exit.USAGE, **states)
    async with asking.api() as api:
        if not (staged or listed) and (wanted.wave or wanted.state or await standing_of(api, project)):
            await _show_rows(
                asking, api, project, await api.get(path("projects", project, "workplaces"), asdict(wanted))
            )
            return
    state = listed[0] if listed else None
    await projects.rows(project, state=state, limit=wanted.limit, cursor=wanted.cursor, asking=asking)


async def _show_rows(asking: Asking, api: Api, project: str, answer: httpx2.Response) -> None:
    if asking.json:
        sys.stdout.write(f"{answer.text}\n")
        return
    page = parsed(AnsweredPage[WorkplaceStanding], answer)
    names = await names_in(api, project, page.items)
    made = rows_table(page.items, names, await zone_of(api, project), asking.language)
    more = [] if page.next is None else [Text(f"--cursor {page.next}", "dim")]
    asking.console.print(stacked(made, *more))


async def exceptions(project: ProjectId, /, *, asking: Asking = ASKING) -> None:
    """List rows that need attention, most urgent first."""
    async with asking.api() as api:
        found = by_due(await standings(api, project, OPEN))
        if asking.json:
            sys.stdout.write(f"{AnsweredPage[WorkplaceStanding](items=tuple(found)).model_dump_json()}\n")
            return
        names, zone = await names_in(api, project, found), await zone_of(api, project)
    asking.console.print(rows_table(found, names, zone, asking.language))


async def timeline(project: ProjectId, /, *, wave: str | None = None, asking: Asking = ASKING) -> None:
    """Show the history of a project and its waves.

    Parameters
    ----------
    wave
        Filter by wave.
    """
    async with asking.api() as api:
        answer = await api.get(path("projects", project, "timeline"), {"wave": wave})
        zone = await zone_of(api, project)
    asking.show(answer, lambda: events_table(parsed(tuple[Event, ...], answer), zone, asking.language))


async def messages(project: ProjectId, /, *, asking: Asking = ASKING) -> None:
    """List the messages about a project and its waves: every delivery attempt with its result."""
    async with asking.api() as api:
        answer = await api.get(path("projects", project, "notices"))
        zone = await zone_of(api, project)
    asking.show(answer, lambda: messages_table(parsed(tuple[NoticeAttempt, ...], answer), zone, asking.language))


async def watch(
    project: ProjectId, /, *, once: Annotated[bool, Parameter(negative="")] = False, asking: Asking = ASKING
) -> None:
    """Follow a launched project until it is closed, with a progress bar per wave.

    Exits with 1 if it was cancelled or ended with exceptions.

    Parameters
    ----------
    once
        Show progress once and exit.
    """
    if once:
        await _look_once(project, asking)
        return
    async with asking.api() as api:
        try:
            # Connected first and read afterwards, nothing can happen in between unseen.
            async with api.events() as source:
                state = await follow(api, project, source, asking)
        except httpx2.TransportError as error:
            raise unreachable(api.client.base_url, error) from None
    if state in UNEXPECTED:
        sys.exit(Exit.REFUSED)


async def _look_once(project: str, asking: Asking) -> None:
    async with asking.api() as api:
        answer = await api.get(path("projects", project, "standing"))
        zone = await zone_of(api, project)
    asking.show(answer, lambda: ProjectBoard(parsed(ProjectSheet, answer), zone, asking).picture())
