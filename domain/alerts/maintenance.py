"""Maintenance windows: while one lasts, the alerts it covers are kept and counted but open nothing."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from pydantic import Field

from domain.alerts.alert import Alert
from domain.alerts.labels import Patterns, fits
from domain.refusals import Problem
from domain.times import Instant
from domain.values import Line, Slug, Value

LONGEST = timedelta(days=92)


class MaintenanceWindow(Value):
    """From `start` until just before `end`. What is not named is not looked at: a customer alone covers all it has."""

    id: Slug
    version: int = Field(default=1, ge=1)
    customer: Slug
    site: Slug | None = None
    source: Slug | None = None
    match: Patterns = {}
    start: Instant
    end: Instant
    why: Line

    def covers(self, alert: Alert, site: str, at: datetime) -> bool:
        return (
            self.start <= at < self.end
            and self.site in (None, site)
            and self.source in (None, alert.source)
            and fits(self.match, alert.facts)
        )


def covered_until(alert: Alert, site: str, at: datetime, windows: Iterable[MaintenanceWindow]) -> datetime | None:
    """When the windows that cover the alert now will be over; others may follow them."""
    return max((window.end for window in windows if window.covers(alert, site, at)), default=None)


def problems_of(window: MaintenanceWindow, sites: Iterable[str], now: datetime) -> list[Problem]:
    """What keeps a window from being saved. `sites` are those of its customer."""
    problems = []
    if window.end <= window.start:
        problems.append(Problem(code="period_reversed", at="/end"))
    elif window.end <= now:
        problems.append(Problem(code="in_the_past", at="/end"))
    elif window.end - window.start > LONGEST:
        problems.append(Problem(code="period_too_long", at="/end", values={"days": str(LONGEST.days)}))
    if window.site is not None and window.site not in sites:
        problems.append(Problem(code="site_unknown", at="/site", values={"site": window.site}))
    return problems
