"""Tying incidents together: what is found of their parts, and that neither loops nor dead ends come of it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from api.cases.standing import KNOWN_INCIDENTS, IncidentStanding
from api.dependencies import Context
from db.incidents import incident_row
from db.relations import RelationRow, coming_parts, forget, parts_of, remember, remembered, solved_with, unsolved
from db.turns import take_relations_turn
from domain.cases.incident_commands import Link, Merge, Reopen, Resolve
from domain.cases.lookups import ChildrenFound
from domain.incidents.incident import Incident
from domain.incidents.progress import OVER
from domain.incidents.relatives import MOST_CHILDREN, MOST_PARENTS, RelationKind
from domain.refusals import Problem, Refused, Unacceptable, refuse_if


async def children_found(command: Resolve | Reopen | Merge, incident: Incident, context: Context) -> ChildrenFound:
    """To whom it matters: open parts when it is solved or merged, those solved with it when it is open again."""
    async with context.database.reading() as session:
        parts = await parts_of(session, incident.no)
        coming = await coming_parts(session, incident.no, context.now)
    found = solved_with(parts, incident.no)
    if not isinstance(command, Reopen):
        found = tuple(dict.fromkeys((*unsolved(parts), *coming)))
    if max(len(parts), len(found)) > MOST_CHILDREN:
        raise Unacceptable(Problem(code="too_many_children", values={"most": str(MOST_CHILDREN)}))
    return ChildrenFound(children=found)


@asynccontextmanager
async def tied(command: object, incident: Incident, context: Context) -> AsyncIterator[None]:
    """What the command ties together is remembered from before it is told; refused, it is forgotten.

    Raises `Unacceptable` when a loop or a dead end would come of it.
    """
    tie = _tie_of(command)
    if tie is None:
        yield
        return
    async with _remembered(*tie, incident.no, incident.customer, context):
        yield


@asynccontextmanager
async def reported_as_part(no: str, customer: str, parent: str | None, context: Context) -> AsyncIterator[None]:
    """Whoever solves the parent meanwhile is asked about this part, though no table shows it yet.

    Raises `Unacceptable` when the parent takes no parts any more.
    """
    if parent is None:
        yield
        return
    async with _remembered(RelationKind.PARENT, parent, no, customer, context):
        yield


@asynccontextmanager
async def _remembered(kind: RelationKind, other: str, no: str, customer: str, context: Context) -> AsyncIterator[None]:
    await _remember(kind, other, no, customer, context)
    try:
        yield
    except Refused:
        async with context.database.writing() as session:
            await forget(session, kind, no, other)
        raise


def _tie_of(command: object) -> tuple[RelationKind, str] | None:
    match command:
        case Link(parent=str() as other):
            return RelationKind.PARENT, other
        case Merge(into=other):
            return RelationKind.MERGE, other
    return None


async def where_it_goes_on(standing: IncidentStanding, context: Context) -> IncidentStanding:
    """Itself, unless it was merged: then the one that goes on for it, through however many mergers."""
    passed = {standing.incident.no}
    while (merger := standing.progress.merger) is not None and merger.into not in passed:
        passed.add(merger.into)
        found = await KNOWN_INCIDENTS.find(merger.into, context)
        if found is None:
            break
        standing = found
    return standing


@asynccontextmanager
async def way_on(no: str, context: Context) -> AsyncIterator[None]:
    """Whoever talks to what was merged is shown where it goes on, instead of being asked to report it anew."""
    try:
        yield
    except Refused as refused:
        standing = await KNOWN_INCIDENTS.find(no, context) if _is_of_the_end(refused) else None
        if standing is None or standing.progress.merger is None:
            raise
        goes_on = (await where_it_goes_on(standing, context)).incident.no
        raise Refused(Problem(code="incident_goes_on", values={"incident": goes_on})) from refused


def _is_of_the_end(refused: Refused) -> bool:
    return any(problem.code in ("incident_is_over", "incident_state_forbids") for problem in refused.problems)


async def check_ties(command: object, incident: Incident, context: Context) -> None:
    """As it stands now: who ties anything meanwhile comes first. Raises `Unacceptable`."""
    tie = _tie_of(command)
    if tie is not None:
        found = await _other(*tie, incident.customer, context)
        async with context.database.reading() as session:
            await _check(session, tie[0], incident.no, found, context)


async def _other(kind: RelationKind, other: str, customer: str, context: Context) -> IncidentStanding:
    found = await KNOWN_INCIDENTS.find(other, context)
    if found is None or found.customer != customer:
        at = "/parent" if kind == RelationKind.PARENT else "/into"
        raise Unacceptable(Problem(code="incident_not_theirs", at=at, values={"incident": other}))
    if kind == RelationKind.PARENT:
        await _check_takes_parts(found, context)
    return found


async def _check_takes_parts(parent: IncidentStanding, context: Context) -> None:
    """Nobody would ever solve a part with what is over; what is solved may be open again."""
    progress = parent.progress
    if progress.merger is not None:
        goes_on = (await where_it_goes_on(parent, context)).incident.no
        raise Unacceptable(Problem(code="incident_goes_on", at="/parent", values={"incident": goes_on}))
    if progress.state in OVER:
        values = {"incident": parent.incident.no, "state": progress.state}
        raise Unacceptable(Problem(code="parent_over", at="/parent", values=values))


async def _check(session: AsyncSession, kind: RelationKind, no: str, other: IncidentStanding, context: Context) -> None:
    about = await remembered(session, kind, other.customer, context.now)
    problems = _parent_problems if kind == RelationKind.PARENT else _merge_problems
    refuse_if(await problems(session, no, other, about))


async def _remember(kind: RelationKind, other: str, no: str, customer: str, context: Context) -> None:
    # What no row shows yet is asked for outside: nobody waits for Temporal with the tables in hand.
    found = await _other(kind, other, customer, context)
    async with context.database.writing() as session:
        await take_relations_turn(session, customer)
        await _check(session, kind, no, found, context)
        row = RelationRow(kind=kind, no=no, other=other, customer=customer, asked_at=context.now)
        await remember(session, row)


async def _parent_problems(
    session: AsyncSession, no: str, parent: IncidentStanding, about: Mapping[str, str]
) -> list[Problem]:
    above: str | None = parent.incident.no
    for _ in range(MOST_PARENTS):
        if above is None:
            return []
        if above == no:
            return [Problem(code="part_of_itself", at="/parent")]
        row = await incident_row(session, above)
        as_known = row.parent if row else parent.progress.parent if above == parent.incident.no else None
        above = about.get(above, as_known)
    return [Problem(code="nested_too_deep", at="/parent", values={"most": str(MOST_PARENTS)})]


async def _merge_problems(
    session: AsyncSession, no: str, into: IncidentStanding, about: Mapping[str, str]
) -> list[Problem]:
    """It goes into what goes on: nothing that is over or about to go elsewhere, and nothing is coming into it."""
    row = await incident_row(session, into.incident.no)
    progress = row.as_progress() if row else into.progress
    problems = []
    if into.incident.no in about or not progress.state.is_unsolved:
        values = {"incident": into.incident.no, "state": "merged" if into.incident.no in about else progress.state}
        problems.append(Problem(code="merge_target_over", at="/into", values=values))
    own = await incident_row(session, no)
    heard = {other.incident for other in own.as_progress().merged} if own else set()
    coming = sorted(other for other, target in about.items() if target == no and other not in heard)
    if coming:
        problems.append(Problem(code="being_merged", values={"incidents": ", ".join(coming)}))
    return problems
