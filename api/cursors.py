"""Lists in pieces: a cursor is opaque, knows the list and sort it belongs to, and stays right while rows are added."""

import base64
import binascii
from collections.abc import Sequence
from typing import Generic, TypeVar

from pydantic import ValidationError

from domain.refusals import Problem, Unacceptable
from domain.values import Value

T = TypeVar("T")


class CursorPage(Value, Generic[T]):
    """`next` is the cursor of the following page; without one this is the last."""

    items: tuple[T, ...]
    next: str | None = None


class Cursor(Value):
    """`sort` names the list as well; `after` is the place of the last row that was shown."""

    sort: str
    after: tuple[str, str]

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(self.model_dump_json().encode()).decode().rstrip("=")


def read_cursor(text: str | None, sort: str) -> tuple[str, str] | None:
    """Raises `Unacceptable` for garbage and for the cursor of another list, or of one that was sorted otherwise."""
    if text is None:
        return None
    try:
        written = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        cursor = Cursor.model_validate_json(written)
    except (binascii.Error, ValueError, ValidationError):
        cursor = None
    if cursor is None or cursor.sort != sort or any("\0" in part for part in cursor.after):
        raise cursor_wrong()
    return cursor.after


def cursor_wrong() -> Unacceptable:
    return Unacceptable(Problem(code="cursor_wrong", at="/query/cursor"))


def page(rows: Sequence[T], limit: int) -> tuple[tuple[T, ...], T | None]:
    """The rows to show, of one more than the limit, and the last of them if others follow."""
    shown = tuple(rows[:limit])
    return shown, shown[-1] if len(rows) > limit else None
