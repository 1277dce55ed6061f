"""What stands against right moves: occupied desks, closed rooms, days on which nobody gets in."""

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import islice
from typing import NamedTuple

from domain.assets.asset import Asset
from domain.clocks.calendars import Segment
from domain.clocks.timetables import Coverage
from domain.list_words import is_against_moving
from domain.lists import DataIssue, Row, Table
from domain.moves.lists.desk_chains import Turn, turns_of
from domain.moves.lists.kits import KitMove, column_of
from domain.moves.lists.known import PeopleAndAssets
from domain.moves.lists.room_shapes import RoomShapes
from domain.moves.lists.rows import MoveList
from domain.moves.lists.templates import now_there
from domain.moves.project import Project, is_open
from domain.names import same_name
from domain.nearest import named
from domain.place_names import spot
from domain.places import Site
from domain.times import first_instant, zone

_MOST_NAMED = 50


class FoundConflicts(NamedTuple):
    """What was found beside the moves of a list, and whose desk each of them waits for."""

    conflicts: list[DataIssue]
    turns: Mapping[int, Turn]


def weigh(
    moves: Mapping[int, KitMove], found: MoveList, project: Project, known: PeopleAndAssets, sites: Mapping[str, Site]
) -> FoundConflicts:
    """`sites` have their holidays."""
    table = found.table
    rows = {row.number: row for row in table.rows if row.number in moves}
    desks = _Desks(moves, rows, table, known)
    waits = {number: desks.waits(number) for number in moves}
    desks.say_shared()
    days = _EntryDays(sites, table)
    unknown = list(_unknown_targets(moves, found, known))
    unknown += _unlike_rooms(moves, found, known, {issue.row for issue in unknown})
    unknown += [*_against_by_note(moves, found), *_stale(moves, found, known)]
    for number, move in moves.items():
        if move.target is not None and not is_open(move.target, project):
            desks.conflicts.append(_at_target(table, rows[number], "target_inactive", place=str(move.target)))
        days.check(rows[number], move)
    return FoundConflicts([*unknown, *desks.conflicts, *days.conflicts], turns_of(waits))


def _unknown_targets(moves: Mapping[int, KitMove], found: MoveList, known: PeopleAndAssets) -> Iterator[DataIssue]:
    """A place may be new, or written otherwise than anybody has before."""
    for stated in found.rows:
        move = moves.get(stated.row.number)
        unknown = known.places.unknown_part(move.target) if move and move.target else None
        if move and move.target and unknown:
            values = {"part": unknown.part, "said": getattr(move.target, unknown.part), "nearest": unknown.nearest}
            field = column_of(stated, "to", unknown.part)
            yield found.table.issue(stated.row, field, "target_unknown", **values, known=named(unknown.known))


def _unlike_rooms(
    moves: Mapping[int, KitMove], found: MoveList, known: PeopleAndAssets, doubted: Container[int]
) -> Iterator[DataIssue]:
    """Where a floor is known without its rooms anything would pass for one."""
    shapes = RoomShapes(known.places, (move.target for move in moves.values() if move.target))
    for stated in found.rows:
        move = moves.get(stated.row.number)
        if move is None or move.target is None or stated.row.number in doubted or "to_room" in stated.told:
            continue
        if move.target.room is None and move.target.desk and not known.places.has_bare_desk(move.target):
            field = column_of(stated, "to", "desk")
            yield found.table.issue(stated.row, field, "desk_without_room", said=move.target.desk)
        houses = known.places.buildings(move.target.site)
        if move.target.building is None and len(houses) > 1 and found.table.has(stated.row, "to_building"):
            values = {"said": move.target.room or move.target.desk or "", "known": named(houses)}
            yield found.table.issue(stated.row, "to_building", "building_left_out", **values)
        unlike = shapes.unlike(move.target)
        if unlike is not None:
            values = {"said": move.target.room or "", "like": named(unlike.like), "nearest": unlike.nearest}
            yield found.table.issue(stated.row, column_of(stated, "to", "room"), "room_unlike_others", **values)


def _against_by_note(moves: Mapping[int, KitMove], found: MoveList) -> Iterator[DataIssue]:
    for stated in found.rows:
        for field, text in stated.said.items() if stated.row.number in moves else ():
            if field.startswith("note") and is_against_moving(text, everything=stated.everything):
                yield found.table.issue(stated.row, field, "note_against_move")


def _stale(moves: Mapping[int, KitMove], found: MoveList, known: PeopleAndAssets) -> Iterator[DataIssue]:
    for stated in found.rows:
        now = now_there(stated, known) if stated.row.number in moves else None
        if now is not None:
            yield found.table.issue(stated.row, "stand", "row_stale", tags=_tags(now) or "–")


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
                self._say(
                    number,
                    "desk_freed_later",
                    place=str(move.target),
                    row=self._rows[other].name,
                    date=freed.isoformat(),
                )
        self._check_held(number, move)
        return leaving

    def say_shared(self) -> None:
        sharing: dict[tuple[str, ...], dict[tuple[str, ...], list[int]]] = defaultdict(lambda: defaultdict(list))
        for number, move in self._moves.items():
            if move.target is not None and move.target.desk is not None:
                site, building, floor, room, desk = spot(move.target)
                sharing[site, room, desk][building, floor].append(number)
        for by_house in sharing.values():
            for house, numbers in by_house.items():
                # Where a row leaves out building or floor, any desk of that room's name may be meant.
                meeting = [at for other, there in by_house.items() if _may_be(house, other) for at in there]
                self._say_meeting(numbers, sorted(meeting))

    def _say_meeting(self, numbers: Sequence[int], meeting: Sequence[int]) -> None:
        whose = {number: same_name(self._moves[number].holder or f"{number}") for number in meeting}
        if len(set(whose.values())) == 1:
            return
        for number in numbers:
            others = ", ".join(
                self._rows[other].name for other in islice((at for at in meeting if at != number), _MOST_NAMED)
            )
            self._say(number, "desk_shared", place=str(self._moves[number].target), rows=others[:200])

    def _occupants(self, move: KitMove) -> Sequence[Asset]:
        if move.target is None or move.target.desk is None:
            return ()
        mine = same_name(move.holder or "")
        return [asset for asset in self._known.at(move.target) if asset.holder and same_name(asset.holder) != mine]

    def _check_held(self, number: int, move: KitMove) -> None:
        for tag in move.assets:
            asset = self._known.assets[tag]
            if asset.reserved_for is not None:
                self._say(number, "asset_in_order", tag=tag, order=asset.reserved_for)
            if move.holder and asset.holder and same_name(asset.holder) != same_name(move.holder):
                self._say(number, "asset_of_another", tag=tag, holder=asset.holder)

    def _say(self, number: int, code: str, /, **values: str) -> None:
        self.conflicts.append(_at_target(self._table, self._rows[number], code, **values))


def _may_be(house: Sequence[str], other: Sequence[str]) -> bool:
    return all(one == two or not one or not two for one, two in zip(house, other, strict=True))


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
