"""Calendars as dice write them, in weeks that are hard on local time."""

import random
from datetime import datetime, timedelta

from tests.domain.clocks.minute_walk import WEEKDAYS, Written, WrittenClosure, utc

DAYS = 21
# The weeks in which something happens to local time, and one in which nothing does.
SEASONS = {
    "American spring": utc(2026, 3, 1),
    "European spring, southern autumn": utc(2026, 3, 28),
    "southern spring": utc(2026, 9, 20),
    "northern autumn": utc(2026, 10, 18),
    "turn of the year": utc(2026, 12, 20),
}
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Chatham")


def some_time(dice: random.Random) -> str:
    return f"{dice.randrange(24):02}:{dice.choice((0, 0, 0, 15, 30, 59)):02}"


def some_closure(dice: random.Random, start: datetime) -> WrittenClosure:
    first = last = start.date() + timedelta(days=dice.randrange(-2, DAYS))
    if dice.random() < 0.3:
        last += timedelta(days=dice.randrange(4))
    yearly = dice.random() < 0.3
    if yearly:
        years = dice.randrange(3)
        first, last = first.replace(year=first.year - years), last.replace(year=last.year - years)
    closure: WrittenClosure = {"date": first.isoformat(), "until": last.isoformat(), "yearly": yearly}
    if dice.random() < 0.5:
        closure["from"], closure["to"] = some_time(dice), dice.choice((some_time(dice), "24:00"))
    return closure


def some_calendar(dice: random.Random, zone: str, start: datetime) -> Written:
    written: Written = {
        "zone": zone,
        "closures": [some_closure(dice, start) for _ in range(dice.randrange(5))],
    }
    if dice.random() < 0.1:
        written["always"] = True
        return written
    chance = dice.choice((0.5, 0.8, 1))
    written["weekly"] = {
        day: [
            [some_time(dice), dice.choice((some_time(dice), some_time(dice), "24:00"))]
            for _ in range(dice.randint(1, 3))
        ]
        for day in WEEKDAYS
        if day == "mon" or dice.random() < chance
    }
    written["holidays"] = [
        {"date": (start.date() + timedelta(days=dice.randrange(DAYS))).isoformat(), "name": "Feiertag"}
        for _ in range(dice.randrange(3))
    ]
    return written
