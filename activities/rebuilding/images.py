"""RebuiltCases made anew from what `record` was asked to write, entry by entry, as the tables would have it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from pydantic import BaseModel

from activities.moves import Outlook
from activities.rebuilding.deeds import Deed
from activities.records import CaseEntry, IncidentEntry, OrderEntry, PageEntry, ProjectEntry, WaveEntry
from db.cases.case import CaseRow
from db.cases.images import CaseImage
from db.cases.journal import alike
from db.incidents import IncidentRow
from db.moves.launches import LaunchRow, WaveRow
from db.oncall.pages import PageRow
from db.orders import OrderRow
from domain.cases.events import Event
from domain.incidents.incident import Incident
from domain.incidents.progress import IncidentProgress
from domain.moves.launched.project_progress import ProjectProgress
from domain.moves.launched.wave_progress import WaveCounts, WaveProgress, WorkplaceStanding, WorkplaceState
from domain.moves.plans.launches import Launch, WaveLaunch
from domain.oncall.page import Page, PageProgress
from domain.orders.order import Order
from domain.orders.progress import Progress

DOCUMENTS: dict[type[CaseRow], dict[str, type[BaseModel]]] = {
    OrderRow: {"order": Order, "progress": Progress},
    IncidentRow: {"incident": Incident, "progress": IncidentProgress},
    PageRow: {"page": Page, "progress": PageProgress},
    LaunchRow: {"launch": Launch, "progress": ProjectProgress},
    WaveRow: {"launch": WaveLaunch, "counts": WaveCounts, "progress": WaveProgress},
}


class DrawnCase:
    """Takes entries as `record` does: guarded by their numbers, and never twice."""

    def __init__(self) -> None:
        self.row: CaseRow | None = None
        self.events: dict[int, Event] = {}

    def take(self, entry: CaseEntry) -> bool:
        """Whether it is the newest so far."""
        row = self.row = self.row or _made(entry)
        seq = entry.progress.seq
        is_newest = entry.whole or seq >= row.seq
        as_known = self._take_events(entry.events)
        if entry.whole:
            self._forget_from(seq + 1)
        if is_newest or not as_known:
            row.seq, row.updated_at = seq, entry.at
            _follow(row, entry)
        return is_newest

    def image(self) -> CaseImage | None:
        """None as long as nothing was written."""
        return None if self.row is None else CaseImage(self.row, self.events, DOCUMENTS[type(self.row)])

    def _take_events(self, events: Sequence[Event]) -> bool:
        known = self.events
        lost = next((event.seq for event in events if event.seq in known and not alike(event, known[event.seq])), None)
        if lost is not None:
            self._forget_from(lost)
        for event in events:
            known.setdefault(event.seq, event)
        return lost is None

    def _forget_from(self, first: int) -> None:
        for seq in [seq for seq in self.events if seq >= first]:
            del self.events[seq]


def drawn(deeds: Iterable[Deed]) -> CaseImage | None:
    case = DrawnCase()
    for deed in deeds:
        if isinstance(deed.asked, CaseEntry) and deed.problem is None:
            case.take(deed.asked)
    return case.image()


class DrawnWorkplace:
    """One workplace, and when it was written so. What is only expected is written at a time that no history holds."""

    def __init__(self, standing: WorkplaceStanding, at: datetime, *, expected: bool) -> None:
        self.standing = standing
        self.at = at
        self.expected = expected


class DrawnProject:
    """A launched project with its waves and workplaces: they write into each other's rows, so their order counts."""

    def __init__(self) -> None:
        self.project = DrawnCase()
        self.waves: dict[str, DrawnCase] = {}
        self.workplaces: dict[str, DrawnWorkplace] = {}
        self.customer = ""
        self.until: datetime | None = None

    def record(self, entry: ProjectEntry | WaveEntry) -> None:
        if isinstance(entry, ProjectEntry):
            self.project.take(entry)
            return
        is_newest = self.waves.setdefault(entry.launch.wave.id, DrawnCase()).take(entry)
        if is_newest:
            self.customer, self.until = entry.launch.customer, entry.at
            for one in entry.rows:
                self.workplaces[one.workplace] = DrawnWorkplace(one, entry.at, expected=False)

    def expect(self, outlook: Outlook, rows: Sequence[WorkplaceStanding], at: datetime) -> None:
        """As `replace_waiting` does: these are all workplaces of waves that have not begun."""
        self.customer, self.until = outlook.customer, at
        listed = {one.workplace for one in rows}
        here = self.workplaces
        begun = {key for key, one in here.items() if one.standing.wave in self.waves}
        taken = {key for key in begun if here[key].standing.state != WorkplaceState.WAITING}
        self.workplaces = {key: here[key] for key in here if key in taken or (key in begun and key not in listed)}
        for one in rows:
            if one.workplace not in taken:
                self.workplaces[one.workplace] = DrawnWorkplace(one, at, expected=True)

    def images(self) -> list[CaseImage]:
        found = (case.image() for case in (self.project, *self.waves.values()))
        return [image for image in found if image is not None]


def _made(entry: CaseEntry) -> CaseRow:
    match entry:
        case OrderEntry():
            return OrderRow.made(entry.order, entry.progress)
        case IncidentEntry():
            return IncidentRow.made(entry.incident, entry.progress)
        case PageEntry():
            return PageRow.made(entry.page)
        case ProjectEntry():
            return LaunchRow.made(entry.launch)
        case WaveEntry():
            return WaveRow.made(entry.launch)
    raise TypeError(type(entry))


def _follow(row: CaseRow, entry: CaseEntry) -> None:
    match row, entry:
        case OrderRow(), OrderEntry():
            row.follow(entry.progress, entry.deadline)
        case IncidentRow(), IncidentEntry():
            row.follow(entry.progress, entry.deadlines)
        case PageRow(), PageEntry():
            row.follow(entry.progress)
        case LaunchRow(), ProjectEntry():
            row.follow(entry.progress, entry.deadline)
        case WaveRow(), WaveEntry():
            row.follow(entry.progress, entry.counts, entry.deadline)
        case _:
            raise TypeError(type(entry))
