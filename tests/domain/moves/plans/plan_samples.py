"""Move projects as dice throw them: sites, waves, people and desks, with chains, swaps and things that do not fit."""

import random
from datetime import UTC, date, datetime, timedelta

from domain.clocks.calendars import Calendar
from domain.moves.plans.plan import Basis, Technician, VendorCapacity
from domain.moves.plans.waves import Freeze, Wave, Workplace
from domain.places import Place, Site

WORKDAYS = ("mon", "tue", "wed", "thu", "fri")
HOLIDAY = date(2026, 4, 3)
SITES = ("nord", "ost", "west")
SHARED = 0.3


def office(start: str = "07:00", end: str = "19:00", days: tuple[str, ...] = WORKDAYS) -> Calendar:
    return Calendar.model_validate(
        {
            "zone": "Europe/Berlin",
            "weekly": {day: [[start, end]] for day in days},
            "holidays": [{"date": HOLIDAY.isoformat(), "name": "Karfreitag"}],
        }
    )


OFFICE, ALWAYS = office(), Calendar(zone="Europe/Berlin", always=True)


def at(written: str) -> datetime:
    return datetime.fromisoformat(f"{written}+02:00").astimezone(UTC)


def site(name: str, access: Calendar = OFFICE) -> Site:
    return Site(id=name, customer="adler", name=name, access=access)


def desk(number: int | str, where: str = "nord", floor: str = "1") -> Place:
    return Place(site=where, floor=floor, room="r", desk=f"d{number}")


def technicians(number: int, hours: Calendar = OFFICE) -> tuple[Technician, ...]:
    return tuple(Technician(id=f"t{n}", hours=hours) for n in range(number))


def moves(dice: random.Random, number: int, sites: tuple[str, ...] = SITES) -> list[Workplace]:
    """Most go to an empty desk, some to one that somebody leaves: so there are chains and swaps."""
    where = [dice.choice(sites) for _ in range(number)]
    targets = [desk(f"new{n}", where[n], str(dice.randrange(3))) for n in range(number)]
    sources = [desk(f"old{n}", where[n], str(dice.randrange(3))) for n in range(number)]
    for name in sites:
        here = [n for n in range(number) if where[n] == name]
        some = dice.sample(here, min(len(here), max(3, len(here) // 5)))
        # In threes: a chain of three, and a swap of two beside one that stays out of it.
        for one, two, three in zip(some[::3], some[1::3], some[2::3], strict=False):
            targets[one] = sources[two]
            targets[two] = dice.choice((sources[one], sources[three]))
            if dice.random() < SHARED:
                # A second row of the desk: it is free when both have left.
                sources[three] = sources[two]
    minutes = (30, 45, 60, 60, 75, 90)
    return [
        Workplace(
            key=f"w{n}",
            source=sources[n],
            target=targets[n],
            kit=dice.randint(1, 4),
            minutes=dice.choice(minutes),
            skills=("cad",) if dice.random() < 0.1 else (),
            vendor="carrier" if dice.random() < 0.3 else None,
        )
        for n in range(number)
    ]


def big(seed: int, workplaces: int = 400) -> Basis:
    """Three sites with three days each for twelve people, with about as many hours as the work needs."""
    dice = random.Random(seed)
    rows = moves(dice, workplaces)
    first = datetime(2026, 4, 13, 5, tzinfo=UTC)
    waves = [
        Wave(id=f"{name}-{n}", site=name, start=start, end=start + timedelta(hours=12))
        for n, (name, start) in enumerate((name, first + timedelta(days=day)) for day in (0, 1, 2, 3) for name in SITES)
    ]
    needed = sum(row.minutes for row in rows)
    people = [
        Technician(id=f"t{n}", hours=OFFICE, daily_minutes=min(600, round(needed / 44)), skills=("cad",) * (n < 4))
        for n in range(12)
    ]
    return Basis(
        workplaces=tuple(rows),
        waves=tuple(waves),
        technicians=tuple(people),
        sites=tuple(map(site, SITES)),
        vendors=(VendorCapacity(vendor="carrier", pieces_per_day=110),),
        interim=tuple(Place(site=name, room="store") for name in SITES),
    )


def wild(seed: int, workplaces: int = 24) -> Basis:
    """Short of everything: hours, room, carriers, skills; with freezes, nights, a holiday and the change of clocks."""
    dice = random.Random(seed)
    rows = [_odd(dice, row) for row in moves(dice, workplaces)]
    first = datetime(2026, 3, dice.choice((27, 30, 31)), dice.choice((4, 6, 16)), tzinfo=UTC)
    waves = [_some_wave(dice, number, first + timedelta(days=dice.randrange(5))) for number in range(4)]
    shifts = (OFFICE, office("14:00", "02:00", (*WORKDAYS, "sun")), office("20:00", "08:00"), ALWAYS)
    people = [
        Technician(
            id=f"t{n}",
            hours=dice.choice(shifts),
            daily_minutes=dice.choice((240, 480, 600)),
            skills=("cad",) * dice.randrange(2),
        )
        for n in range(3)
    ]
    freeze = first + timedelta(hours=dice.randrange(60))
    return Basis(
        workplaces=tuple(rows),
        waves=tuple(waves),
        technicians=tuple(people),
        sites=tuple(site(name, dice.choice((OFFICE, ALWAYS))) for name in SITES),
        vendors=(VendorCapacity(vendor="carrier", pieces_per_day=dice.randint(3, 9)),) * dice.randrange(2),
        freezes=(Freeze(start=freeze, end=freeze + timedelta(hours=5), why="Jahresabschluss", site="nord"),),
        interim=tuple(Place(site=name, room="store") for name in dice.sample(SITES, 2)),
    )


def _odd(dice: random.Random, row: Workplace) -> Workplace:
    """Some ask for a wave or a day, some move between sites."""
    if dice.random() < 0.2:
        return row.but(wave=f"v{dice.randrange(5)}")
    if dice.random() < 0.1:
        return row.but(day=date(2026, 4, dice.randint(1, 4)))
    if dice.random() < 0.1 and row.target.desk is not None and row.target.desk.startswith("dnew"):
        return row.but(target=row.target.but(site="west"))
    return row


def _some_wave(dice: random.Random, number: int, start: datetime) -> Wave:
    return Wave(
        id=f"v{number}",
        start=start,
        end=start + timedelta(hours=dice.choice((6, 14, 40))),
        site=dice.choice((None, None, *SITES)),
        floor=dice.choice((None, None, None, "1")),
        crew=("t0", "t1") if dice.random() < 0.3 else (),
        capacity=dice.choice((None, None, 5)),
        daily_minutes=dice.choice((300, 480, 600)),
        after=(f"v{number - 1}",) if number and dice.random() < 0.4 else (),
        reason="Stillstand" if dice.random() < 0.4 else None,
    )
