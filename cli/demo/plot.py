"""What is moved in the demonstration: a list, a plan for it, and what goes wrong."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Self

from cli.demo.stage import example_file
from connectors.contract_files import read_plan_request
from connectors.holidays import with_holidays
from domain.clocks.calendars import Calendar
from domain.moves.plans.versions import PlanRequest
from domain.times import utc, zone

LIST_FILE, PLAN_FILE = "move-clean.csv", "move-plan.yaml"
WEEK = timedelta(weeks=1)
MOST_WEEKS = 5_000
_GERMAN_DAY = re.compile(r"\b(\d{2})\.(\d{2})\.(\d{4})\b")


@dataclass(frozen=True)
class MovePlot:
    """`fails` and `differs` are people of the list: taking down fails the first time, or another device arrives."""

    project: str
    name: str
    list_name: str
    rows: str
    plan: PlanRequest
    fails: str
    differs: str

    @property
    def listed_days(self) -> set[date]:
        return {_day(found) for found in _GERMAN_DAY.finditer(self.rows)}

    @property
    def days(self) -> list[date]:
        """On which anybody is moved."""
        return sorted(self.listed_days | {wave.start.date() for wave in self.plan.waves})

    def later(self, weeks: int, zone_name: str) -> Self:
        """Everything so many weeks later, at the same time by the clock on the wall."""

        def moved(at: datetime) -> datetime:
            return utc(at.astimezone(zone(zone_name)) + weeks * WEEK)

        waves = (wave.but(start=moved(wave.start), end=moved(wave.end)) for wave in self.plan.waves)
        freezes = (one.but(start=moved(one.start), end=moved(one.end)) for one in self.plan.freezes)
        text = _GERMAN_DAY.sub(lambda found: f"{_day(found) + weeks * WEEK:%d.%m.%Y}", self.rows)
        return replace(self, rows=text, plan=self.plan.but(waves=tuple(waves), freezes=tuple(freezes)))

    def led_by(self, person: str) -> Self:
        """Every wave waits for somebody's go instead of its date; this person's, where the plan names nobody."""
        waves = (wave.but(gate=wave.gate.but(by=wave.gate.by or person)) for wave in self.plan.waves)
        return replace(self, plan=self.plan.but(waves=tuple(waves)))


def example_plot() -> MovePlot:
    return MovePlot(
        project="adler-umzug",
        name="Umzug in Haus B",
        list_name=LIST_FILE,
        rows=example_file(LIST_FILE).decode("utf-8-sig"),
        plan=read_plan_request(example_file(PLAN_FILE)),
        fails="Lukas Conrad",
        differs="Tobias Gruber",
    )


def weeks_until(days: Sequence[date], today: date, hours: Calendar) -> int:
    """The fewest whole weeks after which all the days lie ahead and the site is open on them."""
    hours = with_holidays(hours, utc(datetime.combine(today, datetime.min.time(), zone(hours.zone))))
    return next(
        (weeks for weeks in range(MOST_WEEKS) if all(_is_open(day + weeks * WEEK, today, hours) for day in days)), 0
    )


def _is_open(day: date, today: date, hours: Calendar) -> bool:
    midnight = datetime.combine(day, datetime.min.time(), zone(hours.zone))
    return day > today and bool(hours.windows(midnight, midnight + timedelta(days=1)).opens)


def _day(found: re.Match[str]) -> date:
    day, month, year = map(int, found.groups())
    return date(year, month, day)
