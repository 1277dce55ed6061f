"""What everybody on site can see: where each order stands, and how each leg has gone so far."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from activities.records import CaseEntry, OrderEntry, ProjectEntry, WaveEntry
from domain.cases.events import Event, Happening
from domain.kinds import OrderState
from domain.moves.launched.events import MoveHappening
from domain.moves.launched.wave_progress import LegStatus, WorkplaceStanding
from domain.moves.plans.launches import leg_id
from domain.moves.plans.plan import Assignment
from domain.moves.rehearsals.rehearsal import LegRun, Missed, RehearsalPack, RowTrouble
from domain.orders.order import Order, ProjectPart
from domain.orders.progress import Progress


@dataclass
class LegNotes:
    """What is noted of a leg while it is under way."""

    row: int
    planned: Assignment
    began: datetime | None = None
    ended: datetime | None = None
    bound_by: str | None = None
    troubles: set[RowTrouble] = field(default_factory=set)

    @property
    def leg(self) -> str:
        return leg_id(self.planned.workplace, self.planned.leg)

    def as_run(self) -> LegRun:
        return LegRun(
            leg=self.leg,
            workplace=self.planned.workplace,
            row=self.row,
            wave=self.planned.wave,
            technician=self.planned.technician,
            planned_start=self.planned.start,
            planned_end=self.planned.end,
            began=self.began,
            ended=self.ended,
            bound_by=self.bound_by,
            troubles=frozenset(self.troubles),
        )


@dataclass(frozen=True)
class OrderOnBoard:
    order: Order
    progress: Progress

    @property
    def part(self) -> ProjectPart:
        assert self.order.part is not None  # a rehearsal has no other orders
        return self.order.part

    @property
    def leg(self) -> str:
        return leg_id(self.part.workplace, self.part.leg)


class Whiteboard:
    """Everybody looks at it; who listens is called whenever something is written."""

    def __init__(self, pack: RehearsalPack) -> None:
        self.orders: dict[str, OrderOnBoard] = {}
        self.rows: dict[int, WorkplaceStanding] = {}
        self.waves: dict[str, datetime] = {}
        self.missed: set[Missed] = set()
        self.last_ended: str | None = None
        self.listeners: list[Callable[[CaseEntry], None]] = []
        self._rows = pack.rows
        planned = (LegNotes(pack.rows[entry.workplace].row, entry) for entry in pack.plan.plan.assignments)
        self.legs = {notes.leg: notes for notes in planned}

    def hear(self, entry: CaseEntry) -> None:
        match entry:
            case OrderEntry():
                self._note_order(entry)
            case WaveEntry():
                self._note_wave(entry)
            case ProjectEntry():
                pass
        for listen in self.listeners:
            listen(entry)

    def note_trouble(self, order: str, trouble: RowTrouble) -> None:
        if order in self.orders:
            self.legs[self.orders[order].leg].troubles.add(trouble)

    def _note_order(self, entry: OrderEntry) -> None:
        shown = self.orders[entry.order.no] = OrderOnBoard(entry.order, entry.progress)
        leg = self.legs[shown.leg]
        self._note_missed(entry.events, leg.row)
        if entry.progress.state == OrderState.COMPLETED and leg.ended is None:
            leg.ended, self.last_ended = entry.at, leg.leg
        elif entry.progress.state == OrderState.FAILED:
            leg.troubles.add(RowTrouble.FAILED)

    def _note_wave(self, entry: WaveEntry) -> None:
        for standing in entry.rows:
            self.rows[standing.row] = standing
            for leg in standing.legs:
                if leg.status == LegStatus.REFUSED:
                    self.legs[leg.id].troubles.add(RowTrouble.REFUSED)
        self._note_missed(entry.events)
        if any(event.what == MoveHappening.WAVE_THROUGH for event in entry.events):
            self.waves[entry.launch.wave.id] = entry.at

    def _note_missed(self, events: tuple[Event, ...], row: int | None = None) -> None:
        """The clocks of a wave bear the names of its workplaces."""
        for event in events:
            if event.what == Happening.DEADLINE_MISSED:
                clock = event.values["clock"]
                if row is None:
                    self.missed.add(Missed(row=self._rows[clock].row, clock="exception"))
                else:
                    self.missed.add(Missed(row=row, clock=clock))
