"""What the board of a move project shows: how far it is, who has to say something, and every row."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import Request

from api.cases.audiences import may_see
from api.dependencies import Context
from api.moves.launched import WorkplaceQuery, show_workplaces
from db.cases.journal import latest
from db.moves.launches import DrawnRow, count_workplaces, drawn_rows, waves_of, workplaces_of
from db.moves.projects import staged_rows_by_key
from domain.cases.events import Event
from domain.ids import WAVE, case_no_of, project_workflow_id, wave_of, wave_workflow_id
from domain.keys import Key
from domain.moves.launched.project_sheets import ProjectSheet, WaveSheet
from domain.moves.launched.wave_progress import WorkplaceStanding, WorkplaceState
from domain.moves.lists.staging import StagedList, StagedRow
from domain.moves.plans.plan import Assignment
from domain.moves.rehearsals.forecasts import Rehearsal, WaveForecast
from domain.places import Place
from web.outlines import Outline, Outlines
from web.pictures import BarPiece, LaneDay, PlannedLegState, RoomTile, Strip, bar, lanes, rooms, strip
from web.project_standing import ProjectSeen

ROWS_AT_ONCE = 50
# As many workplaces are drawn at once; of larger projects, wave by wave.
MOST_DRAWN = 160
WAVES_AT_ONCE = 20
MOST_EXCEPTIONS = 12
MOST_NEWS = 12


@dataclass(frozen=True)
class WaveShown:
    """A wave with its dates as planned, as rehearsed and as they came."""

    sheet: WaveSheet
    bar: tuple[BarPiece, ...]
    counts: tuple[tuple[WorkplaceState, int], ...]
    forecast: WaveForecast | None
    strip: Strip | None
    days: tuple[LaneDay, ...] = ()
    is_drawn: bool = False

    @property
    def noun(self) -> str:
        return "gate_state" if self.sheet.state is None else "wave_state"

    @property
    def state(self) -> str:
        return self.sheet.state or self.sheet.gate

    @property
    def is_after_plan(self) -> bool:
        """Whether more than half of all rehearsals end later than planned."""
        return self.forecast is not None and self.forecast.p50 is not None and self.forecast.p50 > self.sheet.end


@dataclass(frozen=True)
class RowShown:
    """A row of the project: what it says, what is planned, and how it stands."""

    standing: WorkplaceStanding
    name: str
    source: Place | None
    target: Place | None
    assets: tuple[str, ...]
    planned: Assignment | None

    @property
    def order(self) -> str | None:
        return self.standing.orders[-1] if self.standing.orders else None


@dataclass(frozen=True)
class NewsShown:
    event: Event
    wave: str | None


@dataclass(frozen=True)
class BoardShown:
    """`rows` is one page of those asked for; `numbers` counts the rows of each wave and state."""

    sheet: ProjectSheet
    bar: tuple[BarPiece, ...]
    counts: tuple[tuple[WorkplaceState, int], ...]
    waves: tuple[WaveShown, ...]
    earlier: tuple[WaveSheet, ...]
    later: tuple[WaveSheet, ...]
    rooms: tuple[RoomTile, ...]
    rows: tuple[RowShown, ...]
    next: str | None
    number: int
    exceptions: tuple[RowShown, ...]
    seqs: Mapping[str, int]
    news: tuple[NewsShown, ...]
    rehearsal: Rehearsal | None

    @property
    def people(self) -> frozenset[str]:
        waves = (wave.sheet for wave in self.waves)
        named = {self.sheet.launched_by, self.sheet.approver, *(hold.actor for hold in self.sheet.holds)}
        named |= {person for wave in waves for person in (wave.gate_by, wave.opened_by) if person}
        named |= {name for wave in self.waves for day in wave.days for name, _ in day.lanes}
        named |= {line.technician for wave in self.waves for day in wave.days for line in day.lines}
        named |= {row.planned.technician for row in self.rows if row.planned}
        named |= {row.standing.owner for row in self.exceptions if row.standing.owner}
        return frozenset(named | {one.event.actor.person for one in self.news})


async def board_of(
    request: Request, seen: ProjectSeen, query: WorkplaceQuery, first: str | None, caller: Key, context: Context
) -> BoardShown:
    """Of a project that has been launched."""
    assert seen.standing is not None
    assert seen.followed is not None
    outlines: Outlines = request.app.state.outlines
    sheet, outline = seen.standing.sheet, await outlines.of(seen.followed, context)
    page = await show_workplaces(sheet.project, query, caller, context)
    shown, earlier, later = window(sheet, first)
    drawn = drawn_waves(sheet, shown, query.wave)
    async with context.database.reading() as session:
        by_wave = await drawn_rows(session, sheet.project, drawn)
        open_ = [state for state in WorkplaceState if state.is_open]
        exceptions = await workplaces_of(session, sheet.project, states=open_, limit=MOST_EXCEPTIONS - 1)
        exceptions = sorted(exceptions, key=lambda row: (row.due is None, row.due, row.row))
        numbers = await count_workplaces(session, sheet.project)
        opened = [wave.id for wave in sheet.waves if wave.state is not None]
        cases = [project_workflow_id(sheet.project), *(wave_workflow_id(sheet.project, wave) for wave in opened)]
        journal = await latest(session, cases, MOST_NEWS)
        keys = {row.workplace for row in (*page.items, *exceptions)}
        staged = await staged_rows_by_key(session, seen.listed, keys) if seen.listed else {}
        troubled = {row.wave for row in exceptions}
        seqs = {row.wave: row.as_progress().seq for row in await waves_of(session, sheet.project, troubled)}
    forecasts = {one.wave: one for one in seen.rehearsal.waves} if seen.rehearsal else {}
    counted = _numbers(numbers)
    states = {row.workplace: row.state for rows in by_wave.values() for row in rows}
    return BoardShown(
        sheet=sheet,
        bar=bar(_total(counted)),
        counts=_listed(_total(counted)),
        waves=tuple(
            _wave(wave, counted.get(wave.id, Counter()), forecasts.get(wave.id), by_wave.get(wave.id), outline, seen)
            for wave in shown
        ),
        earlier=earlier,
        later=later,
        rooms=rooms((outline.targets[key], state) for key, state in states.items() if key in outline.targets),
        rows=tuple(_row(row, staged, outline) for row in page.items),
        next=page.next,
        number=_number(counted, query),
        exceptions=tuple(_row(row, staged, outline) for row in exceptions),
        seqs=seqs,
        news=tuple(
            NewsShown(event, _wave_of(row.workflow_id))
            for row in journal
            if may_see(caller, row.workflow_id, event := row.as_event())
        ),
        rehearsal=seen.rehearsal,
    )


def window(
    sheet: ProjectSheet, first: str | None
) -> tuple[tuple[WaveSheet, ...], tuple[WaveSheet, ...], tuple[WaveSheet, ...]]:
    """As many waves as can be looked at, from the first one on that is not done, and those before and after."""
    waves = sheet.waves
    if len(waves) <= WAVES_AT_ONCE:
        return waves, (), ()
    ids = [wave.id for wave in waves]
    begin = next((n for n, wave in enumerate(waves) if wave.counts.percent < 100), 0)  # noqa: PLR2004
    begin = ids.index(first) if first in ids else min(begin, len(waves) - WAVES_AT_ONCE)
    return waves[begin : begin + WAVES_AT_ONCE], waves[:begin], waves[begin + WAVES_AT_ONCE :]


def drawn_waves(sheet: ProjectSheet, shown: Sequence[WaveSheet], asked: str | None) -> Sequence[str]:
    """The waves whose rows are drawn: the one asked for, all of them, or what is going on."""
    if asked is not None:
        return [wave.id for wave in sheet.waves if wave.id == asked]
    if sheet.counts.workplaces <= MOST_DRAWN:
        return [wave.id for wave in shown]
    going_on = sorted(shown, key=lambda wave: (wave.counts.percent == 100, wave.state is None))  # noqa: PLR2004
    chosen: list[str] = []
    left = MOST_DRAWN
    for wave in going_on:
        if not chosen or wave.counts.workplaces <= left:
            chosen.append(wave.id)
            left -= wave.counts.workplaces
        else:
            break
    return chosen


def _numbers(numbers: Mapping[tuple[str, str], int]) -> dict[str, Counter[WorkplaceState]]:
    found: dict[str, Counter[WorkplaceState]] = {}
    for (wave, state), number in numbers.items():
        found.setdefault(wave, Counter())[WorkplaceState(state)] += number
    return found


def _total(counted: Mapping[str, Counter[WorkplaceState]]) -> Counter[WorkplaceState]:
    return sum(counted.values(), Counter())


def _listed(counts: Mapping[WorkplaceState, int]) -> tuple[tuple[WorkplaceState, int], ...]:
    order = (
        WorkplaceState.OK,
        WorkplaceState.IN_FLIGHT,
        WorkplaceState.EXCEPTION,
        WorkplaceState.FAILED,
        WorkplaceState.WAITING,
        WorkplaceState.SKIPPED,
        WorkplaceState.ROLLED_BACK,
    )
    return tuple((state, counts[state]) for state in order if counts.get(state))


def _number(counted: Mapping[str, Counter[WorkplaceState]], query: WorkplaceQuery) -> int:
    waves = counted.values() if query.wave is None else [counted.get(query.wave, Counter())]
    return sum(number for wave in waves for state, number in wave.items() if not query.state or state in query.state)


def _wave(
    wave: WaveSheet,
    counts: Counter[WorkplaceState],
    forecast: WaveForecast | None,
    rows: Sequence[DrawnRow] | None,
    outline: Outline,
    seen: ProjectSeen,
) -> WaveShown:
    expected = (forecast.p50, forecast.p90) if forecast and forecast.p50 and forecast.p90 else None
    actual = (wave.opened_at, wave.through_at) if wave.opened_at and wave.through_at else None
    states = {row.workplace: (row.row, row.state) for row in rows or ()}
    legs = (
        PlannedLegState(entry, *states[entry.workplace])
        for entry in outline.by_wave.get(wave.id, ())
        if entry.workplace in states
    )
    return WaveShown(
        sheet=wave,
        bar=bar(counts),
        counts=_listed(counts),
        forecast=forecast,
        strip=strip((wave.start, wave.end), expected, actual),
        days=lanes(legs, seen.zone) if rows else (),
        is_drawn=bool(rows),
    )


def _row(standing: WorkplaceStanding, staged: Mapping[str, StagedRow], outline: Outline) -> RowShown:
    row = staged.get(standing.workplace)
    move = row.move if row else None
    planned = outline.by_workplace.get(standing.workplace, ())
    return RowShown(
        standing=standing,
        name=name_of(row),
        source=move.source if move else planned[0].source if planned else None,
        target=move.target if move else outline.targets.get(standing.workplace),
        assets=move.assets if move else (),
        planned=planned[0] if planned else None,
    )


def name_of(row: StagedRow | None) -> str:
    """Who is moved, or else what."""
    if row is None:
        return ""
    if row.move is None:
        return row.said.get("person", "")
    return row.move.holder or ", ".join(row.move.assets)


def _wave_of(case: str) -> str | None:
    return wave_of(case)[1] if case_no_of(case)[0] == WAVE else None


async def names_by_row(
    rows: Sequence[WorkplaceStanding], listed: StagedList | None, context: Context
) -> dict[int, str]:
    if listed is None:
        return {}
    async with context.database.reading() as session:
        staged = await staged_rows_by_key(session, listed, [row.workplace for row in rows])
    return {row.row: name_of(staged.get(row.workplace)) for row in rows}
