"""Whether what stands in a column for rooms reads like one: as those do that are known, or most of the list's."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import NamedTuple

from domain.moves.lists.known_places import KnownPlaces
from domain.place_names import same
from domain.places import Place

# What spreadsheets take for decimals.
_BEHIND = re.compile(r"\.(\d+)$")
_LETTERS, _DIGITS = re.compile(r"[^\W\d_]+"), re.compile(r"\d+")
# What people number rooms with: no brackets, strokes or stars.
_NUMBERED = re.compile(r"(?=.*9)[a9]+(?:[.-][a9]+)*")
# So many different rooms are numbered in a way of their own, though others are known or most of the list's.
_ENOUGH = 3
_MOST_NAMED = 3
_LOOKALIKE = str.maketrans("oli", "011")


class UnlikeRoom(NamedTuple):
    """`like` are rooms as they are numbered there; `nearest` is what it is with digits for letters that look so."""

    like: tuple[str, ...]
    nearest: str


class RoomShapes:
    """`targets` are all that a list names. A word without a number is a room only where it is known."""

    def __init__(self, known: KnownPlaces, targets: Iterable[Place]) -> None:
        self._known = known
        listed: dict[str, dict[str, str]] = defaultdict(dict)
        for place in targets:
            if place.room:
                listed[place.site].setdefault(same("room", place.room), place.room)
        self._shapes = {site: self._of(site, rooms) for site, rooms in listed.items()}
        self._shortest = {site: self._fewest_digits(site) for site in listed}

    def _of(self, site: str, listed: Mapping[str, str]) -> Mapping[str, list[str]]:
        """By the shape of rooms some that have it, those that are known first."""
        shapes: dict[str, list[str]] = defaultdict(list)
        for form, room in self._known.rooms(site):
            if _DIGITS.search(form):
                shapes[_shape(form)].append(room)
        alike: dict[str, list[str]] = defaultdict(list)
        for form, room in listed.items():
            alike[_shape(form)].append(room)
        needed = _ENOUGH if shapes else min(_ENOUGH, len(listed) // 2 + 1)
        for shape, rooms in alike.items():
            if _NUMBERED.fullmatch(shape) and len(rooms) >= needed:
                shapes[shape] += rooms
        return shapes

    def _fewest_digits(self, site: str) -> Mapping[str, int]:
        """By their shape, how many digits at least stand behind the last dot of all rooms that are known."""
        widths: dict[str, list[int]] = defaultdict(list)
        for form, _ in self._known.rooms(site):
            if behind := _BEHIND.search(form):
                widths[_shape(form)].append(len(behind[1]))
        return {shape: min(found) for shape, found in widths.items() if len(found) >= _ENOUGH}

    def unlike(self, place: Place) -> UnlikeRoom | None:
        """None where it is a room like others, or known by its name."""
        if not place.room or self._known.has_room(place):
            return None
        form, shapes = same("room", place.room), self._shapes[place.site]
        digits = form.translate(_LOOKALIKE) if _DIGITS.search(form) else form
        meant = _shape(digits)
        is_mistyped = meant != _shape(form) and len(shapes.get(meant, ())) > 0
        # A spreadsheet makes 1.1 of 1.10, and of 1.01 nobody would.
        behind = _BEHIND.search(form)
        is_cut = behind is not None and len(behind[1]) < self._shortest[place.site].get(_shape(form), 0)
        if _shape(form) in shapes and not is_mistyped and not is_cut:
            return None
        like = islice((rooms[0] for rooms in shapes.values() if rooms[0] != place.room), _MOST_NAMED)
        return UnlikeRoom(tuple(like), digits if is_mistyped else "")


def _shape(form: str) -> str:
    return _DIGITS.sub("9", _LETTERS.sub("a", form))
