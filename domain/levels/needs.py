"""What a service needs, and by how much it is down when some of that is: 0 works, 1 is down, between is degraded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Annotated, Literal, NamedTuple

from pydantic import Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from domain.levels.spans import Seconds
from domain.values import Line, Value

DEEPEST = 10
WORKS, DOWN = Fraction(0), Fraction(1)


class AllOf(Value):
    """As far down as the worst of them."""

    all: Parts


class AnyOf(Value):
    """As far down as the best of them."""

    any: Parts


class AtLeast(Value):
    """As far down as the k-th best of them."""

    at_least: Annotated[int, Field(ge=1)]
    of: Parts

    @model_validator(mode="after")
    def _enough(self) -> AtLeast:
        if self.at_least > len(self.of):
            said = "at least {wanted} of {there}: there are not so many"
            raise PydanticCustomError("need_beyond_parts", said, {"wanted": self.at_least, "there": len(self.of)})
        return self


def _kind(given: object) -> Literal["=all", "=any", "=of", "=name"]:
    if isinstance(given, dict):
        return "=any" if "any" in given else "=of" if "at_least" in given or "of" in given else "=all"
    return (
        "=all"
        if isinstance(given, AllOf)
        else "=any"
        if isinstance(given, AnyOf)
        else "=of"
        if isinstance(given, AtLeast)
        else "=name"
    )


# The tags begin with a sign that no field has, so that they can be told from places in the document.
Need = Annotated[
    Annotated[Line, Tag("=name")]
    | Annotated[AllOf, Tag("=all")]
    | Annotated[AnyOf, Tag("=any")]
    | Annotated[AtLeast, Tag("=of")],
    Discriminator(_kind),
]
Parts = Annotated[tuple[Need, ...], Field(min_length=1, max_length=50)]
for _model in (AllOf, AnyOf, AtLeast):
    _model.model_rebuild()


def parts_of(need: Need) -> tuple[Need, ...]:
    match need:
        case AllOf():
            return need.all
        case AnyOf():
            return need.any
        case AtLeast():
            return need.of
    return ()


def names_in(need: Need) -> Iterator[str]:
    if isinstance(need, str):
        yield need
    for part in parts_of(need):
        yield from names_in(part)


def depth_of(need: Need) -> int:
    return 1 + max((depth_of(part) for part in parts_of(need)), default=0)


def down_by(need: Need, levels: Mapping[str, Fraction]) -> Fraction:
    """By the levels of what is named in it; what has none works."""
    if isinstance(need, str):
        return levels.get(need, WORKS)
    best_first = sorted(down_by(part, levels) for part in parts_of(need))
    match need:
        case AllOf():
            return best_first[-1]
        case AtLeast():
            return best_first[need.at_least - 1]
    return best_first[0]


class Trouble(NamedTuple):
    """Something that a service needs was down by so much."""

    of: str
    span: Seconds
    level: Fraction = DOWN


class DownSpan(NamedTuple):
    span: Seconds
    level: Fraction


def course(need: Need, troubles: Iterable[Trouble]) -> list[DownSpan]:
    """When the service was down by how much, in order; what lies between works. The worst of several at once counts."""
    changes: dict[int, list[tuple[str, Fraction, int]]] = {}
    for name, (start, end), level in troubles:
        if start < end and level > WORKS:
            changes.setdefault(start, []).append((name, level, 1))
            changes.setdefault(end, []).append((name, level, -1))
    active: dict[str, dict[Fraction, int]] = {}
    levels: dict[str, Fraction] = {}
    found: list[DownSpan] = []
    since, now = 0, WORKS
    for at in sorted(changes):
        if now > WORKS:
            found.append(DownSpan((since, at), now))
        for name, level, one in changes[at]:
            counts = active.setdefault(name, {})
            counts[level] = counts.get(level, 0) + one
            if not counts[level]:
                del counts[level]
        for name in {name for name, _, _ in changes[at]}:
            levels[name] = max(active[name], default=WORKS)
        since, now = at, down_by(need, levels)
    return found
