"""The rows of a launched move project as its report has them: with what came of each, why, and what it took."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from domain.cases.move_commands import WithdrawRows
from domain.kinds import OrderKind
from domain.moves.launched.wave_progress import WorkplaceStanding, WorkplaceState
from domain.moves.lists.staging import StagedRow
from domain.moves.plans.plan import Assignment
from domain.moves.reports.gantt import not_begun
from domain.moves.reports.records import ProjectRecords, order_numbers
from domain.places import Place
from domain.refusals import Problem
from domain.times import Instant
from domain.values import AssetTag, Slug, Value


class ReportedRow(Value):
    """One row of the list that the plan was made from, with what all of its orders took and cost.

    Without `wave` the plan has no time for it. `kind` is None where nobody could read it. Times are from the first
    begin to the last end.
    """

    row: int
    workplace: Slug
    kind: OrderKind | None = None
    wave: Slug | None = None
    state: WorkplaceState
    why: tuple[Problem, ...] = ()
    holder: str | None = None
    source: Place | None = None
    target: Place | None = None
    assets: tuple[AssetTag, ...] = ()
    technicians: tuple[Slug, ...] = ()
    planned_start: Instant | None = None
    planned_end: Instant | None = None
    started_at: Instant | None = None
    ended_at: Instant | None = None
    orders: tuple[Slug, ...] = ()
    minutes: int = 0
    amount: Decimal | None = None
    owner: Slug | None = None
    due: Instant | None = None


def reported_rows(records: ProjectRecords) -> list[ReportedRow]:
    """As they stand in the list."""
    return sorted(_Rows(records).all(), key=lambda row: (row.row, row.workplace))


class _Rows:
    """Everything that is looked up row by row."""

    def __init__(self, records: ProjectRecords) -> None:
        self._records = records
        self._standings = {standing.workplace: standing for standing in records.standings}
        self._by_number = {row.row: row for row in records.rows}
        # The first row of a key is the right one; the others were refused.
        self._by_key = {row.key: row for row in reversed(records.rows)}
        self._numbers = {workplace.key: workplace.row for workplace in records.plan.basis.workplaces}
        self._planned: dict[str, list[Assignment]] = defaultdict(list)
        for entry in records.plan.plan.assignments:
            self._planned[entry.workplace].append(entry)
        self._cost: dict[str, Decimal] = defaultdict(Decimal)
        for line in records.entries or ():
            self._cost[line.order] += line.amount
        self._withdrawn = dict(_withdrawn(records))

    def all(self) -> Iterator[ReportedRow]:
        for standing in self._standings.values():
            yield self._begun(standing)
        for key, entries in self._planned.items():
            if key not in self._standings:
                yield self._not_begun(key, entries[0].wave)
        for left in self._records.plan.plan.left_over:
            if left.workplace not in self._standings:
                yield self._left_out(self._by_key.get(left.workplace), left.workplace, left.why)
        for row in self._records.plan.not_planned:
            begun = self._standings.get(row.workplace)
            if begun is None or begun.row != row.row:
                yield self._left_out(self._by_number.get(row.row), row.workplace, row.why)

    def _begun(self, standing: WorkplaceStanding) -> ReportedRow:
        known = self._planned_row(standing.row, standing.workplace, standing.wave)
        numbers = order_numbers(self._records.launch.project, standing.legs)
        orders = {no: self._records.orders[no] for no in numbers if no in self._records.orders}
        did = dict.fromkeys(facts.technician for facts in orders.values() if facts.technician)
        return known.but(
            kind=standing.kind,
            state=standing.state,
            why=self._why(standing),
            technicians=tuple(did) or known.technicians,
            started_at=standing.started_at,
            ended_at=standing.ended_at,
            orders=tuple(orders),
            minutes=sum(facts.minutes for facts in orders.values()),
            amount=None if self._records.entries is None else sum((self._cost[no] for no in orders), Decimal(0)),
            owner=standing.owner,
            due=standing.due,
        )

    def _why(self, standing: WorkplaceStanding) -> tuple[Problem, ...]:
        if standing.problem is not None:
            return (standing.problem,)
        if standing.state not in (WorkplaceState.SKIPPED, WorkplaceState.ROLLED_BACK):
            return ()
        withdrawn = self._withdrawn.get((standing.wave, standing.row))
        return (withdrawn,) if withdrawn is not None else _called_off(self._records)

    def _not_begun(self, key: str, wave_id: str) -> ReportedRow:
        row = self._planned_row(self._numbers[key], key, wave_id)
        state = not_begun(self._records.progress, wave_id)
        return row.but(state=state, why=_called_off(self._records) if state == WorkplaceState.SKIPPED else ())

    def _planned_row(self, number: int, key: str, wave: str) -> ReportedRow:
        entries = self._planned[key]
        staged = self._by_key.get(key)
        return self._row(staged, number, key).but(
            wave=wave,
            technicians=tuple(dict.fromkeys(entry.technician for entry in entries)),
            planned_start=min((entry.start for entry in entries), default=None),
            planned_end=max((entry.end for entry in entries), default=None),
        )

    def _left_out(self, staged: StagedRow | None, key: str, why: tuple[Problem, ...]) -> ReportedRow:
        number = staged.row if staged is not None else self._numbers.get(key, 0)
        return self._row(staged, number, key).but(state=WorkplaceState.SKIPPED, why=why)

    def _row(self, staged: StagedRow | None, number: int, key: str) -> ReportedRow:
        nothing = None if self._records.entries is None else Decimal(0)
        row = ReportedRow(row=number, workplace=key, state=WorkplaceState.WAITING, amount=nothing)
        if staged is None:
            return row
        move = staged.move
        if move is None:
            return row.but(holder=staged.said.get("person"))
        return row.but(kind=move.kind, holder=move.holder, source=move.source, target=move.target, assets=move.assets)


def _withdrawn(records: ProjectRecords) -> Iterator[tuple[tuple[str, int], Problem]]:
    for wave, facts in records.waves.items():
        for given in facts.given:
            if isinstance(given.command, WithdrawRows):
                why = Problem(code="row_withdrawn", values={"reason": given.command.reason})
                yield from (((wave, row), why) for row in given.command.rows)


def _called_off(records: ProjectRecords) -> tuple[Problem, ...]:
    command = records.progress.called_off
    return () if command is None else (Problem(code="row_called_off", values={"reason": command.reason}),)
