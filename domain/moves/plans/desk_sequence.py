"""In which order desks are emptied and taken: chains wait for each other, swaps go by way of an interim place."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from domain.kinds import Leg
from domain.moves.lists.desk_chains import in_order
from domain.moves.plans.plan import Assignment, Basis
from domain.moves.plans.waves import Workplace
from domain.place_names import spot
from domain.places import Place


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


def jobs_of(basis: Basis, keep: Sequence[Assignment] = ()) -> tuple[Job, ...]:
    """Every workplace as one job, or as two where it steps aside for others or, as planned before, has done so."""
    rows = basis.workplaces
    waits = waits_of(rows, keep)
    stands = {entry.workplace: entry.target for entry in keep if entry.leg is Leg.ASIDE}
    swaps = swaps_of(rows, {at: others for at, others in waits.items() if rows[at].key not in stands})
    between = {row.key: place for row in rows if (place := stands.get(row.key) or _interim(basis.interim, row))}
    asides = {rows[at].key for at in swaps} | stands.keys()
    stuck = {row.key for at, swap in swaps.items() if rows[at].key not in between for row in swap}
    numbers = _numbers(rows, asides)
    jobs: list[Job] = []
    for at, row in enumerate(rows):
        after = tuple(numbers[rows[other].key] for other in sorted(waits[at]))
        whole = Job(
            numbers[row.key], row, Leg.WHOLE, row.minutes, row.source, row.target, after, stuck=row.key in stuck
        )
        jobs += _legs(whole, between.get(row.key, row.target)) if row.key in asides else [whole]
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


def leaving(rows: Sequence[Workplace]) -> dict[tuple[str, ...], list[Workplace]]:
    """All that leave each desk: it is free when the last of them has left. What is not a single desk is never full."""
    found: dict[tuple[str, ...], list[Workplace]] = defaultdict(list)
    for row in rows:
        if row.source.desk is not None:
            found[spot(row.source)].append(row)
    return found


def waits_of(rows: Sequence[Workplace], keep: Sequence[Assignment] = ()) -> dict[int, frozenset[int]]:
    """Whose desk each workplace is waiting for, by their places in the list. Whoever has a time waits no more."""
    settled = {entry.workplace for entry in keep if entry.leg is not Leg.ASIDE}
    places = {row.key: at for at, row in enumerate(rows)}
    sitting = {desk: frozenset(places[row.key] for row in here) for desk, here in leaving(rows).items()}
    nobody = frozenset[int]()
    return {
        at: nobody if row.key in settled else sitting.get(spot(row.target), nobody) - {at}
        for at, row in enumerate(rows)
    }


def swaps_of(rows: Sequence[Workplace], waits: Mapping[int, frozenset[int]]) -> dict[int, Sequence[Workplace]]:
    """All that exchange their desks, by the place of the one that steps aside: the smallest, as it is carried twice."""
    known = {at: others & waits.keys() for at, others in waits.items()}

    def smallest(ring: Sequence[int]) -> int:
        return min(ring, key=lambda at: (rows[at].kit, rows[at].minutes, rows[at].key))

    _, rings = in_order(known, smallest)
    return {at: [rows[member] for member in ring] for at, ring in rings.items()}


def _numbers(rows: Sequence[Workplace], asides: set[str]) -> dict[str, int]:
    """The number of the job by which each workplace leaves its desk."""
    numbers: dict[str, int] = {}
    number = 0
    for row in rows:
        numbers[row.key] = number
        number += 2 if row.key in asides else 1
    return numbers


def _interim(places: Sequence[Place], row: Workplace) -> Place | None:
    here = (place for site in (row.target.site, row.source.site) for place in places if place.site == site)
    return next(here, None)
