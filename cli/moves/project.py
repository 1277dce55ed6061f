"""`imac project`: bringing in the list of a move, seeing what is wrong with it, and putting it right."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import httpx2
from cyclopts import Parameter
from cyclopts.validators import Number
from pydantic import BaseModel, ConfigDict, JsonValue
from rich.console import Console, RenderableType
from rich.progress import Progress
from rich.text import Text

from cli.answers import AnsweredPage
from cli.arguments import ProjectId
from cli.asking import ASKING, Asking
from cli.assets import COLUMNS
from cli.contracts.contract import content_of
from cli.contracts.matrix import write
from cli.errors import CliError, Exit
from cli.http import Api, ApiRefused, parsed, path
from cli.sheets import typed, typed_next
from cli.tables import filled, stacked, table
from cli.words import heading
from documents.wording import sentence, word
from domain.blocks import spot
from domain.contracts.contract import Contract
from domain.moves.lists.columns import Column
from domain.moves.lists.staging import RowState, StagedList, StagedRow
from domain.moves.project import Project
from domain.people import Language
from domain.places import Place, Site
from domain.refusals import Problem

COLOURS = {
    RowState.READY: "green",
    RowState.ISSUE: "red",
    RowState.CONFLICT: "yellow",
    RowState.ACCEPTED: "green",
    RowState.STAYS: "dim",
    RowState.JOINED: "dim",
}
_REMARKS = {"row_joined": RowState.JOINED}


class Issue(BaseModel):
    """As the API words it."""

    model_config = ConfigDict(extra="ignore")

    row: int
    column: str
    value: str
    code: str
    sheet: str = ""
    cell: str = ""
    message: str
    to_do: str
    is_conflict: bool
    is_remark: bool = False
    accepted: dict[str, JsonValue] | None = None


async def import_file(
    file: Path,
    /,
    *,
    project: str,
    contract: str | None = None,
    site: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    name: str | None = None,
    asking: Asking = ASKING,
) -> None:
    """Import a move list, or a newer version. All rows are kept with their issues; nothing is moved yet.

    Exits with 1 if any row needs correction.

    Parameters
    ----------
    file
        CSV, XLSX or ODS, with German or English headers.
    project
        Project id; with a contract, it is created if it does not exist.
    contract
        Contract for the project.
    site
        Site of the project; may be repeated. Defaults to the customer's first site.
    name
        Project name; defaults to its id.
    """
    content = content_of(file)
    async with asking.api() as api:
        if contract is not None:
            await _begin(api, project, contract, site, name or project)
        with Progress(*COLUMNS, console=Console(stderr=True), transient=True) as bar:
            bar.add_task(f"{file.name}, {len(content):,} bytes", total=None)
            answer = await api.upload(path("projects", project, "lists"), {}, file.name, content)
    staged = parsed(StagedList, answer)
    asking.show(answer, lambda: picture(staged, asking.language))
    if staged.with_issues or staged.with_conflicts:
        sys.exit(Exit.REFUSED)


async def _begin(api: Api, project: str, contract: str, sites: tuple[str, ...], name: str) -> None:
    """Save a project that is not there yet."""
    try:
        await api.get(path("projects", project))
    except ApiRefused as refused:
        if refused.status != httpx2.codes.NOT_FOUND:
            raise
        customer = (await api.read(Contract, path("contracts", contract))).customer
        known = [one.id for one in await api.read(tuple[Site, ...], path("sites")) if one.customer == customer]
        begun = Project(id=project, customer=customer, contract=contract, name=name, sites=sites or tuple(known[:1]))
        await api.put(path("projects", project), begun)


def picture(staged: StagedList, language: Language) -> RenderableType:
    states = table(language, ">version", ">rows", ">ready", ">with_issues", ">with_conflicts", ">accepted", ">swaps")
    counted = (staged.rows, staged.ready, staged.with_issues, staged.with_conflicts, staged.accepted, staged.swaps)
    changes = table(language, ">added", ">changed", ">unchanged", ">removed")
    changed = (staged.added, staged.changed, staged.unchanged, len(staged.removed))
    parts: list[RenderableType] = [filled(states, [(staged.version, *counted)]), filled(changes, [changed])]
    if staged.causes:
        parts.append(causes_table(staged, language))
    parts += (Text(f"{heading(name, language)}: {said}", "dim") for name, said in _aside(staged) if said)
    return stacked(*parts, *typed_next(next_lines(staged), language))


def causes_table(staged: StagedList, language: Language) -> RenderableType:
    made = table(language, ">rows", "state", "problem")
    for cause in staged.causes:
        state = RowState.CONFLICT if cause.is_conflict else RowState.ISSUE
        filled(made, [(cause.rows, _state(state, language), sentence(Problem(code=cause.code), language))])
    return made


def _aside(staged: StagedList) -> Iterator[tuple[str, str]]:
    """What was read without becoming a row that moves."""
    yield "staying", f"{staged.staying or ''}"
    yield "joined", f"{staged.joined or ''}"
    yield "no_rows", ", ".join(f"{spot(one.row, one.sheet, '') or one.row} {one.text}" for one in staged.left_out)
    yield "not_read", ", ".join(staged.ignored_columns)
    yield "sheets_not_read", ", ".join(staged.unread_sheets)
    yield "columns_not_shown", ", ".join(staged.hidden_columns)


def next_lines(staged: StagedList) -> Iterator[str]:
    """What can be typed next, the most useful first. Words in capitals are to be filled in."""
    project, codes = staged.project, {cause.code for cause in staged.causes}
    if staged.unknown_columns:
        asked = (f"{one.heading}={one.nearest or Column.IGNORED}" for one in staged.unknown_columns)
        yield typed("project", "columns", project, *asked)
    if staged.causes:
        yield typed("project", "issues", project)
    if "target_unknown" in codes:
        yield typed("project", "words", project, "floor:WORD=KNOWN")
    if "room_unlike_others" in codes:
        yield typed("project", "words", project, "room:WORD=KNOWN")
    if staged.with_conflicts:
        yield typed("project", "accept", project, "ROW", "--reason", "REASON")
    if staged.with_issues:
        yield typed("project", "export", project, "--out", f"{project}-{staged.version}.xlsx")
    if staged.ready or staged.accepted:
        yield typed("project", "plan", project)


async def issues(project: ProjectId, /, *, asking: Asking = ASKING) -> None:
    """List all issues and conflicts in the latest list, and how to resolve them."""
    async with asking.api() as api:
        answer = await api.get(path("projects", project, "issues"))
    asking.show(answer, lambda: issues_table(parsed(tuple[Issue, ...], answer), asking.language))


def issues_table(found: Sequence[Issue], language: Language) -> RenderableType:
    made = table(language, ">row", "cell", "column", "found", "state", "problem", "to_do")
    for one in found:
        state = RowState.ISSUE
        if one.is_conflict:
            state = RowState.ACCEPTED if one.accepted else RowState.CONFLICT
        elif one.is_remark:
            state = _REMARKS.get(one.code, RowState.STAYS)
        to_do = "" if state == RowState.ACCEPTED else one.to_do
        at = spot(one.row, one.sheet, one.cell)
        filled(made, [(one.row, at, one.column, one.value, _state(state, language), one.message, to_do)])
    return made


async def rows(
    project: str,
    /,
    *,
    state: RowState | None = None,
    limit: Annotated[int, Parameter(validator=Number(gte=1, lte=200))] = 50,
    cursor: str | None = None,
    asking: Asking = ASKING,
) -> None:
    """List the rows of the latest list: who moves where, in which order, and which are ready.

    Parameters
    ----------
    limit
        Maximum number of results.
    cursor
        Cursor from the previous page.
    """
    query = {"state": state, "limit": limit, "cursor": cursor}
    async with asking.api() as api:
        answer = await api.get(path("projects", project, "rows"), query)
    page = parsed(AnsweredPage[StagedRow], answer)
    asking.show(answer, lambda: rows_picture(page, asking.language))


def rows_picture(page: AnsweredPage[StagedRow], language: Language) -> RenderableType:
    headings = (
        ">row",
        "kind",
        "holder",
        "from_place",
        "target_place",
        "date",
        ">assets",
        "turn",
        "state",
        "since_last",
    )
    made = table(language, *headings)
    for row in page.items:
        stand = _turn(row, language), _state(row.state, language), word("move_row_change", row.change, language)
        number = " ".join((f"{row.row}", *filter(None, (spot(row.row, row.sheet, ""),))))
        filled(made, [(number, *_going(row, language), *stand)])
    if page.next is None:
        return made
    return stacked(made, Text(f"--cursor {page.next}", "dim"))


def _going(row: StagedRow, language: Language) -> tuple[object, ...]:
    """From the register where the row is right, else as it is written."""
    move = row.move
    if move is None:
        said = row.said
        return said.get("kind"), said.get("person") or said.get("asset"), None, None, said.get("date"), None
    return (
        word("order_kind", move.kind, language),
        move.holder,
        _short(move.source),
        _short(move.target),
        move.day,
        len(move.assets),
    )


def _short(place: Place | None) -> str | None:
    return " / ".join(part for part in (place.building, place.floor, place.room, place.desk) if part) if place else None


def _turn(row: StagedRow, language: Language) -> str:
    after = f" ← {', '.join(map(str, row.after))}" if row.after else ""
    return f"{row.turn}{after}" + (f" ({heading('interim', language)})" if row.interim else "")


def _state(state: RowState, language: Language) -> Text:
    return Text(word("move_row_state", state, language), COLOURS[state])


async def export(project: ProjectId, /, *, out: Path, asking: Asking = ASKING) -> None:
    """Export the latest list as a workbook with a column of corrections needed.

    Parameters
    ----------
    out
        Output file, such as list.xlsx.
    """
    async with asking.api() as api:
        answer = await api.get(path("projects", project, "list.xlsx"), {"lang": asking.language})
    write(out, answer.content)
    if not asking.json:
        asking.console.print(f"{out}", markup=False)


async def template(
    project: str,
    /,
    *,
    contract: str | None = None,
    site: str | None = None,
    floor: str | None = None,
    out: Path,
    asking: Asking = ASKING,
) -> None:
    """Write a move list from the register: today's places, people and assets, with empty columns for where to.

    It is imported like any other list; rows whose facts have changed since are named.

    Parameters
    ----------
    project
        Project id; with a contract, it is created if it does not exist.
    contract
        Contract for the project.
    site
        Site; defaults to the project's first one.
    floor
        Only this floor.
    out
        Output file, such as to-fill-in.xlsx.
    """
    async with asking.api() as api:
        if contract is not None:
            await _begin(api, project, contract, (site,) if site else (), project)
        where = site or (await api.read(Project, path("projects", project))).sites[0]
        query = {"site": where, "floor": floor, "lang": asking.language}
        answer = await api.get(path("projects", project, "template.xlsx"), query)
    write(out, answer.content)
    if not asking.json:
        asking.console.print(f"{out}", markup=False)


async def accept(
    project: ProjectId, /, *rows: int, reason: str, code: str | None = None, asking: Asking = ASKING
) -> None:
    """Accept conflicts of rows, with a reason. Issues cannot be accepted.

    Parameters
    ----------
    rows
        Row numbers in the list; without any, all rows with the conflict named by --code.
    reason
        Reason for accepting.
    code
        Conflict to accept; defaults to all open ones.
    """
    body: dict[str, JsonValue] = {"reason": reason}
    if code is not None:
        body["code"] = code
    async with asking.api() as api:
        numbers = rows or await _rows_with(api, project, code)
        answers = [await api.post(path("projects", project, "conflicts", f"{number}"), body) for number in numbers]
    if asking.json:
        for answer in answers:
            sys.stdout.write(f"{answer.text}\n")
    else:
        accepted = tuple(parsed(StagedRow, answer) for answer in answers)
        asking.console.print(rows_picture(AnsweredPage(items=accepted), asking.language))


async def _rows_with(api: Api, project: str, code: str | None) -> tuple[int, ...]:
    """Rows in which that conflict is open, and nothing has to be corrected."""
    if code is None:
        raise CliError("rows_or_code_needed", Exit.USAGE)
    found = await api.read(tuple[Issue, ...], path("projects", project, "issues"))
    wrong = {one.row for one in found if not one.is_conflict and not one.is_remark}
    open_ = dict.fromkeys(one.row for one in found if one.code == code and one.is_conflict and not one.accepted)
    return tuple(row for row in open_ if row not in wrong)
