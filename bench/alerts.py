"""a storm of alerts over HTTP: how fast it is taken in, when all its groups have incidents, and what people feel of it.

Everything as `imac up` starts it: Temporal, the API and one worker, each a process of its own. First some incidents are
responded to while nothing else happens; then alerts come in deliveries of ten from several senders at the pace that
brings all of them in within a minute, or as fast as they are taken, and as many incidents are responded to meanwhile.
Beside the figures stand the aims: a minute for the storm, a minute until the last group is covered, and the calm
latencies of the same run. `IMAC_BENCH_ALERTS`, `…_GROUPS`, `…_RESPONSES` and `…_STORM_SECONDS` change the sizes.
"""

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import count
from statistics import median
from time import perf_counter

from sqlmodel import col, func, select

from bench.ground.callers import Caller, caller, post
from bench.ground.report import Figure
from bench.ground.stand import QUEUE, Stand, stand, times, until
from cli.stack.temporal_server import HOST
from db.access.keys import add_key
from db.alerts.groups import GroupRow
from db.alerts.rules import save_rule
from db.incidents import IncidentRow
from domain.alerts.rules import AlertRule
from domain.incidents.incident import Incident
from domain.keys import Grant
from domain.people import Role
from tests.world import incident, trouble
from workflows.client import Temporal

ALERTS = times("ALERTS", 10_000)
GROUPS = times("GROUPS", 50)
RESPONSES = times("RESPONSES", 40)
STORM_SECONDS = times("STORM_SECONDS", 60)
EACH = 10
SENDERS = 4
COVERED_WITHIN = 60
ACCEPTED, UNAVAILABLE = (200, 202), 503
RULE = AlertRule(
    id="storm", customer="adler", name="Storm", contract="adler-2026", site="adler-hq", group_by=("alertname",)
)
_NUMBERS = count(1)


@dataclass(frozen=True)
class AlertGround:
    stand: Stand
    port: int
    key: str

    async def incidents(self, number: int) -> list[Incident]:
        """Reported, written down and waiting for an answer."""
        at = datetime.now(UTC)
        reported = [incident(trouble(), at).but(no=f"I-BENCH-{next(_NUMBERS):05}") for _ in range(number)]
        temporal = Temporal(self.stand.client, QUEUE)
        for case in reported:
            await temporal.start_incident(case)
        await until(partial(self._written, [case.no for case in reported]))
        return reported

    async def _written(self, nos: Sequence[str]) -> bool:
        async with self.stand.database.reading() as session:
            query = select(func.count()).select_from(IncidentRow).where(col(IncidentRow.no).in_(nos))
            return (await session.execute(query)).scalar_one() == len(nos)

    async def covered(self) -> int:
        """How many groups have an incident that has been written down."""
        async with self.stand.database.reading() as session:
            query = (
                select(func.count()).select_from(GroupRow).join(IncidentRow, col(IncidentRow.no) == GroupRow.incident)
            )
            return (await session.execute(query)).scalar_one()


def run() -> list[Figure]:
    return asyncio.run(_run())


async def _run() -> list[Figure]:
    async with stand() as made, made.api() as served, made.worker():
        async with made.database.writing() as session:
            await save_rule(session, RULE, by="bench", at=datetime.now(UTC))
            key = (await add_key(session, Grant(role=Role.SERVICE_DESK, person="p-koch"), datetime.now(UTC))).key
        ground = AlertGround(made, served.port, key)
        await _respond(ground, await ground.incidents(3), pause=0)  # whatever is made on first use
        waiting = await ground.incidents(2 * RESPONSES)
        pause = STORM_SECONDS / RESPONSES
        calm = await _respond(ground, waiting[:RESPONSES], pause=min(pause, 0.5))
        storm = asyncio.create_task(_storm(ground))
        stormy = await _respond(ground, waiting[RESPONSES:], pause=pause)
        seconds, covered = await storm
    return _figures(seconds, covered, calm, stormy)


def _figures(seconds: float, covered: float, calm: Sequence[float], stormy: Sequence[float]) -> list[Figure]:
    aim = ALERTS / STORM_SECONDS
    accepted = ALERTS / seconds
    return [
        Figure(f"{ALERTS:,} alerts taken in, aim at this pace", accepted, aim, accepted / aim, "alerts/s"),
        Figure("until the last was taken in", seconds, STORM_SECONDS, STORM_SECONDS / seconds, "s"),
        Figure(f"until all {GROUPS} groups had incidents", covered, COVERED_WITHIN, COVERED_WITHIN / covered, "s"),
        _latency("median answer to `respond` in the storm, calm", median(stormy), median(calm)),
        _latency("slowest tenth begins at", _tenth(stormy), _tenth(calm)),
        _latency("slowest", max(stormy), max(calm)),
    ]


def _latency(name: str, ours: float, calm: float) -> Figure:
    return Figure(name, ours * 1000, calm * 1000, calm / ours, "ms")


def _tenth(latencies: Sequence[float]) -> float:
    return sorted(latencies)[len(latencies) * 9 // 10]


async def _respond(ground: AlertGround, cases: Sequence[Incident], *, pause: float) -> list[float]:
    """Seconds until each answer, one after another as a desk works. What is answered with 503 is said again."""
    body = json.dumps({"type": "respond"}).encode()
    latencies = []
    async with caller(HOST, ground.port) as line:
        for case in cases:
            sent = post(f"/api/v1/incidents/{case.no}/commands", body, ground.key)
            begin = perf_counter()
            while (status := await line.send(sent)) == UNAVAILABLE:
                pass
            _must_be(status, *ACCEPTED)
            latencies.append(perf_counter() - begin)
            await asyncio.sleep(max(0.0, pause - latencies[-1]))
    return latencies


async def _storm(ground: AlertGround) -> tuple[float, float]:
    """Seconds until the last delivery was answered, and until the last group was covered."""
    begin = perf_counter()
    watching = asyncio.create_task(_watch(ground, begin))
    left = iter(range(ALERTS // EACH))
    async with AsyncExitStack() as closing:
        lines = [await closing.enter_async_context(caller(HOST, ground.port)) for _ in range(SENDERS)]
        await asyncio.gather(*(_send(ground, line, left, begin) for line in lines))
    seconds = perf_counter() - begin
    return seconds, await watching


async def _send(ground: AlertGround, line: Caller, left: Iterator[int], begin: float) -> None:
    every = STORM_SECONDS / (ALERTS // EACH)
    for number in left:
        await asyncio.sleep(max(0.0, begin + number * every - perf_counter()))
        _must_be(await line.send(post("/api/v1/alerts/alertmanager", _delivery(number), ground.key)), *ACCEPTED)


def _delivery(number: int) -> bytes:
    """What Alertmanager sends for one of its groups."""
    name = f"Fault{number % GROUPS}"
    at = datetime.now(UTC).isoformat()
    alerts = [
        {
            "status": "firing",
            "labels": {"alertname": name, "instance": f"host-{number}-{n}", "job": "node", "severity": "warning"},
            "annotations": {"summary": f"{name} on host-{number}-{n}", "description": "for two minutes"},
            "startsAt": at,
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "https://prometheus.example/graph",
            "fingerprint": f"{number:08x}{n:08x}",
        }
        for n in range(EACH)
    ]
    common = {"receiver": "imacflow", "status": "firing", "groupLabels": {"alertname": name}}
    return json.dumps(common | {"version": "4", "groupKey": name, "truncatedAlerts": 0, "alerts": alerts}).encode()


async def _watch(ground: AlertGround, begin: float) -> float:
    while await ground.covered() < GROUPS:  # noqa: ASYNC110  # there is nobody who could set an event
        await asyncio.sleep(0.2)
    return perf_counter() - begin


def _must_be(status: int, *expected: int) -> None:
    if status not in expected:
        raise AssertionError(f"the API answered {status}")
