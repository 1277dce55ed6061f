"""A list written from the register: who sits where with what today, for somebody to fill in where to."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from domain.assets.asset import Asset, AssetStatus
from domain.moves.lists.known import PeopleAndAssets
from domain.moves.lists.rows import StatedMove
from domain.names import same_name
from domain.place_names import same, spot
from domain.places import Place
from domain.values import AssetTag, Line, Value

# No row moves more than an order takes.
_LARGEST_KIT = 100


class TemplateRow(Value):
    """One workplace as it is today. `stand` tells, once the list comes back, whether it still is."""

    holder: Line | None
    tags: tuple[AssetTag, ...]
    place: Place
    stand: Line


def template_rows(assets: Iterable[Asset], site: str, floor: str | None, shared: Iterable[str]) -> list[TemplateRow]:
    """What stands at the site, or on one of its floors, place by place.

    `shared` are names that several people bear: a list with such a name would have to say who is meant, its tags do.
    """
    together: dict[tuple[tuple[str, ...], str], list[Asset]] = defaultdict(list)
    for asset in assets:
        place = asset.place
        if asset.status != AssetStatus.DEPLOYED or place is None or place.site != site:
            continue
        if floor is None or same("floor", place.floor) == same("floor", floor):
            together[spot(place), same_name(asset.holder or "")].append(asset)
    nobody = set(map(same_name, shared))
    ordered = sorted(together.items(), key=lambda one: [_natural(part) for part in (*one[0][0], one[0][1])])
    return [row for (_, name), here in ordered for row in _rows(here, is_named=bool(name) and name not in nobody)]


def _rows(here: Sequence[Asset], *, is_named: bool) -> Iterator[TemplateRow]:
    for at in range(0, len(here), _LARGEST_KIT):
        some = sorted(here[at : at + _LARGEST_KIT], key=lambda asset: asset.tag)
        place = some[0].place
        if place is not None:
            holder = some[0].holder if is_named else None
            yield TemplateRow(holder=holder, tags=tuple(asset.tag for asset in some), place=place, stand=stand_of(some))


def _natural(part: str) -> tuple[int, str]:
    return (int(part), "") if part.isdecimal() and len(part) < len("10000") else (10_000, part)


def stand_of(assets: Iterable[Asset]) -> str:
    """The same as long as nothing has been said of these things since: who holds them, and where they stand."""
    facts = sorted((asset.tag, same_name(asset.holder or ""), *_where(asset.place), asset.status) for asset in assets)
    digest = hashlib.sha256("\x1f".join("\x1e".join(fact) for fact in facts).encode()).hexdigest()
    # A letter before it: nothing takes it for a number.
    return f"s{digest[:11]}"


def _where(place: Place | None) -> tuple[str, ...]:
    return spot(place) if place is not None else ()


def now_there(stated: StatedMove, known: PeopleAndAssets) -> Sequence[Asset] | None:
    """What stands there now, if that is not what the list was written from; None where nothing has changed."""
    if stated.stand is None or stated.source is None:
        return None
    named = next((asset for tag in stated.tags if (asset := known.asset(tag)) is not None), None)
    holder = same_name(stated.person or (named.holder if named else None) or "")
    here = [asset for asset in known.at(stated.source) if same_name(asset.holder or "") == holder]
    stands = {stand_of(here[at : at + _LARGEST_KIT]) for at in range(0, len(here), _LARGEST_KIT)}
    return None if stated.stand in stands else here
