"""What every value of the domain shares: it is frozen, knows its fields and nothing beside them."""

import unicodedata
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints


class Value(BaseModel):
    """Immutable; unknown fields are refused, so a typo in a contract or a request is found at once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def but(self, **changes: object) -> Self:
        """The same value with some fields changed. Changes are not validated: they come from our own rules."""
        return self.model_copy(update=changes)


def _is_control(sign: str) -> bool:
    return unicodedata.category(sign) in ("Cc", "Zl", "Zp", "Cs")


def in_one_line(text: str) -> str:
    if any(map(_is_control, text)):
        raise ValueError("control characters and line breaks are not allowed")
    return text


def printable(text: str) -> str:
    if any(_is_control(sign) and sign not in "\n\r\t" for sign in text):
        raise ValueError("control characters are not allowed")
    return text


def clean(text: str, most: int) -> str:
    """A foreign text as one line of ours: no control characters, no longer than this."""
    return " ".join("".join(" " if _is_control(sign) else sign for sign in text).split())[:most].rstrip()


# Ids end up in workflow ids, file names and URLs: a narrow alphabet, and no personal data in them.
Slug = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(in_one_line)
]
Address = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(in_one_line)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000), AfterValidator(printable)]
AssetTag = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._/-]{0,63}$")]
EmailAddress = Annotated[str, StringConstraints(pattern=r"^[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,190}$")]
