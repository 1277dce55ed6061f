"""What words in lists mean to one customer: said once, and counted in every list of either kind from then on."""

from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from typing import Annotated

from pydantic import Field

from domain.names import same_name
from domain.place_names import PARTS, plain, same
from domain.values import PER_CHOICE, Line, Value


class Meant(StrEnum):
    """What a word stands for: `1. OG` a floor, `Kathi` a person, `draußen` a status."""

    SITE = "site"
    BUILDING = "building"
    FLOOR = "floor"
    ROOM = "room"
    DESK = "desk"
    PERSON = "person"
    STATUS = "status"
    KIND = "kind"


class Meanings(Value):
    """By what it stands for, what a word in a cell means."""

    values: dict[Meant, Annotated[dict[Line, Line], Field(max_length=500)]] = Field(default={}, max_length=PER_CHOICE)

    def meaning(self, of: str, text: str) -> str | None:
        """None where the customer has said nothing of it. `of` is a field of either kind of list."""
        part = _FIELDS.get(of, of.removeprefix("from_").removeprefix("to_"))
        said = self._by_form.get(part)
        return said.get(form_of(part, text)) if said else None

    @cached_property
    def _by_form(self) -> dict[str, dict[str, str]]:
        return {of: {form_of(of, word): meant for word, meant in said.items()} for of, said in self.values.items()}

    def without(self, cells: Mapping[str, str]) -> tuple[dict[str, str], frozenset[str]]:
        """The cells with what their words mean, and which of them the customer has spoken of."""
        if not self.values:
            return dict(cells), frozenset()
        found = {field: meant for field, text in cells.items() if (meant := self.meaning(field, text)) is not None}
        return {**cells, **found}, frozenset(found)


NO_MEANINGS = Meanings()
_FIELDS = {"holder": "person", "checked_out_site": "site"}


def form_of(part: str, text: str) -> str:
    """What is equal where two spellings of a word are one."""
    if part in PARTS:
        return plain(text) if part == "site" else same(part, text)
    return same_name(text) if part == "person" else plain(text)
