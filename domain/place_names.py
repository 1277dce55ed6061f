"""One normal form of what people call buildings, floors, rooms and desks. Places compare by it and keep their spelling.

`Haus B` is B, `1. OG` is floor 1, `EG` floor 0, `R 2.14` room 2.14, `AP 02` desk 2.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache

from domain.places import Place

PARTS = ("site", "building", "floor", "room", "desk")
_BUILDING = re.compile(
    r"(?:gebäudeteil|gebäude|geb|haus|hs|bauteil|bau|building|bldg|house|block|trakt)\b[.:]?\s*(?=\S)"
)
_ROOM = re.compile(
    r"(?:(?:raumnummer|raum|zimmer|büro|room|office)\b[.:]?(?:\s*nr\b\.?)?\s*(?=\S)"
    r"|(?:r|rm|zi|ri|bü)\b[.:]?[\s-]*(?=\d)|r(?=\d))"
)
_DESK = re.compile(
    r"(?:(?:arbeitsplatz|sitzplatz|schreibtisch|platznummer|platz|tisch|desk|seat|workplace|workstation)\b"
    r"[.:]?(?:\s*nr\b\.?)?[\s-]*(?=\S)"
    r"|(?:apl|ap|pl|wp|ws|nr|no|p|d|t)\b[.:]?[\s-]*(?=\d)|(?:apl|ap|pl|wp|p)(?=\d)|#\s*(?=\d))"
)
_UPPER = r"(?:og|obergeschoss|stockwerk|stock|etage|geschoss|floor|fl|level|lvl|ebene|e|st)"
_LOWER = r"(?:ug|untergeschoss|kellergeschoss|basement|kg|u)"
_ORDINAL = r"(?:\.|st|nd|rd|th|te|tes|ter)?"
_NUMBERED_FLOOR = re.compile(
    rf"(?:(?P<n>-?\d{{1,4}})(?:\.0)?{_ORDINAL}\s*-?(?P<word>{_UPPER}|{_LOWER})?|(?P<front>{_UPPER}|{_LOWER})\.?[\s-]*(?P<m>-?\d{{1,4}})\.?)"
)
_GROUND = frozenset({"eg", "erdgeschoss", "parterre", "g", "gf", "ground", "groundfloor", "e", "e0"})
_CELLAR = frozenset({"ug", "kg", "untergeschoss", "kellergeschoss", "keller", "basement", "tiefgeschoss"})
_ROOF = frozenset({"dg", "dachgeschoss", "dach", "attic", "topfloor"})
_BETWEEN = frozenset({"zg", "zwischengeschoss", "mezzanin", "mezzanine"})
_NUMERALS = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8"}
_NUMERAL = re.compile(r"(i{1,3}|iv|v|vi{1,3})(?=\.?\s*(?:og|ug|stock|etage|obergeschoss)\b)")
_SPELLED = {
    "erst": "1",
    "zweit": "2",
    "dritt": "3",
    "viert": "4",
    "fünft": "5",
    "first": "1",
    "second": "2",
    "third": "3",
}
_SPELLED_FLOOR = re.compile(rf"(?P<word>{'|'.join(_SPELLED)})(?:e|es|er)?\s*(?P<kind>{_UPPER})")
_LEADING_ZEROS = re.compile(r"^([a-z]*)0+(?=\d)")
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)")
_REMARK = re.compile(r"^([^()]*\d[^()]*?)\s*\([^()\d]*\)$")
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))


def plain(text: str) -> str:
    """As one sees it: composed, in small letters, single blanks, nothing invisible, one kind of dash and of ß."""
    seen = unicodedata.normalize("NFKC", text).translate(_UNSEEN).casefold()
    return " ".join(_DASHES.sub("-", seen).split())


def _without(prefix: re.Pattern[str], text: str) -> str:
    stripped = prefix.sub("", text, count=1) if prefix.match(text) else text
    return stripped.strip() or text


def _compact(text: str) -> str:
    return _LEADING_ZEROS.sub(r"\1", text.replace(" ", "")).strip(".")


def _building(text: str) -> str:
    return _compact(_without(_BUILDING, plain(text)))


def _floor(text: str) -> str:
    said = _NUMERAL.sub(lambda found: _NUMERALS[found[0]], plain(text))
    joined = said.replace(" ", "").strip(".")
    for words, floor in ((_GROUND, "0"), (_CELLAR, "-1"), (_ROOF, "dg"), (_BETWEEN, "zg")):
        if joined in words:
            return floor
    if spelled := _SPELLED_FLOOR.fullmatch(joined):
        return _SPELLED[spelled["word"]]
    if numbered := _NUMBERED_FLOOR.fullmatch(said) or _NUMBERED_FLOOR.fullmatch(joined):
        number = int(numbered["n"] or numbered["m"])
        below = re.fullmatch(_LOWER, numbered["word"] or numbered["front"] or "")
        return str(-abs(number) if below else number)
    return joined


def _room(text: str) -> str:
    return _compact(_DECIMAL_COMMA.sub(".", _without(_ROOM, plain(text))))


def _desk(text: str) -> str:
    """`1 (Fenster)` says where desk 1 is."""
    return _compact(_without(_DESK, _REMARK.sub(r"\1", plain(text))))


_FORMS: Mapping[str, Callable[[str], str]] = {
    "site": plain,
    "building": _building,
    "floor": _floor,
    "room": _room,
    "desk": _desk,
}


@lru_cache(maxsize=50_000)
def same(part: str, text: str | None) -> str:
    """What is equal where two spellings of one part mean the same."""
    return _FORMS[part](text) if text else ""


def spot(place: Place) -> tuple[str, ...]:
    """A place to be compared, part by part."""
    return tuple(same(part, getattr(place, part)) for part in PARTS)


def agrees(stated: Place, known: Place) -> bool:
    """Whether what is stated of a place is true of the known one, which may say more."""
    return not differs(stated, known)


def differs(stated: Place, known: Place) -> tuple[str, ...]:
    """The parts that are stated and another in the known place."""
    pairs = zip(PARTS, spot(stated), spot(known), strict=True)
    return tuple(part for part, said, is_ in pairs if said not in ("", is_))


def looks_like_floor(text: str) -> bool:
    """`2. OG`, not a bare number: that may be a room as well."""
    said = plain(text)
    return not said.lstrip("-").isdecimal() and re.fullmatch(r"-?\d+|dg|zg", _floor(text)) is not None


def looks_like(part: str, text: str) -> bool:
    """Whether somebody has written before it what it is: `Haus A`, `R 2.14`, `AP 1`."""
    if part == "floor":
        return looks_like_floor(text)
    prefix = {"building": _BUILDING, "room": _ROOM, "desk": _DESK}.get(part)
    said = plain(text)
    return prefix is not None and _without(prefix, said) != said
