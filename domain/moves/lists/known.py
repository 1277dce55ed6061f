"""The customer's people and assets as a move list asks for them: by name, tag, holder and place."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from domain.assets.asset import Asset, AssetStatus
from domain.lists import normal
from domain.moves.lists.known_places import KnownPlaces
from domain.names import look_of, same_name, same_tag
from domain.nearest import Nearest
from domain.people import Person
from domain.place_names import agrees, spot
from domain.places import Place

_LABEL = re.compile(r"^\s*(?:s/n|sn|serial|seriennr\.?|tag|inv\.?(?:-?nr\.?)?)\s*[:#]?\s+", re.IGNORECASE)
_WORD = re.compile(r"\w{2,}")


class PeopleAndAssets:
    """Names, tags and places in any spelling; `areas` are places that are known though nothing stands there."""

    def __init__(self, people: Sequence[Person], assets: Iterable[Asset], areas: Iterable[Place] = ()) -> None:
        self._people: dict[str, list[Person]] = defaultdict(list)
        for person in people:
            for name in {normal(person.id), same_name(person.name), normal(person.email)}:
                self._people[name].append(person)
        self.assets = {asset.tag: asset for asset in assets}
        self._tags = {same_tag(tag): tag for tag in self.assets}
        looks = Counter(_look(tag) for tag in self.assets)
        looks.update({_look(asset.serial) for asset in self.assets.values() if asset.serial})
        self._looks = {_look(asset.serial or ""): asset.tag for asset in self.assets.values()}
        self._looks |= {_look(tag): tag for tag in self.assets}
        self._looks = {look: tag for look, tag in self._looks.items() if looks[look] == 1}
        self._held: dict[str, list[Asset]] = defaultdict(list)
        self._in_room: dict[tuple[str, str], list[Asset]] = defaultdict(list)
        for asset in self.assets.values():
            if asset.status != AssetStatus.DEPLOYED:
                continue
            if asset.holder:
                self._held[same_name(asset.holder)].append(asset)
            if asset.place is not None:
                place = spot(asset.place)
                self._in_room[place[0], place[3]].append(asset)
        stand = (asset.place for asset in self.assets.values() if asset.status != AssetStatus.DISPOSED and asset.place)
        self.places = KnownPlaces(stand, areas)
        names = {same_name(person.name): person.name for person in people}
        names |= {key: held[0].holder or "" for key, held in self._held.items()}
        self._names = Nearest(names)
        self._bearing: dict[str, set[str]] = defaultdict(set)
        for form, name in names.items():
            for word in _WORD.findall(form):
                self._bearing[word].add(name)

    def people(self, name: str) -> list[Person]:
        """Everybody of that id, name or address; of several whose names differ in spelling the one that is written."""
        found = self._people.get(normal(name)) or self._people.get(same_name(name), [])
        exact = [person for person in found if person.name == name.strip()]
        return exact or found

    def asset(self, tag: str) -> Asset | None:
        """In capital letters or small ones."""
        return self.assets.get(tag) or self.assets.get(self._tags.get(same_tag(tag), ""))

    def nearest_tag(self, written: str) -> str:
        """Which asset may be meant: by its serial, or a tag that looks the same; empty of none and of several."""
        wanted = _look(written)
        return self._looks.get(wanted, "") if wanted else ""

    def holder(self, name: str) -> str | None:
        """A holder's name as the register writes it."""
        held = self.held_by(name)
        return held[0].holder if held else None

    def held_by(self, holder: str) -> Sequence[Asset]:
        """What they hold. Where two people's names are alike but for their spelling, each has their own."""
        held = self._held.get(same_name(holder), ())
        if len(self._people.get(same_name(holder), ())) > 1:
            return [asset for asset in held if asset.holder == holder.strip()]
        return held

    def nearest_name(self, name: str) -> str:
        """Who may be meant; empty when nobody's name is near, and when several bear one of its parts."""
        near = self._names.to(same_name(name))
        if near:
            return near
        parts = [self._bearing.get(word, set()) for word in _WORD.findall(same_name(name)) if word in self._bearing]
        all_ = set.intersection(*parts) if parts else set()
        return all_.pop() if len(all_) == 1 else ""

    def at(self, place: Place) -> Sequence[Asset]:
        """What stands there, or may: where the list leaves out building or floor, in every room of that name."""
        held = self._in_room.get((spot(place)[0], spot(place)[3]), ())
        return [asset for asset in held if asset.place is not None and agrees(place, asset.place)]

    def within(self, place: Place) -> Sequence[Asset]:
        """What stands there, however little of the place is said beside its room."""
        return self.at(place) if place.room else ()


def _look(written: str) -> str:
    """Whatever stands between the parts, and "S/N" before a serial, are no part of it."""
    return look_of(_LABEL.sub("", written)).replace(" ", "")
