"""What is wrong with hours that could be kept as they are written, but are not what anybody meant."""

from collections.abc import Iterator

from domain.clocks.calendars import WEEKDAYS, Calendar
from domain.clocks.closures import written
from domain.refusals import Problem


def aimless(calendar: Calendar) -> Iterator[Problem]:
    """Windows from a time to the same time: nobody can tell whether the whole day is meant, or nothing."""
    for day in WEEKDAYS:
        for n, (start, end) in enumerate(getattr(calendar.weekly, day)):
            if start == end:
                yield Problem(code="window_without_end", at=f"/weekly/{day}/{n}", values={"time": written(start)})
    for n, closure in enumerate(calendar.closures):
        if closure.start == closure.end:
            yield Problem(code="window_without_end", at=f"/closures/{n}/to", values={"time": written(closure.start)})
