"""Door sheets of a move: for each room that is moved into, who comes to which desk, when, and with what."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from domain.kinds import Leg
from domain.moves.lists.staging import StagedRow
from domain.moves.plans.plan import Assignment
from domain.places import Place
from domain.times import Instant, ZoneName
from domain.values import AssetTag, Line, Slug, Value


class DoorDesk(Value):
    """A desk of the room, by whom it is taken and from where they come."""

    desk: Line | None = None
    person: Line | None = None
    whence: Place
    start: Instant
    wave: Slug
    assets: tuple[AssetTag, ...] = ()


class DoorRoom(Value):
    place: Place
    desks: tuple[DoorDesk, ...]


class DoorSheets(Value):
    """By the plan that is followed or, before the launch, by the newest. `zone` is that of the first site.

    `sites` are the names of those on the sheets.
    """

    project: Slug
    name: Line
    plan: int
    zone: ZoneName
    made_at: Instant
    rooms: tuple[DoorRoom, ...] = ()
    sites: Mapping[Slug, Line] = {}


def door_rooms(assignments: Iterable[Assignment], rows: Mapping[str, StagedRow]) -> tuple[DoorRoom, ...]:
    """In the order of buildings, floors, rooms and desks. Things that are put aside stand nowhere yet."""
    found: dict[Place, list[DoorDesk]] = defaultdict(list)
    for entry in assignments:
        # What is taken down has its own place as target.
        if entry.leg is Leg.ASIDE or entry.source == entry.target:
            continue
        found[entry.target.but(desk=None)].append(_desk(entry, rows.get(entry.workplace)))
    return tuple(
        DoorRoom(place=room, desks=tuple(sorted(found[room], key=lambda one: (_by_number(one.desk), one.start))))
        for room in sorted(found, key=_order)
    )


def _desk(entry: Assignment, row: StagedRow | None) -> DoorDesk:
    move = row.move if row else None
    return DoorDesk(
        desk=entry.target.desk,
        person=move.holder if move else None,
        whence=move.source if move and move.source else entry.source,
        start=entry.start,
        wave=entry.wave,
        assets=move.assets if move else (),
    )


def _by_number(text: str | None) -> tuple[int, str]:
    """Desk 10 comes after desk 2."""
    return len(text or ""), text or ""


def _order(place: Place) -> tuple[str, ...]:
    return tuple(part or "" for part in (place.site, place.building, place.floor, place.room))


def of_room(rooms: Iterable[DoorRoom], room: str | None) -> tuple[DoorRoom, ...]:
    """Those that are called so, or all."""
    return tuple(one for one in rooms if room is None or (one.place.room or one.place.floor) == room)
