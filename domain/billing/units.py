"""How many there are of what a fee is charged for: sites, workplaces, day by day."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import pairwise

from domain.billing.facts import Counted
from domain.billing.tariffs import Fee
from domain.times import DAY

DaySpan = tuple[date, date]


class Count:
    """None before the first count. Of several on one day the last that was told counts."""

    def __init__(self, counts: Iterable[Counted]) -> None:
        ordered = sorted(counts, key=lambda one: (one.on, one.told.timestamp() if one.told else 0, one.id))
        by_day = {one.on: one.count for one in ordered}
        self._days, self._counts = [*by_day], [*by_day.values()]

    def on(self, day: date) -> int:
        place = bisect_right(self._days, day)
        return self._counts[place - 1] if place else 0

    def stretches(self, start: date, end: date) -> Iterator[tuple[int, int]]:
        """Days, and how many there were on each of them."""
        inner = self._days[bisect_right(self._days, start) : bisect_right(self._days, end - DAY)]
        for since, until in pairwise((start, *inner, end)):
            yield (until - since).days, self.on(since)


class Units:
    def __init__(self, counts: Iterable[Counted]) -> None:
        self._counts: dict[str, list[Counted]] = {}
        for one in counts:
            self._counts.setdefault(one.unit, []).append(one)
        self._known: dict[tuple[str, datetime], Count] = {}

    def unit_days(self, fee: Fee, span: DaySpan, spans: Sequence[DaySpan], known_at: datetime) -> int:
        """The days of a span times what is counted on them; for the last day and the peak all spans are looked at."""
        days = (span[1] - span[0]).days
        if fee.per_unit is None:
            return days
        count = self._count(fee.per_unit, known_at)
        if fee.count == "last_day":
            return days * count.on(spans[-1][1] - DAY)
        if fee.count == "peak":
            return days * max(many for one in spans for _, many in count.stretches(*one))
        return sum(length * many for length, many in count.stretches(*span))

    def _count(self, unit: str, known_at: datetime) -> Count:
        key = (unit, known_at)
        if key not in self._known:
            told = (one for one in self._counts.get(unit, ()) if one.told is None or one.told <= known_at)
            self._known[key] = Count(told)
        return self._known[key]
