"""What stands against right moves: occupied desks, closed rooms, days on which nobody gets in."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple

from domain.assets.asset import Asset
from domain.clocks.calendars import Segment
from domain.clocks.timetables import Coverage
from domain.lists import DataIssue, Row, Table, normal
from domain.moves.lists.desk_chains import Turn, turns_of
from domain.moves.lists.kits import KitMove, PeopleAndAssets
from domain.moves.project import Project, is_open, spot
from domain.places import Site
from domain.times import first_instant, zone


class FoundConflicts(NamedTuple):
    """What was found beside the moves of a list, and whose desk each of them waits for."""

    conflicts: list[DataIssue]
    turns: Mapping[int, Turn]


def weigh(
    moves: Mapping[int, KitMove], table: Table, project: Project, known: PeopleAndAssets, sites: Mapping[str, Site]
) -> FoundConflicts:
    """`sites` have their holidays."""
    rows = {row.number: row for row in table.rows if row.number in moves}
    desks = _Desks(moves, rows, table, known)
    waits = {number: desks.waits(number) for number in moves}
    desks.say_shared()
    days = _EntryDays(sites, table)
    for number, move in moves.items():
        if move.target is not None and not is_open(move.target, project):
            desks.conflicts.append(_at_target(table, rows[number], "target_inactive", place=str(move.target)))
        days.check(rows[number], move)
    return FoundConflicts([*desks.conflicts, *days.conflicts], turns_of(waits))


def _at_target(table: Table, row: Row, code: str, /, **values: str) -> DataIssue:
    field = "to_desk" if "to_desk" in table.positions else "to_room"
    return table.issue(row, field, code, **values)


class _Desks:
    def __init__(
        self, moves: Mapping[int, KitMove], rows: Mapping[int, Row], table: Table, known: PeopleAndAssets
    ) -> None:
        self.conflicts: list[DataIssue] = []
        self._moves = moves
        self._rows = rows
        self._table = table
        self._known = known
        self._leaving = {tag: number for number, move in moves.items() for tag in move.assets}

    def waits(self, number: int) -> frozenset[int]:
        """Whose desk this row needs. Whoever stays at it is a conflict, and so is whoever leaves it too late."""
        move = self._moves[number]
        there = self._occupants(move)
        staying = [asset for asset in there if asset.tag not in self._leaving]
        if staying:
            values = {"place": str(move.target), "holder": staying[0].holder or "", "tags": _tags(staying)}
            self._say(number, "target_occupied", **values)
        leaving = frozenset(self._leaving[asset.tag] for asset in there if asset.tag in self._leaving) - {number}
        for other in sorted(leaving):
            day, freed = move.day, self._moves[other].day
            if day is not None and freed is not None and freed > day:
                self._say(number, "desk_freed_later", place=str(move.target), row=str(other), date=freed.isoformat())
        self._check_held(number, move)
        return leaving

    def say_shared(self) -> None:
        sharing: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for number, move in self._moves.items():
            if move.target is not None and move.target.desk is not None:
                sharing[spot(move.target)].append(number)
        for numbers in sharing.values():
            if len({normal(self._moves[number].holder or f"{number}") for number in numbers}) == 1:
                continue
            for number in numbers:
                others = ", ".join(str(other) for other in numbers if other != number)
                self._say(number, "desk_shared", place=str(self._moves[number].target), rows=others[:200])

    def _occupants(self, move: KitMove) -> Sequence[Asset]:
        if move.target is None or move.target.desk is None:
            return ()
        mine = normal(move.holder or "")
        return [asset for asset in self._known.at(move.target) if asset.holder and normal(asset.holder) != mine]

    def _check_held(self, number: int, move: KitMove) -> None:
        for tag in move.assets:
            asset = self._known.assets[tag]
            if asset.reserved_for is not None:
                self._say(number, "asset_in_order", tag=tag, order=asset.reserved_for)
            if move.holder and asset.holder and normal(asset.holder) != normal(move.holder):
                self._say(number, "asset_of_another", tag=tag, holder=asset.holder)

    def _say(self, number: int, code: str, /, **values: str) -> None:
        self.conflicts.append(_at_target(self._table, self._rows[number], code, **values))


class _EntryDays:
    def __init__(self, sites: Mapping[str, Site], table: Table) -> None:
        self.conflicts: list[DataIssue] = []
        self._sites = sites
        self._table = table
        self._closed = cache(self._closed_on)

    def check(self, row: Row, move: KitMove) -> None:
        """Technicians have to get in where things stand and where they go."""
        if move.day is None:
            return
        for site in dict.fromkeys(place.site for place in (move.source, move.target) if place is not None):
            why = self._closed(site, move.day, move.hour)
            if why is not None:
                code, reason = why
                self._say(row, code, site=site, date=move.day.isoformat(), why=reason)

    def _closed_on(self, site: str, day: date, at: time | None) -> tuple[str, str] | None:
        """Why the site cannot be entered at that time or, without one, at any time of the day."""
        if site not in self._sites:
            return None
        pieces = [
            piece for piece in _pieces(self._sites[site], day) if at is None or _has(piece, self._sites[site], day, at)
        ]
        if any(piece.kind == Coverage.OPEN for piece in pieces):
            return None
        for piece in pieces:
            if piece.kind == Coverage.HOLIDAY:
                return "on_holiday", piece.why
            if piece.why:
                return "site_closed", piece.why
        return ("outside_access", at.strftime("%H:%M")) if at else ("no_access", "")

    def _say(self, row: Row, code: str, **values: str) -> None:
        self.conflicts.append(self._table.issue(row, "date", code, **values))


def _pieces(site: Site, day: date) -> Sequence[Segment]:
    start, end = (first_instant(datetime.combine(edge, time()), site.access.zone) for edge in (day, _next(day)))
    return site.access.segments(start, end)


def _next(day: date) -> date:
    return day + timedelta(days=1)


def _has(piece: Segment, site: Site, day: date, at: time) -> bool:
    # In the hour that the clocks skip nobody works anyway; in the one they repeat the first counts.
    instant = datetime.combine(day, at, zone(site.access.zone))
    return piece.start <= instant < piece.end


def _tags(assets: Sequence[Asset]) -> str:
    return ", ".join(asset.tag for asset in assets)[:200]
