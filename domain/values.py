"""What every value of the domain shares: it is frozen, knows its fields and nothing beside them."""

import re
from typing import Annotated, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

T = TypeVar("T")


class Value(BaseModel):
    """Immutable; unknown fields are refused, so a typo in a contract or a request is found at once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def but(self, **changes: object) -> Self:
        """The same value with some fields changed. Changes are not validated: they come from our own rules."""
        return self.model_copy(update=changes)


# The categories Cc, Zl, Zp and Cs, as one look at a whole text: a megabyte of it must not take a breath.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_CONTROL_IN_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def in_one_line(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("control characters and line breaks are not allowed")
    return text


def printable(text: str) -> str:
    if _CONTROL_IN_TEXT.search(text):
        raise ValueError("control characters are not allowed")
    return text


def clean(text: str, most: int) -> str:
    """A foreign text as one line of ours: no control characters, no longer than this."""
    return " ".join(_CONTROL.sub(" ", text).split())[:most].rstrip()


# Ids end up in workflow ids, file names and URLs: a narrow alphabet, and no personal data in them.
# In JSON, where 0 and "no" are something else; files written by hand say yes and no in their own words.
YesNo = Annotated[bool, Field(strict=True)]
Slug = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", max_length=64)]
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(in_one_line)
]
# As other sources write it: kept as it is, only not without end.
ShortText = Annotated[str, Field(max_length=500)]
Address = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(in_one_line)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000), AfterValidator(printable)]
SaidText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000), AfterValidator(printable)
]
AssetTag = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._/-]{0,63}$", max_length=64)]
EmailAddress = Annotated[
    str, StringConstraints(pattern=r"^[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,190}$", max_length=255)
]
# Whatever somebody sends has an end. What only we write may be as long as it comes to be.
Few = Annotated[tuple[T, ...], Field(max_length=50)]
Hundreds = Annotated[tuple[T, ...], Field(max_length=500)]
# Thousands are written by machines: where one entry is wrong, all of them are.
Thousands = Annotated[tuple[T, ...], Field(max_length=5_000, fail_fast=True)]
# Keys of a closed set, each at most once.
PER_CHOICE = 50
