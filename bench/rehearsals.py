"""rehearsing 400 and 2,000 workplaces ten times each with the real workflows, in as many processes as there are cores.

Each workplace is an order of its own with nine commands of people; waves of at most 250, a fiftieth of all visits goes
wrong. There is no baseline: nothing else runs these workflows without a server.
"""

from time import perf_counter

from bench.report import Figure
from bench.stand import times
from rehearsal.runs import rehearse
from tests.rehearsal.packs import large, packed

RUNS = times("RUNS", 10)
SIZES = (400, 2_000)


def run() -> list[Figure]:
    return [figure for size in SIZES for figure in _rehearsed(times("WORKPLACES", size))]


def _rehearsed(workplaces: int) -> list[Figure]:
    pack = packed(large(workplaces))
    begin = perf_counter()
    forecast = rehearse(pack, runs=RUNS, progress=lambda done, of: print(f"{workplaces}: {done} of {of}", flush=True))
    took = perf_counter() - begin
    orders = len(pack.plan.plan.assignments) * RUNS
    print(f"{forecast.finished} of {RUNS} came to their end; half end by {forecast.p50}, nine in ten by {forecast.p90}")
    return [
        Figure(f"{workplaces} workplaces, {RUNS} runs", took, None, None, "s"),
        Figure(f"{workplaces} workplaces, orders", orders / took, None, None, "orders/s"),
    ]
