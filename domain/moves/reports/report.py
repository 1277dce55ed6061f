"""The report of a move project: what moved, what did not and why, what it took and cost, how it kept its plan."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from domain.cases.move_commands import Adopt, CallOff, Go, RefuseGo
from domain.contracts.customers import Customer
from domain.moves.launched.events import MoveHappening
from domain.moves.launched.project_progress import GateState, ProjectState, WaveStanding
from domain.moves.launched.wave_course import counts
from domain.moves.launched.wave_progress import WaveCounts, WaveState, WorkplaceState
from domain.moves.reports.gantt import ended_at
from domain.moves.reports.records import LedgerLine, ProjectRecords
from domain.moves.reports.rows import ReportedRow, reported_rows
from domain.refusals import Problem
from domain.times import Instant
from domain.values import Line, Slug, Text, Value


class ReportedException(Value):
    """A row that a person has to settle until `due`, or that was left so when the project ended."""

    row: int
    workplace: Slug
    wave: Slug
    state: WorkplaceState
    why: tuple[Problem, ...]
    owner: Slug | None
    due: Instant | None


class BrokenPromise(Value):
    """A promise to the customer that an order of the row did not keep."""

    row: int
    wave: Slug
    order: Slug
    clock: Line
    broken_at: Instant


class ReportedCharge(LedgerLine):
    row: int
    wave: Slug


class GateWord(Value):
    """What was said about a gate and by whom; without `by` it opened itself on its date."""

    wave: Slug
    at: Instant
    what: Slug
    by: Slug | None = None
    reason: Text | None = None


class Tally(Value):
    """`minutes` are as they were logged; `amount` is None for whoever may not read charges."""

    counts: WaveCounts
    orders: int
    minutes: int
    amount: Decimal | None
    missed: int


class ReportedWave(Tally):
    """It `ended` when its last row was settled; `late_minutes` are negative when that was before its time."""

    id: Slug
    state: WaveState | None
    gate: GateState
    planned_start: Instant
    planned_end: Instant
    started_at: Instant | None
    ended_at: Instant | None
    late_minutes: int | None


class ProjectReport(Value):
    """`interim` as long as the project is under way, `names` are those of its people.

    `total` counts rows for which the plan has no time among the skipped ones.
    """

    project: Slug
    name: Line
    customer: Slug
    customer_name: Line
    contract: Slug
    zone: str
    at: Instant
    interim: bool
    state: ProjectState
    plans: tuple[int, ...]
    launched_at: Instant
    launched_by: Slug
    approver: Slug
    planned_end: Instant | None
    ended_at: Instant | None
    called_off: CallOff | None
    total: Tally
    waves: tuple[ReportedWave, ...]
    gates: tuple[GateWord, ...]
    exceptions: tuple[ReportedException, ...]
    missed: tuple[BrokenPromise, ...]
    rows: tuple[ReportedRow, ...]
    charges: tuple[ReportedCharge, ...] | None
    names: dict[Slug, Line] = {}

    @property
    def people(self) -> frozenset[str]:
        """Everybody in it, by id."""
        found = {self.launched_by, self.approver, *(word.by for word in self.gates)}
        for row in self.rows:
            found.update((*row.technicians, row.owner))
        return frozenset(person for person in found if person is not None)


def report(records: ProjectRecords, customer: Customer, at: datetime) -> ProjectReport:
    """As things stand at that moment. Whoever has the names of the people in it adds them."""
    launch, progress = records.launch, records.progress
    rows = reported_rows(records)
    missed = tuple(_missed(records, rows))
    waves = tuple(_waves(records, rows, missed))
    ends = [wave.ended_at for wave in waves if wave.ended_at is not None]
    return ProjectReport(
        project=launch.project,
        name=launch.name,
        customer=customer.id,
        customer_name=customer.name,
        contract=launch.contract,
        zone=launch.zone,
        at=at,
        interim=not progress.state.is_final,
        state=progress.state,
        plans=(launch.plan, *(one.command.plan for one in progress.given if isinstance(one.command, Adopt))),
        launched_at=launch.received_at,
        launched_by=launch.launched_by,
        approver=launch.approver,
        planned_end=max((wave.planned_end for wave in waves), default=None),
        ended_at=max(ends, default=None) if progress.is_through else None,
        called_off=progress.called_off,
        total=_tally(records, rows, missed),
        waves=waves,
        gates=tuple(sorted(_gates(records), key=lambda word: word.at)),
        exceptions=tuple(_exceptions(rows)),
        missed=missed,
        rows=tuple(rows),
        charges=_charges(records, rows),
    )


def _gates(records: ProjectRecords) -> Iterator[GateWord]:
    for given in records.progress.given:
        command = given.command
        if isinstance(command, Go | RefuseGo):
            yield GateWord(
                wave=command.wave, at=given.given_at, what=command.type, by=given.actor.person, reason=command.reason
            )
    for wave in records.progress.waves:
        if wave.opened_at is not None and wave.opened_by is None:
            yield GateWord(wave=wave.id, at=wave.opened_at, what=MoveHappening.WAVE_OPENED)


def _waves(
    records: ProjectRecords, rows: Iterable[ReportedRow], missed: Sequence[BrokenPromise]
) -> Iterator[ReportedWave]:
    inside: dict[str | None, list[ReportedRow]] = defaultdict(list)
    for row in rows:
        inside[row.wave].append(row)
    for wave in records.progress.waves:
        facts = records.waves.get(wave.id)
        tally = _tally(records, inside[wave.id], [one for one in missed if one.wave == wave.id])
        yield _wave(wave, facts.state if facts else wave.state, inside[wave.id], tally)


def _wave(wave: WaveStanding, state: WaveState | None, rows: Iterable[ReportedRow], tally: Tally) -> ReportedWave:
    ended = ended_at(wave, (row.ended_at for row in rows))
    return ReportedWave(
        **dict(tally),
        id=wave.id,
        state=state,
        gate=wave.gate,
        planned_start=wave.brief.start,
        planned_end=wave.brief.end,
        started_at=wave.opened_at,
        ended_at=ended,
        late_minutes=round((ended - wave.brief.end).total_seconds() / 60) if ended else None,
    )


def _tally(records: ProjectRecords, rows: Sequence[ReportedRow], missed: Sequence[BrokenPromise]) -> Tally:
    amounts = (row.amount for row in rows if row.amount is not None)
    return Tally(
        counts=counts(row.state for row in rows),
        orders=sum(len(row.orders) for row in rows),
        minutes=sum(row.minutes for row in rows),
        amount=None if records.entries is None else sum(amounts, Decimal(0)),
        missed=len(missed),
    )


def _exceptions(rows: Iterable[ReportedRow]) -> Iterator[ReportedException]:
    for row in rows:
        if row.state.is_open and row.wave is not None:
            yield ReportedException(
                row=row.row,
                workplace=row.workplace,
                wave=row.wave,
                state=row.state,
                why=row.why,
                owner=row.owner,
                due=row.due,
            )


def _missed(records: ProjectRecords, rows: Iterable[ReportedRow]) -> Iterator[BrokenPromise]:
    for row in rows:
        for order in row.orders:
            for clock, at in records.orders[order].broken:
                assert row.wave is not None  # what has an order is in a wave
                yield BrokenPromise(row=row.row, wave=row.wave, order=order, clock=clock, broken_at=at)


def _charges(records: ProjectRecords, rows: Iterable[ReportedRow]) -> tuple[ReportedCharge, ...] | None:
    if records.entries is None:
        return None
    lines: dict[str, list[LedgerLine]] = defaultdict(list)
    for line in records.entries:
        lines[line.order].append(line)
    return tuple(
        ReportedCharge(**dict(line), row=row.row, wave=row.wave)
        for row in rows
        if row.wave is not None
        for order in row.orders
        for line in lines[order]
    )
