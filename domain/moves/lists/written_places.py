"""Places as people write them into one cell or several: `A / 2. OG / 2.14 / 1` in a column for rooms is a whole one."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from domain.place_names import PARTS, looks_like, same

_CUT = re.compile(r"\s*/\s*")
# `R 1,99` is a room with a decimal comma.
_CUT_LABELLED = re.compile(r"\s*(?:[/;\n]|,(?!\d)|(?<!\d),)\s*")
_ROOM = PARTS.index("room")


class WrittenPlace(NamedTuple):
    """What each part is called. `against` are parts of which two cells of the row say different things."""

    parts: dict[str, str]
    against: Mapping[str, str]


def written_place(cells: Mapping[str, str]) -> WrittenPlace:
    """`cells` are what the columns of one side say, by part."""
    # Where there is no column for rooms, that for desks says where they are.
    whole = "room" if "room" in cells or "desk" not in cells else "desk"
    inside = _pieces(cells.get(whole, ""), has_desk=whole == "room" and "desk" in cells)
    if not inside:
        return WrittenPlace(dict(cells), {})
    against = {
        part: text
        for part, text in inside.items()
        if part != whole and part in cells and same(part, cells[part]) != same(part, text)
    }
    return WrittenPlace({**inside, **{part: text for part, text in cells.items() if part != whole}}, against)


def _pieces(room: str, *, has_desk: bool) -> dict[str, str]:
    """Empty, where the cell is about a room and nothing else."""
    pieces = _CUT.split(room)
    labelled = _CUT_LABELLED.split(room)
    kinds = [_kind(piece) for piece in labelled]
    if any(kinds) and len(labelled) > 1 and all(labelled):
        return _by_label(labelled, kinds)
    if len(pieces) == 1 or has_desk or len(pieces) > len(PARTS) or not all(pieces):
        return {}
    return dict(zip(PARTS[-len(pieces) :], pieces, strict=True))


def _kind(piece: str) -> str:
    return next((part for part in ("floor", "building", "room", "desk") if looks_like(part, piece)), "")


def _by_label(pieces: Sequence[str], kinds: Sequence[str]) -> dict[str, str]:
    """What is labelled is what it says; what stands before all labels is the building, what behind is the room.

    Where nothing but the desk is labelled, the room stands before it.
    """
    found = {kind: piece for kind, piece in zip(kinds, pieces, strict=True) if kind}
    if kinds[-1] == "desk" and not any(kinds[:-1]) and len(pieces) <= len(PARTS):
        return dict(zip(PARTS[-len(pieces) :], pieces, strict=True))
    house = [at for at, kind in enumerate(kinds) if kind in ("building", "floor")]
    last = max(house, default=len(kinds) - 1)
    before = [piece for piece, kind in zip(pieces[:last], kinds[:last], strict=True) if not kind]
    after = [piece for piece, kind in zip(pieces[last:], kinds[last:], strict=True) if not kind]
    front = dict(zip((part for part in PARTS[1:_ROOM] if part not in found), before, strict=False))
    behind = dict(zip((part for part in PARTS[_ROOM:] if part not in found), after, strict=False))
    whole = {**found, **front, **behind}
    return whole if len(whole) == len(pieces) and ("room" in whole or "desk" in whole) else {}
