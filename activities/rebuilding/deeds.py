"""What has been done for a case, as its histories hold it: the ground on which tables are rebuilt."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from domain.refusals import Problem


@dataclass(frozen=True)
class Deed:
    """An activity that has come to its end: what it was asked, what it answered, and when it was done.

    `problem` is why it never can be done; then there is no answer.
    """

    activity: str
    asked: object
    answer: object
    at: datetime
    problem: Problem | None = None


@dataclass(frozen=True)
class RememberedCase:
    """What the histories of one workflow id hold, in the order in which it was done.

    `under_way` is what activities that have not ended were asked; `cause` is why this version cannot read it.
    """

    case: str
    is_open: bool
    deeds: tuple[Deed, ...]
    under_way: tuple[object, ...] = ()
    cause: str | None = None


def in_order(deeds: Iterable[Deed]) -> list[Deed]:
    """As they were done; of two at the same instant, those of one case stay as they are."""
    return sorted(deeds, key=lambda deed: deed.at)
