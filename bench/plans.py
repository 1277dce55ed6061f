"""planning 400 workplaces for 12 technicians at 3 sites in 12 waves, against taking the first place that is free.

Twenty projects from dice; the people have about a tenth more hours than the work needs, ways between sites not counted.
The baseline goes through the list as it is written and gives each workplace to the first technician with a gap, again
and again until nothing more finds a place: desks become free on the way.
"""

from statistics import median
from time import perf_counter

from bench.ground.report import Figure
from bench.ground.stand import times
from domain.moves.plans.boards import Board, Booking
from domain.moves.plans.desk_sequence import Job
from domain.moves.plans.plan import Basis
from domain.moves.plans.planning import STEPS, plan
from tests.domain.moves.plans.plan_samples import big

SEEDS = times("SEEDS", 20)
MILLI = 1e3


def run() -> list[Figure]:
    projects = [big(seed) for seed in range(SEEDS)]
    naive = [_timed_first_fit(basis) for basis in projects]
    greedy = [_timed_plan(basis, steps=0) for basis in projects]
    improved = [_timed_plan(basis) for basis in projects]
    print(f"left over, seed by seed: first fit {[n for _, n in naive]}, greedy {[n for _, n in greedy]},")
    print(f"improved {[n for _, n in improved]}", flush=True)
    return [
        *_compared("greedy", greedy, naive),
        *_compared("improved", improved, naive),
    ]


def _compared(name: str, ours: list[tuple[float, int]], naive: list[tuple[float, int]]) -> list[Figure]:
    spent, spent_naively = (median(seconds for seconds, _ in runs) * MILLI for runs in (ours, naive))
    left, left_naively = (sum(number for _, number in runs) / len(runs) for runs in (ours, naive))
    complete, complete_naively = (sum(not number for _, number in runs) for runs in (ours, naive))
    return [
        Figure(f"{name}: time for one plan", spent, spent_naively, spent_naively / spent, "ms"),
        Figure(f"{name}: workplaces left over", left, left_naively, left_naively / left if left else None, "of 400"),
        Figure(f"{name}: plans with nothing left over", complete, complete_naively, None, f"of {len(ours)}"),
    ]


def _timed_plan(basis: Basis, steps: int = STEPS) -> tuple[float, int]:
    begin = perf_counter()
    left = len(plan(basis, steps=steps).left_over)
    return perf_counter() - begin, left


def _timed_first_fit(basis: Basis) -> tuple[float, int]:
    begin = perf_counter()
    board = Board(basis)
    booked = -1
    while booked < len(board.booked):
        booked = len(board.booked)
        _go_through(board)
    left = {job.workplace.key for job in board.jobs if job.number not in board.booked}
    return perf_counter() - begin, len(left)


def _go_through(board: Board) -> None:
    for job in board.jobs:
        if job.number not in board.booked and (booking := _first_fit(board, job)) is not None:
            board.book(booking)


def _first_fit(board: Board, job: Job) -> Booking | None:
    places = (
        board.place_with(job, wave, offer, board.bounds(job, wave))
        for wave, offers in board.choices(job)
        for offer in offers
    )
    return next((place for place in places if place is not None), None)
