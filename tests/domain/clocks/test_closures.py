"""Long closures: found from change to change, and held against a walk through every day."""

import random
import sys
from collections.abc import Callable
from datetime import date

import pytest

from domain.clocks.calendars import OPEN, WEEKDAYS, Calendar, Weekly
from domain.clocks.closures import LONGEST_CLOSURE, Closure, Holiday, longest_closed
from domain.promises.what_ifs import WhatIf
from domain.times import DAY, YEARS


def closure(first: date, days: int, **more: object) -> Closure:
    until = first + (days - 1) * DAY
    return Closure.model_validate({"date": first.isoformat(), "until": until.isoformat(), **more})


def closed_days_walked(calendar: Calendar) -> int:
    """The longest time without a minute of service, day by day."""
    longest, last_open = 0, date(YEARS[0], 1, 1) - DAY
    for n in range(date(YEARS[-1] + 1, 1, 1).toordinal() - date(YEARS[0], 1, 1).toordinal()):
        day = date(YEARS[0], 1, 1) + n * DAY
        if any(part.state == OPEN for part in calendar._parts_of(day)):
            longest, last_open = max(longest, (day - last_open).days - 1), day
    return max(longest, (date(YEARS[-1] + 1, 1, 1) - last_open).days - 1)


def drawn(dice: random.Random) -> Calendar:
    """Not looked at as a whole: many of these never open for years."""

    def some_day() -> date:
        return date(dice.choice((2000, 2001, 2026, 2027, 2097)), dice.randint(1, 12), dice.randint(1, 28))

    def some_closure() -> Closure:
        times = {"from": f"{dice.randint(0, 23):02}:00", "to": f"{dice.randint(1, 24):02}:00"}
        more = {"yearly": dice.random() < 0.6, **(times if dice.random() < 0.5 else {})}
        return closure(some_day(), dice.choice((1, 2, 8, 31, 200, 364)), **more)

    days = dice.sample(WEEKDAYS, dice.randint(1, 4))
    weekly = {day: [[f"{dice.randint(0, 12):02}:00", f"{dice.randint(0, 24):02}:00"]] for day in days}
    return Calendar.model_construct(
        zone="Europe/Berlin",
        weekly=Weekly.model_validate(weekly),
        closures=tuple(some_closure() for _ in range(dice.randint(1, 6))),
        holidays=tuple(Holiday.model_validate({"date": some_day().isoformat()}) for _ in range(3)),
    )


@pytest.mark.parametrize("seed", range(12))
def test_what_is_closed_for_too_long_is_found_as_by_a_walk_through_every_day(seed: int) -> None:
    calendar = drawn(random.Random(seed))

    found = longest_closed(calendar.weekly.days, calendar.closures, calendar._holiday_names)

    assert (found >= LONGEST_CLOSURE.days) == (closed_days_walked(calendar) >= LONGEST_CLOSURE.days)


@pytest.mark.parametrize(
    ("closures", "opens"),
    [
        pytest.param([closure(date(2027, 1, 1), 399)], True, id="closed for 399 days"),
        pytest.param([closure(date(2027, 1, 1), 400)], False, id="closed for 400 days"),
        pytest.param([closure(date(2027, 1, 1), 250), closure(date(2027, 9, 8), 250)], False, id="two end to end"),
        pytest.param([closure(date(2026, 1, 1), 365, yearly=True)], False, id="every day of every year"),
        pytest.param([closure(date(2026, 1, 3), 363, yearly=True)], True, id="open for a few days a year"),
        pytest.param(
            [
                closure(date(2026, 1, 1), 365, yearly=True, **{"from": "00:00", "to": "12:00"}),
                closure(date(2026, 1, 1), 365, yearly=True, **{"from": "12:00", "to": "24:00"}),
            ],
            False,
            id="mornings and afternoons together are all day",
        ),
    ],
)
def test_a_calendar_must_open_within_four_hundred_days(closures: list[Closure], opens: bool) -> None:
    accepted = _is_accepted(lambda: Calendar(zone="Europe/Berlin", always=True, closures=tuple(closures)))

    assert accepted == opens


def test_a_hundred_long_yearly_closures_cost_hardly_more_than_one() -> None:
    def yearly(number: int) -> Closure:
        times = {"from": f"{number % 24:02}:{number % 60:02}", "to": f"{(number + 1) % 24:02}:{number % 60:02}"}
        return closure(date(2000 + number % 50, 1 + number % 12, 1 + number % 28), 364, yearly=True, **times)

    week = [((8 * 60, 17 * 60),)] * 7
    one, hundred = ([yearly(number) for number in numbers] for numbers in ((49,), range(100)))

    assert _steps(lambda: longest_closed(week, hundred, ())) < 4 * _steps(lambda: longest_closed(week, one, ()))


def test_a_calendar_that_becomes_part_of_something_is_not_walked_again() -> None:
    calendar = Calendar(zone="Europe/Berlin", always=True, closures=(closure(date(2026, 1, 3), 300, yearly=True),))

    assert _steps(lambda: WhatIf(calendar=calendar)) < 100


def _steps(work: Callable[[], object]) -> int:
    """How many functions are called: the effort, on however busy a machine."""
    calls = 0

    def count(_frame: object, event: str, _arg: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls


def _is_accepted(make: Callable[[], Calendar]) -> bool:
    try:
        make()
    except ValueError:
        return False
    return True
