"""Sets of time as sorted, disjoint, half-open spans of whole seconds since 1970."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

Seconds = tuple[int, int]


def second(at: datetime) -> int:
    """The whole second in which it lies."""
    return int(at.timestamp() // 1)


def united(spans: Iterable[Seconds]) -> list[Seconds]:
    """In any order; those that touch become one, empty ones vanish."""
    found: list[Seconds] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def common(one: Sequence[Seconds], other: Sequence[Seconds]) -> list[Seconds]:
    found: list[Seconds] = []
    i = j = 0
    while i < len(one) and j < len(other):
        start, end = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if start < end:
            found.append((start, end))
        if one[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
    return found


def without(one: Sequence[Seconds], other: Sequence[Seconds]) -> list[Seconds]:
    return list(_without(one, other))


def _without(one: Sequence[Seconds], other: Sequence[Seconds]) -> Iterator[Seconds]:
    j = 0
    for start, end in one:
        here = start
        while j < len(other) and other[j][1] <= here:
            j += 1
        k = j
        while k < len(other) and other[k][0] < end:
            if here < other[k][0]:
                yield here, other[k][0]
            here = max(here, other[k][1])
            k += 1
        if here < end:
            yield here, end


def shares(spans: Iterable[Seconds], of: Sequence[Seconds]) -> Iterator[int]:
    """How many seconds of each lie within the others; they come in order and disjoint."""
    place = 0
    for start, end in spans:
        while place < len(of) and of[place][1] <= start:
            place += 1
        seconds, here = 0, place
        while here < len(of) and of[here][0] < end:
            seconds += min(end, of[here][1]) - max(start, of[here][0])
            here += 1
        yield seconds


def length(spans: Iterable[Seconds]) -> int:
    """Seconds."""
    return sum(end - start for start, end in spans)
