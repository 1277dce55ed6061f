"""Spells: from when to when an alert fired, as it will be measured; what is over is written once and never again."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from domain.refusals import Problem, refuse_if
from domain.times import Instant
from domain.values import Line, Slug, Value


class SpellEnd(StrEnum):
    """How a spell ended: told by the sender; last heard, and nothing since; began anew, its end was never heard; or
    goes on in another severity.
    """

    RESOLVED = "resolved"
    SILENT = "silent"
    BEGAN_ANEW = "began_anew"
    REGRADED = "regraded"


class Spell(NamedTuple):
    """One that is over. Of silent ones nobody knows what came after `end`: that time is not measured."""

    start: datetime
    end: datetime
    severity: str | None
    ended: SpellEnd


class SpellSheet(Value):
    """A spell as people and systems read it, the current one without an end."""

    alert: Slug
    source: Slug
    key: Line
    title: Line
    customer: Slug | None
    group: Slug | None
    severity: Line | None
    start: Instant
    end: Instant | None
    ended: SpellEnd | None


def sound(spell: Spell, now: datetime) -> Spell:
    """The spell itself. Raises `Unacceptable` for one that ends before it begins or lies in the future."""
    problems = []
    if spell.end < spell.start:
        problems.append(Problem(code="period_reversed", at="/end"))
    problems += [
        Problem(code="in_the_future", at=f"/{name}")
        for name, at in (("start", spell.start), ("end", spell.end))
        if at > now
    ]
    refuse_if(problems)
    return spell
