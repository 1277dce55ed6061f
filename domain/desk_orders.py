"""In which order desks are emptied and taken: chains wait for each other, swaps go by way of an interim place."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from domain.places import Place
from domain.plans import Basis, Leg
from domain.waves import Workplace


@dataclass(frozen=True, slots=True)
class Job:
    """What one technician does in one go. `after` are the jobs that must have ended, `twin` the other leg.

    A stuck job is part of a swap for which there is no interim place.
    """

    number: int
    workplace: Workplace
    leg: Leg
    minutes: int
    source: Place
    target: Place
    after: tuple[int, ...] = ()
    twin: int | None = None
    stuck: bool = False


def jobs_of(basis: Basis) -> tuple[Job, ...]:
    """Every workplace as one job, or as two where it steps aside for others."""
    waits = _waits(basis.workplaces)
    asides = {_steps_aside(swap).key: swap for swap in _swaps(waits)}
    interim = {key: _interim(basis.interim, _steps_aside(swap)) for key, swap in asides.items()}
    stuck = {row.key for key, swap in asides.items() if interim[key] is None for row in swap}
    numbers, jobs = _numbers(basis.workplaces, asides), list[Job]()
    for row in basis.workplaces:
        after = (numbers[waits[row.key].key, _leaving(waits[row.key], asides)],) if row.key in waits else ()
        number = numbers[row.key, _leaving(row, asides)]
        whole = Job(number, row, Leg.WHOLE, row.minutes, row.source, row.target, after, stuck=row.key in stuck)
        jobs += _legs(whole, interim[row.key] or row.target) if row.key in asides else [whole]
    return tuple(jobs)


def _legs(whole: Job, between: Place) -> list[Job]:
    first = whole.minutes - whole.minutes // 2
    # A second leg of no minutes would be no work at all.
    last, number = max(1, whole.minutes - first), whole.number
    return [
        replace(whole, leg=Leg.ASIDE, minutes=first, target=between, after=(), twin=number + 1),
        replace(
            whole,
            number=number + 1,
            leg=Leg.ON,
            minutes=last,
            source=between,
            after=(number, *whole.after),
            twin=number,
        ),
    ]


def swap_of(workplaces: Iterable[Workplace], key: str) -> list[str]:
    """The keys of all that exchange their desks with this one."""
    return next(([row.key for row in swap] for swap in _swaps(_waits(workplaces)) if key in {r.key for r in swap}), [])


def _waits(workplaces: Iterable[Workplace]) -> dict[str, Workplace]:
    """Whose desk each workplace is waiting for. A place that is not a single desk is never full."""
    rows = tuple(workplaces)
    sitting = {row.source: row for row in rows if row.source.desk is not None}
    return {row.key: sitting[row.target] for row in rows if sitting.get(row.target, row) is not row}


def _swaps(waits: dict[str, Workplace]) -> Iterator[list[Workplace]]:
    """Each waits for at most one other, so following them either ends or comes round."""
    seen: set[str] = set()
    for start in waits:
        way, key = list[str](), start
        while key in waits and key not in seen:
            seen.add(key)
            way.append(key)
            key = waits[key].key
        if key in way:
            yield [waits[member] for member in way[way.index(key) :]]


def _steps_aside(swap: list[Workplace]) -> Workplace:
    """The smallest: its kit is carried twice."""
    return min(swap, key=lambda row: (row.kit, row.minutes, row.key))


def _leaving(row: Workplace, asides: dict[str, list[Workplace]]) -> Leg:
    return Leg.ASIDE if row.key in asides else Leg.WHOLE


def _numbers(rows: tuple[Workplace, ...], asides: dict[str, list[Workplace]]) -> dict[tuple[str, Leg], int]:
    legs = [(row.key, leg) for row in rows for leg in ((Leg.ASIDE, Leg.ON) if row.key in asides else (Leg.WHOLE,))]
    return {leg: number for number, leg in enumerate(legs)}


def _interim(places: tuple[Place, ...], row: Workplace) -> Place | None:
    here = (place for site in (row.target.site, row.source.site) for place in places if place.site == site)
    return next(here, None)
