"""What commands read of a launched move project before they show it or tell it something."""

import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence

import httpx2

from cli.answers import AnsweredPage
from cli.asking import Asking
from cli.cases import LARGEST_PAGE
from cli.errors import CliError, Exit
from cli.http import Api, ApiRefused, Query, parsed, path
from cli.moves.sheet import ProjectPapers, picture
from domain.moves.launched.project_sheets import ProjectSheet
from domain.moves.launched.wave_progress import WorkplaceStanding, WorkplaceState
from domain.moves.lists.staging import StagedRow
from domain.moves.project import Project
from domain.places import Site

OPEN = tuple(state for state in WorkplaceState if state.is_open)
MOST_ROWS = 500


async def show_project(asking: Asking, api: Api, answer: httpx2.Response) -> None:
    if asking.json:
        sys.stdout.write(f"{answer.text}\n")
        return
    sheet = parsed(ProjectSheet, answer)
    open_rows = by_due(await standings(api, sheet.project, OPEN)) if sheet.counts.open else []
    papers = ProjectPapers(
        sheet=sheet,
        zone=await zone_of(api, sheet.project),
        open_rows=open_rows,
        names=await names_in(api, sheet.project, open_rows),
    )
    asking.console.print(picture(papers, asking.language))


async def standing_of(api: Api, project: str) -> ProjectSheet | None:
    """None when it was not launched."""
    try:
        return await api.read(ProjectSheet, path("projects", project, "standing"))
    except ApiRefused as refused:
        if refused.status != httpx2.codes.NOT_FOUND:
            raise
        return None


async def zone_of(api: Api, project: str) -> str:
    sites = (await api.read(Project, path("projects", project))).sites
    return (await api.read(Site, path("sites", sites[0]))).access.zone


async def standings(api: Api, project: str, states: Sequence[WorkplaceState] = ()) -> list[WorkplaceStanding]:
    """All rows, or all in these states."""
    found: list[WorkplaceStanding] = []
    cursor: str | None = None
    while True:
        query: Query = {"state": states, "limit": MOST_ROWS, "cursor": cursor}
        page = await api.read(AnsweredPage[WorkplaceStanding], path("projects", project, "workplaces"), query)
        found += page.items
        if (cursor := page.next) is None:
            return found


def by_due(rows: Sequence[WorkplaceStanding]) -> list[WorkplaceStanding]:
    return sorted(rows, key=lambda row: (row.due is None, row.due, row.row))


async def names_in(api: Api, project: str, rows: Sequence[WorkplaceStanding]) -> dict[str, str]:
    """Who, or else what, is moved by these rows; rows that the newest list has no more stay without a name."""
    last = max((row.row for row in rows), default=0)
    found: dict[str, str] = {}
    cursor, read = None, 0
    while read < last:
        query = {"limit": LARGEST_PAGE, "cursor": cursor}
        page = await api.read(AnsweredPage[StagedRow], path("projects", project, "rows"), query)
        found |= {staged.key: _name(staged) for staged in page.items}
        cursor, read = page.next, page.items[-1].row if page.next else last
    return found


def _name(staged: StagedRow) -> str:
    if staged.move is None:
        return staged.said.get("person", "")
    return staged.move.holder or ", ".join(staged.move.assets)


async def to_retry(api: Api, project: str, wave: str | None) -> dict[str, list[int]]:
    """By their waves, the rows that have failed or could not begin."""
    found = [row for row in await standings(api, project, OPEN) if row.retryable and wave in (None, row.wave)]
    if not found:
        raise CliError("nothing_to_retry", Exit.REFUSED, project=project)
    return _by_wave(found)


async def waves_of(api: Api, project: str, numbers: Sequence[int], wave: str | None = None) -> dict[str, list[int]]:
    """The waves in which these rows are."""
    if not numbers:
        raise CliError("no_row_named", Exit.USAGE)
    wanted = [row for row in await standings(api, project) if wave in (None, row.wave)]
    # What an earlier list had in a row is meant only if no row of the newest stands there.
    dropped_first = sorted(wanted, key=lambda row: row.state != WorkplaceState.SKIPPED)
    known = {row.row: row for row in dropped_first}
    if missing := [number for number in numbers if number not in known]:
        raise CliError("rows_in_no_wave", Exit.REFUSED, rows=", ".join(map(str, missing)))
    return _by_wave(known[number] for number in dict.fromkeys(numbers))


def _by_wave(rows: Iterable[WorkplaceStanding]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        found[row.wave].append(row.row)
    return found
