"""From the rows of a list to workplaces that can be planned, and the rows that cannot."""

from collections.abc import Collection, Iterable, Sequence

from domain.kinds import OrderKind
from domain.lists import normal
from domain.moves.lists.kits import KitMove
from domain.moves.lists.staging import RowState, StagedRow
from domain.moves.plans.versions import NotPlanned, PlanRequest
from domain.moves.plans.waves import Workplace
from domain.places import Place
from domain.refusals import Problem

LARGEST_KIT = 100


def plannable(
    rows: Iterable[StagedRow], kinds: Collection[OrderKind], sites: Collection[str]
) -> tuple[list[StagedRow], list[NotPlanned]]:
    """`kinds` are those the contract offers, `sites` those of the customer."""
    ready, not_planned = [], []
    for row in rows:
        if row.state in (RowState.STAYS, RowState.JOINED):
            continue
        why = _against(row, kinds, sites)
        if why:
            not_planned.append(NotPlanned(row=row.row, workplace=row.key, why=tuple(why)))
        else:
            ready.append(row)
    return ready, not_planned


def _against(row: StagedRow, kinds: Collection[OrderKind], sites: Collection[str]) -> list[Problem]:
    if row.state not in (RowState.READY, RowState.ACCEPTED) or row.move is None:
        open_ = [*row.issues, *(conflict for conflict in row.conflicts if conflict.accepted is None)]
        return [Problem(code=one.code, at=one.column, values=one.values) for one in open_]
    move = row.move
    problems = []
    if move.kind not in kinds:
        problems.append(Problem(code="kind_not_offered", values={"kind": move.kind}))
    strange = {place.site for place in (move.source, move.target) if place is not None} - set(sites)
    problems += [Problem(code="site_unknown", values={"site": site}) for site in sorted(strange)]
    return problems


def workplaces_of(rows: Sequence[StagedRow], request: PlanRequest, home: str) -> list[Workplace]:
    """`home` is the site of what stands nowhere and goes nowhere."""
    names: dict[str, str] = {}
    return [in_wave(_workplace(row, row.move, request, home, names), request) for row in rows if row.move is not None]


def _workplace(row: StagedRow, move: KitMove, request: PlanRequest, home: str, names: dict[str, str]) -> Workplace:
    effort = request.effort(move.kind)
    source, target = _ends(move, home)
    return Workplace(
        key=row.key,
        row=row.row,
        kind=move.kind,
        source=source,
        target=target,
        kit=min(len(move.assets), LARGEST_KIT),
        minutes=effort.minutes or request.minutes,
        skills=effort.skills,
        vendor=effort.carrier,
        day=move.day,
        hour=move.hour,
        # People write the same wave in several ways; the first one counts.
        group=names.setdefault(normal(move.wave), move.wave) if move.wave else None,
    )


def _ends(move: KitMove, home: str) -> tuple[Place, Place]:
    """What is installed takes nobody's desk away, what is taken down comes to none."""
    source = move.source or (move.target or Place(site=home)).but(desk=None)
    if move.kind == OrderKind.INSTALL:
        source = source.but(desk=None)
    return source, move.target or source.but(desk=None)


def in_wave(workplace: Workplace, request: PlanRequest) -> Workplace:
    """Bound to the one wave that people or the list mean, if the list names one by id or by its group."""
    bound, waves = request.bound.get(workplace.key), request.waves
    if bound is not None:
        return workplace.but(wave=bound, day=None, hour=None)
    if workplace.group is None:
        return workplace
    said = normal(workplace.group)
    named = [wave for wave in waves if normal(wave.id) == said]
    grouped = [wave for wave in waves if wave.group is not None and normal(wave.group) == said]
    here = [wave for wave in grouped if wave.takes(workplace.but(group=wave.group))]
    if named or len(here) == 1:
        return workplace.but(wave=(named or here)[0].id)
    return workplace.but(group=grouped[0].group) if grouped else workplace
