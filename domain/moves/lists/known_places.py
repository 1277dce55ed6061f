"""Which places somebody knows: those where things stand, and the areas that the customer's sites and project name."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from itertools import product
from typing import NamedTuple

from domain.place_names import PARTS, same, spot
from domain.places import Place

# A desk may be new; the room around it is not.
_HOUSE = PARTS[1:4]
_MOST_NAMED = 12


class UnknownPart(NamedTuple):
    """The first part of a place that nobody knows; `known` are those that stand there instead, the nearest first."""

    part: str
    nearest: str
    known: tuple[str, ...]


class KnownPlaces:
    """`areas` hold for all that is in them: of a floor that is named without its rooms each room is known."""

    def __init__(self, stand: Iterable[Place], areas: Iterable[Place]) -> None:
        self._all: dict[str, dict[tuple[str, ...], Place]] = defaultdict(dict)
        self._spelled: dict[tuple[str, ...], str] = {}
        self._houses: dict[str, dict[str, None]] = defaultdict(dict)
        self._looked_up: dict[tuple[str, ...], UnknownPart] = {}
        self._bare_desks: set[tuple[str, str]] = set()
        self._rooms: dict[tuple[str, str], list[tuple[str, ...]]] = defaultdict(list)
        self._inside: dict[tuple[bool, ...], set[tuple[str, ...]]] = defaultdict(set)
        # Whole lists go to places that nobody knows yet: each is looked up once.
        self._unknown: dict[tuple[str, ...], UnknownPart] = {}
        self._beside: dict[tuple[str, ...], dict[str, str]] = {}
        for places, is_area in ((areas, True), (stand, False)):
            for place in places:
                self._add(place, is_area=is_area)

    def _add(self, place: Place, *, is_area: bool) -> None:
        site, *house = spot(place)[:4]
        if place.desk:
            self._spelled.setdefault(spot(place), place.desk)
            if not house[2]:
                self._bare_desks.add((site, spot(place)[4]))
        if not any(house) or ((house := [site, *house]) and tuple(house) in self._all[site] and not is_area):
            return
        self._all[site][tuple(house)] = place
        if house[3]:
            self._rooms[site, house[3]].append(tuple(house))
        for part, said in zip(_HOUSE, house[1:], strict=True):
            if said:
                self._spelled.setdefault((site, part, said), getattr(place, part))
        if house[1]:
            self._houses[site][house[1]] = None
        said_of = tuple(bool(part) or not is_area for part in house)
        for left_out in product((False, True), repeat=len(_HOUSE)):
            kept = ("" if out else part for out, part in zip((False, *left_out), house, strict=True))
            self._inside[said_of].add(tuple(kept))

    def unknown_part(self, place: Place) -> UnknownPart | None:
        """None also where nothing is known of the whole site."""
        site, *house = spot(place)[:4]
        if site not in self._all:
            return None
        for until in range(1, len(house) + 1):
            asked = (site, *house[:until], *("" for _ in house[until:]))
            if house[until - 1] and not self._is_known(asked):
                if asked not in self._unknown:
                    self._unknown[asked] = self._missing(asked, _HOUSE[until - 1])
                return self._unknown[asked]
        return None

    def _is_known(self, asked: tuple[str, ...]) -> bool:
        return any(
            tuple(part if is_said else "" for is_said, part in zip(said_of, asked, strict=True)) in known
            for said_of, known in self._inside.items()
        )

    def _missing(self, asked: tuple[str, ...], part: str) -> UnknownPart:
        if asked not in self._looked_up:
            self._looked_up[asked] = self._look_up(asked, part)
        return self._looked_up[asked]

    def _look_up(self, asked: tuple[str, ...], part: str) -> UnknownPart:
        at = _HOUSE.index(part) + 1
        if asked[:at] not in self._beside:
            self._beside[asked[:at]] = self._known_beside(asked[:at], part)
        beside = self._beside[asked[:at]]
        nearest = get_close_matches(asked[at], beside, n=1, cutoff=0.5)
        named = dict.fromkeys([*(beside[one] for one in nearest), *beside.values()])
        return UnknownPart(part, beside[nearest[0]] if nearest else "", tuple(named)[:_MOST_NAMED])

    def _known_beside(self, around: tuple[str, ...], part: str) -> dict[str, str]:
        at = len(around)
        return dict(
            sorted(
                (known[at], getattr(place, part))
                for known, place in self._all[around[0]].items()
                if known[at] and all(said in ("", is_) for said, is_ in zip(around[1:], known[1:at], strict=True))
            )
        )

    def has_room(self, place: Place) -> bool:
        """Whether that very room is known, not only the floor around it."""
        site, *house = spot(place)[:4]
        known = self._rooms.get((site, house[2]), ())
        return any(
            all(said in ("", is_) or not is_ for said, is_ in zip(house[:2], one[1:3], strict=True)) for one in known
        )

    def has_bare_desk(self, place: Place) -> bool:
        """Whether that desk is known by its own number, without a room."""
        return (same("site", place.site), same("desk", place.desk)) in self._bare_desks

    def buildings(self, site: str) -> Sequence[str]:
        """All that are known of a site, as they are written."""
        at = same("site", site)
        return tuple(self._spelled[at, "building", form] for form in self._houses.get(at, ()))

    def rooms(self, site: str) -> Iterator[tuple[str, str]]:
        """All that are known of a site, each as it compares and as it is written."""
        yield from ((form, self._spelled[at, "room", form]) for at, form in self._rooms if at == same("site", site))

    def spelled(self, place: Place) -> Place:
        """The same place as it is written where it is known."""
        site, *house = spot(place)[:4]
        said = zip(_HOUSE, house, strict=True)
        parts = {part: known for part, form in said if (known := self._spelled.get((site, part, form)))}
        desk = self._spelled.get(spot(place))
        return place.but(**parts, **({"desk": desk} if desk else {}))

    def completed(self, place: Place) -> Place:
        """With building and floor, where there is only one room of that name."""
        if not place.room or (place.building and place.floor):
            return place
        site, *house = spot(place)[:4]
        rooms = [
            known
            for spot_, known in self._all.get(site, {}).items()
            if spot_[3] == house[2] and all(said in ("", is_) for said, is_ in zip(house, spot_[1:], strict=True))
        ]
        return whole(place, rooms)


def whole(place: Place, rooms: Sequence[Place]) -> Place:
    """With building and floor of the only room that is meant."""
    if len({spot(room)[:4] for room in rooms}) != 1:
        return place
    return place.but(building=place.building or rooms[0].building, floor=place.floor or rooms[0].floor)
