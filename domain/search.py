"""By what things are found: normal forms of numbers, names and places, each beginning of which finds it."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from domain.kinds import OrderKind
from domain.people import Language, Person
from domain.place_names import plain, same
from domain.places import Place
from domain.values import Line, Slug, Value

LONGEST_WORD = 80
# A name has that many words that somebody begins with.
_MOST_BEGINNINGS = 6
# Lines of ours are shorter.
_LONGEST_TEXT = 400
_PARTS = re.compile(r"[^\W_]+")
# As they are written out, and as those write them who have no such keys.
_WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "æ": "ae", "ø": "oe", "œ": "oe", "å": "aa", "ł": "l"})
_WITHOUT_KEYS = str.maketrans({"æ": "ae", "ø": "o", "œ": "oe", "ł": "l"})


class SearchField(StrEnum):
    """What of a thing a word is, in the order in which people mean it."""

    NUMBER = "number"
    TAG = "tag"
    SERIAL = "serial"
    REFERENCE = "reference"
    PERSON = "person"
    NAME = "name"
    ROOM = "room"

    @property
    def rank(self) -> int:
        return list(SearchField).index(self)


class FoundKind(StrEnum):
    ORDER = "order"
    INCIDENT = "incident"
    ASSET = "asset"
    PERSON = "person"
    PROJECT = "project"


class SearchWord(NamedTuple):
    field: SearchField
    word: str


def searched(text: str) -> str:
    """What is looked for, in the form in which it is kept: small letters and digits alone, umlauts written out."""
    return "".join(_parts(text, _WRITTEN_OUT))[:LONGEST_WORD]


def searched_as(text: str) -> tuple[str, ...]:
    """All that may be meant: `Raum 2.14` is the room 2.14 as well."""
    return tuple(dict.fromkeys(filter(None, (searched(text), searched(same("room", text))))))


def words(field: SearchField, *texts: str | None) -> Iterator[SearchWord]:
    """Each is found by the beginning of any of its parts."""
    for text in filter(None, texts):
        for parts in _readings(text):
            yield from _beginnings(field, parts)


def names(field: SearchField, *texts: str | None) -> Iterator[SearchWord]:
    """As people are called, and by their last names first: `Vogel, Anna`."""
    for text in filter(None, texts):
        for parts in _readings(text):
            yield from _beginnings(field, parts)
            if len(parts) > 1:
                yield SearchWord(field, "".join((parts[-1], *parts[:-1]))[:LONGEST_WORD])


def rooms(*places: Place | None) -> Iterator[SearchWord]:
    """As the room is written, and in its normal form; alone and after its building."""
    for place in places:
        if place is not None and place.room is not None:
            for room in dict.fromkeys((place.room, same("room", place.room))):
                yield from words(SearchField.ROOM, f"{place.building or ''} {room}", room)


def _beginnings(field: SearchField, parts: Sequence[str]) -> Iterator[SearchWord]:
    for first in range(min(len(parts), _MOST_BEGINNINGS)):
        yield SearchWord(field, "".join(parts[first:])[:LONGEST_WORD])


def _readings(text: str) -> Iterator[Sequence[str]]:
    yield _parts(text, _WRITTEN_OUT)
    if not text.isascii():
        yield _parts(text, _WITHOUT_KEYS)


def _parts(text: str, table: dict[int, str]) -> list[str]:
    seen = plain(text[:_LONGEST_TEXT])
    if not seen.isascii():
        apart = unicodedata.normalize("NFKD", seen.translate(table))
        seen = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return _PARTS.findall(seen)


def words_of(person: Person) -> frozenset[SearchWord]:
    return frozenset((*words(SearchField.NUMBER, person.id), *names(SearchField.PERSON, person.name)))


class FoundThing(Value):
    """What was found. `matched` is what of it begins so, `exact` that it is nothing else.

    `title` is what it is called: an incident's title, a person's or project's name, an asset's model. An order is
    called by the item it was placed for, in each language, or by its kind.
    """

    kind: FoundKind
    no: Line
    customer: Slug | None = None
    title: Line | None = None
    order_kind: OrderKind | None = None
    item_name: dict[Language, Line] = {}
    state: Slug | None = None
    matched: SearchField = SearchField.NUMBER
    exact: bool = False
