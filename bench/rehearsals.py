"""rehearsing 400 and 2,000 workplaces ten times each with the real workflows, in as many processes as there are cores.

Each workplace is an order of its own with nine commands of people; waves of at most 250, a fiftieth of all visits goes
wrong. There is no baseline: nothing else runs these workflows without a server. Processor time is what a run costs
whatever else the machine does; starting the processes is in it.
"""

from resource import RUSAGE_CHILDREN, getrusage
from time import perf_counter

from bench.ground.report import Figure
from bench.ground.stand import times
from rehearsal.runs import rehearse
from tests.rehearsal.packs import large, packed

RUNS = times("RUNS", 10)
SIZES = (400, 2_000)


def run() -> list[Figure]:
    return [figure for size in SIZES for figure in _rehearsed(times("WORKPLACES", size))]


def _rehearsed(workplaces: int) -> list[Figure]:
    pack = packed(large(workplaces))
    begin, used = perf_counter(), _processor_time()
    forecast = rehearse(pack, runs=RUNS, progress=lambda done, of: print(f"{workplaces}: {done} of {of}", flush=True))
    took, used = perf_counter() - begin, _processor_time() - used
    print(f"{forecast.finished} of {RUNS} came to their end; half end by {forecast.p50}, nine in ten by {forecast.p90}")
    return [
        Figure(f"{workplaces} workplaces, {RUNS} runs", took, None, None, "s"),
        Figure(f"{workplaces} workplaces, processor time of one run", used / RUNS, None, None, "s"),
    ]


def _processor_time() -> float:
    """Of all processes that runs were made in, once they have ended."""
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
