"""Waves proposed from the list: cut by day, site, floor or its own column, one after the other."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from domain.moves.plans.plan import Technician
from domain.moves.plans.versions import DailyWindow
from domain.moves.plans.waves import LARGEST_WAVE, CutBy, Wave, Workplace, cut
from domain.places import Site
from domain.refusals import Problem
from domain.times import DAY, LAST_DAY, first_instant

SUNDAY = 6
_DIGITS = re.compile(r"(\d+)")


class Cut(NamedTuple):
    """Workplaces that belong into one wave, and the days that the list names for them."""

    mark: tuple[str, ...]
    rows: list[Workplace]
    days: list[date]


class Proposal(NamedTuple):
    """The workplaces are bound to their waves."""

    waves: tuple[Wave, ...]
    workplaces: tuple[Workplace, ...]


def said_by(workplaces: Sequence[Workplace]) -> CutBy:
    """By what a list that says nothing of it is cut."""
    if any(row.group for row in workplaces):
        return CutBy.COLUMN
    return CutBy.DATE if any(row.day for row in workplaces) else CutBy.FLOOR


def problems_of(workplaces: Sequence[Workplace], by: CutBy, window: DailyWindow) -> list[Problem]:
    problems = []
    if window.end <= window.start:
        problems.append(Problem(code="period_reversed", at="/window/end"))
    if window.first is None and any(not one.days for one in cuts(workplaces, by)):
        problems.append(Problem(code="first_day_needed", at="/window/first"))
    listed = [row.day for row in workplaces if row.day]
    if window.first is not None and listed and min(listed) < window.first:
        values = {"first": f"{window.first}", "earliest": f"{min(listed)}", "latest": f"{max(listed)}"}
        problems.append(Problem(code="days_before_first", at="/window/first", values=values))
    return problems


def cuts(workplaces: Sequence[Workplace], by: CutBy) -> list[Cut]:
    """In the order in which they are to run: by their first day, then by name, those without days last."""
    rows = {row.key: row for row in workplaces}
    found = []
    for mark, keys in cut(workplaces, by).items():
        mine = sorted((rows[key] for key in keys), key=lambda row: (row.day or date.max, row.row))
        parts = (mine[at : at + LARGEST_WAVE] for at in range(0, len(mine), LARGEST_WAVE))
        found += [Cut(mark, part, [row.day for row in part if row.day]) for part in parts]
    return sorted(found, key=lambda one: (min(one.days, default=date.max), *map(_natural, one.mark)))


def _natural(name: str) -> tuple[int | str, ...]:
    """Wave 10 comes after wave 9."""
    return tuple(int(part) if part.isdigit() else part for part in _DIGITS.split(name))


def propose(
    workplaces: Sequence[Workplace],
    by: CutBy,
    window: DailyWindow,
    technicians: Sequence[Technician],
    sites: Mapping[str, Site],
) -> Proposal:
    waves: list[Wave] = []
    bound: dict[str, str] = {}
    days = _CutDays(window, technicians)
    for number, one in enumerate(cuts(workplaces, by), 1):
        site = sites[one.rows[0].target.site]
        first, last = days.of(one, site)
        wave = Wave(
            id=f"w{number}",
            start=_instant(first, window.start, site),
            end=_instant(last, window.end, site),
            after=(waves[-1].id,) if waves else (),
        )
        waves.append(wave.but(**_named(one, by)))
        bound |= {row.key: wave.id for row in one.rows}
    return Proposal(tuple(waves), tuple(row.but(wave=bound[row.key]) for row in workplaces))


def _instant(day: date, minutes: int, site: Site) -> datetime:
    return first_instant(datetime.combine(day, time()) + timedelta(minutes=minutes), site.access.zone)


def _named(one: Cut, by: CutBy) -> dict[str, str | None]:
    """For people to see what a wave is; which rows it takes is said by the rows."""
    target = one.rows[0].target
    match by:
        case CutBy.DATE:
            return {}
        case CutBy.SITE:
            return {"site": target.site}
        case CutBy.FLOOR:
            return {"site": target.site, "floor": target.floor}
        case CutBy.COLUMN:
            return {"group": one.rows[0].group}


class _CutDays:
    """Gives every cut its days; those that the list names none for come one after the other."""

    def __init__(self, window: DailyWindow, technicians: Sequence[Technician]) -> None:
        length = window.end - window.start
        self._minutes = sum(min(one.daily_minutes, length) for one in technicians)
        self._next = window.first or date.max
        self._last = min(LAST_DAY - DAY, window.first + (window.days - 1) * DAY) if window.first else date.max

    def of(self, one: Cut, site: Site) -> tuple[date, date]:
        if one.days:
            first, last = min(one.days), max(one.days)
        else:
            first, last = self._undated(sum(row.minutes for row in one.rows), site)
        if self._next < date.max:
            self._next = max(self._next, last + DAY)
        return first, last

    def _undated(self, minutes: int, site: Site) -> tuple[date, date]:
        """As many days on which the site is open as the work takes; at the end, the last day is shared."""
        holidays = {holiday.day for holiday in site.access.holidays}
        open_days: list[date] = []
        day = min(self._next, self._last)
        while day <= self._last and len(open_days) * self._minutes < minutes:
            if day.weekday() != SUNDAY and day not in holidays and _opens(site, day):
                open_days.append(day)
            day += DAY
        return (open_days[0], open_days[-1]) if open_days else (self._last, self._last)


def _opens(site: Site, day: date) -> bool:
    start, end = (first_instant(datetime.combine(edge, time()), site.access.zone) for edge in (day, day + DAY))
    return site.access.elapsed(start, end) > timedelta()
