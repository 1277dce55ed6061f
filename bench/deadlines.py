"""seconds from a missed response to the letter that says so, while many fall due together and others are open.

Every incident is a workflow of the product with clocks running in service hours of some two windows a day; lateness is
read where the letter leaves the house. Beside it, in the same run and with the same incidents open, as many workflows
written by hand wait for a timer and note the time at the same place: by one ordinary activity, and by a local one.
A poller that looks every five minutes is worked out at its best: what is due is found at its next look, which takes no
time; the figure is the mean over all phases of its looks.
`IMAC_BENCH_OPEN`, `…_DUE_SECOND`, `…_DUE_MINUTE` and `…_DUE_MOST` change the sizes.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from statistics import mean
from time import perf_counter

from temporalio.client import WorkflowHandle

from bench.ground.bare import BareAlarm, BareTimer
from bench.ground.report import Figure
from bench.ground.serve import sink_in
from bench.ground.stand import BARE_QUEUE, Stand, stand, times, until
from bench.incidents import AT_ONCE, due_at, far_from_due, report_all
from workflows.starting import TASK_TIMEOUT

OPEN = times("OPEN", 2_000)
POLLED_EVERY = 300
# Started, its first task scheduled, begun and done, its timer set.
EVENTS_OF_A_TIMER = 5
CALM = 5
TRIED = 40
_NUMBERS = count(1)

Dues = Mapping[str, datetime]
Begin = Callable[[Stand, Sequence[datetime]], Awaitable[Dues]]


@dataclass(frozen=True)
class DueBatch:
    number: int
    seconds: int

    @property
    def name(self) -> str:
        return f"{self.number:,} in {self.seconds} s"

    def dues(self, first: datetime) -> list[datetime]:
        return [first + timedelta(seconds=self.seconds) * n / self.number for n in range(self.number)]


BATCHES = (
    DueBatch(times("DUE_SECOND", 100), 1),
    DueBatch(times("DUE_MINUTE", 300), 60),
    DueBatch(times("DUE_MOST", 1_000), 60),
)


def run() -> list[Figure]:
    return asyncio.run(_run())


async def _run() -> list[Figure]:
    async with stand() as ground, ground.worker("sink"):
        begin = perf_counter()
        await report_all(ground, [far_from_due() for _ in range(OPEN)])
        each = (perf_counter() - begin) / OPEN
        print(f"({OPEN:,} incidents were open and quiet after {OPEN * each:,.0f} s)", flush=True)
        bare = await _each_bare(ground)
        return [figure for batch in BATCHES for figure in await _compared(ground, batch, each, bare)]


async def _each_bare(ground: Stand) -> float:
    """Seconds until one more timer waits, beside everything that is open."""
    begin = perf_counter()
    await _timers(ground, [datetime.now(UTC) + timedelta(days=1)] * TRIED, local=False)
    return (perf_counter() - begin) / TRIED


async def _compared(ground: Stand, batch: DueBatch, each: float, bare: float) -> list[Figure]:
    ours = await _late(ground, batch, each, _incidents)
    print(f"({batch.name}: ours are told)", flush=True)
    ordinary = await _late(ground, batch, bare, partial(_timers, local=False))
    local = await _late(ground, batch, bare, partial(_timers, local=True))
    polled = _polled(batch)
    aim = 1.5 * _at(0.99, ordinary) + 1
    return [
        *(_figure(f"{batch.name}: {name}, bare timers", _at(part, ours), _at(part, ordinary)) for name, part in PARTS),
        _figure("p99, aim: 1.5 times bare timers and 1 s", _at(0.99, ours), aim),
        _figure("p99, bare timers with local activities", _at(0.99, ours), _at(0.99, local)),
        *(_figure(f"{name}, poller at its best", _at(part, ours), polled[name]) for name, part in PARTS),
    ]


PARTS = (("p50", 0.5), ("p99", 0.99), ("max", 1.0))


def _figure(name: str, ours: float, baseline: float) -> Figure:
    return Figure(name, ours, baseline, baseline / ours, "s")


def _at(part: float, late: Sequence[float]) -> float:
    return sorted(late)[math.ceil(part * len(late)) - 1]


async def _late(ground: Stand, batch: DueBatch, each: float, begin: Begin) -> list[float]:
    """Seconds by which each was late, once all have come."""
    first = datetime.now(UTC) + timedelta(seconds=15 + 1.5 * each * batch.number)
    dues = await begin(ground, batch.dues(first))
    calm = (first - datetime.now(UTC)).total_seconds()
    if calm < CALM:
        raise AssertionError(f"{batch.name} could not be started in time: {calm:.0f} s are left")
    await asyncio.sleep(calm + batch.seconds)
    await until(partial(_have_come, ground, dues), within=300 + batch.number)
    noted = sink_in(ground.folder).read()
    return [(noted[key] - due).total_seconds() for key, due in dues.items()]


async def _have_come(ground: Stand, dues: Dues) -> bool:
    # Reading takes processor time from those who write.
    await asyncio.sleep(1)
    return dues.keys() <= sink_in(ground.folder).read().keys()


async def _incidents(ground: Stand, dues: Sequence[datetime]) -> Dues:
    incidents = [due_at(due) for due in dues]
    await report_all(ground, incidents)
    letters = (f"notice:{incident.no}/incident_deadline_missed/response/1/100" for incident in incidents)
    return dict(zip(letters, dues, strict=True))


async def _timers(ground: Stand, dues: Sequence[datetime], *, local: bool) -> Dues:
    alarms = [BareAlarm(key=f"bare/{next(_NUMBERS)}", due=due, local=local) for due in dues]
    for begin in range(0, len(alarms), AT_ONCE):
        some = [_start(ground, alarm) for alarm in alarms[begin : begin + AT_ONCE]]
        handles = await asyncio.gather(*some)
        await asyncio.gather(*(until(partial(_waits, handle)) for handle in handles))
    return {alarm.key: alarm.due for alarm in alarms}


async def _start(ground: Stand, alarm: BareAlarm) -> WorkflowHandle[BareTimer, None]:
    return await ground.client.start_workflow(
        BareTimer.run, alarm, id=alarm.key, task_queue=BARE_QUEUE, task_timeout=TASK_TIMEOUT
    )


async def _waits(handle: WorkflowHandle[BareTimer, None]) -> bool:
    return (await handle.describe()).history_length >= EVENTS_OF_A_TIMER


def _polled(batch: DueBatch) -> dict[str, float]:
    dues = [due.timestamp() for due in batch.dues(datetime.fromtimestamp(0, UTC))]
    phases = [[(phase - due) % POLLED_EVERY for due in dues] for phase in range(POLLED_EVERY)]
    return {name: mean(_at(part, late) for late in phases) for name, part in PARTS}
