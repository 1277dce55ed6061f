"""Public holidays of a region, from the `holidays` library: never inside a workflow, where they are data."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from importlib.metadata import version

import holidays

from domain.clocks.calendar_checks import aimless
from domain.clocks.calendars import Calendar
from domain.clocks.closures import Holiday
from domain.oncall.rota import Rota
from domain.oncall.rota_versions import InForce
from domain.oncall.rotations import RotationT
from domain.refusals import Problem

TZDATA = version("tzdata")
HOLIDAYS = version("holidays")
# How many years after the first are looked up: longer than any promise runs.
YEARS_AHEAD = 6


class UnknownRegion(ValueError):
    """Regions are written DE, DE-BY or DE-BY-Augsburg; `+catholic` adds what only Catholic places keep."""


def with_holidays(calendar: Calendar, at: datetime) -> Calendar:
    """The calendar with the holidays of its region from the year before `at` on. Raises `UnknownRegion`."""
    if not calendar.region or calendar.holidays:
        return calendar
    return _filled(calendar, at.year)


def dated(rota: Rota, at: datetime) -> Rota:
    """The rota with the holidays of its calendars. Raises `UnknownRegion`."""

    def filled(rotation: RotationT) -> RotationT:
        return rotation.but(hours=with_holidays(rotation.hours, at)) if rotation.hours else rotation

    return rota.but(
        coverage=with_holidays(rota.coverage, at),
        primary=filled(rota.primary),
        backup=filled(rota.backup),
        further=tuple(map(filled, rota.further)),
    )


def all_dated(versions: Iterable[InForce], at: datetime) -> list[InForce]:
    return [InForce(since, dated(rota, at)) for since, rota in versions]


def rota_calendar_problems(rota: Rota, at: datetime) -> list[Problem]:
    calendars = {f"{place}/hours": rotation.hours for place, _, rotation in rota.places() if rotation.hours}
    found = {"/coverage": rota.coverage, **calendars}
    return [problem for place, calendar in found.items() for problem in calendar_problems(calendar, place, at)]


def calendar_problems(calendar: Calendar, path: str, at: datetime) -> list[Problem]:
    """Where a calendar asks for holidays that nobody knows, or says nothing that could be meant."""
    problems = [problem.but(at=f"{path}{problem.at}") for problem in aimless(calendar)]
    try:
        with_holidays(calendar, at)
    except UnknownRegion:
        problems.append(Problem(code="region_unknown", at=f"{path}/region", values={"region": calendar.region}))
    return problems


@lru_cache(maxsize=256)
def _filled(calendar: Calendar, year: int) -> Calendar:
    place, _, category = calendar.region.partition("+")
    country, *subdivisions = place.split("-")
    try:
        found = holidays.country_holidays(
            country,
            subdiv=subdivisions[-1] if subdivisions else None,
            years=range(year - 1, year + YEARS_AHEAD),
            language="de",
            categories=("public", category) if category else ("public",),
        )
    except (NotImplementedError, ValueError) as error:
        raise UnknownRegion(calendar.region) from error
    days = tuple(Holiday(day=day, name=name) for day, name in sorted(found.items()))
    return calendar.model_copy(update={"holidays": days, "holidays_version": HOLIDAYS})
