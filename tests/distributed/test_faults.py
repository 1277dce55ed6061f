"""What a distributed stack stands: each of its programs dies under work, and afterwards everything is counted.

`make test-distributed` runs it; it takes a quarter of an hour on two processors and says what it has seen.
"""

import asyncio
import os
import shutil
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from sqlmodel import col, select

from cli.demo.move_report import MoveReport
from connectors.channels import Letter
from db.assets.asset import AssetLifeRow, AssetRow
from db.cases.journal import JournalRow
from db.cases.notices import BROKEN_OFF, NoticeRow
from db.engine import Database, open_database
from db.ledger import LedgerRow
from db.orders import OrderRow
from domain.cases.notices import DeliveryOutcome
from domain.ids import order_workflow_id
from domain.kinds import OrderState
from tests.distributed.callers import INSISTS_FOR
from tests.distributed.house import House, Program, house
from tests.distributed.office import APART, CUSTOMER, ORDERS, Office, numbers, office
from tests.distributed.temporal_build import temporal_build
from tests.mail_sink import Sink
from tests.patience import LOOK, until

BUILD = temporal_build()
AWAY = 60.0
# Who has answered while nobody was there to ask is not asked any more.
ASKS = ("approval_asked", "appointment_to_book", "acceptance_asked")


def obstacle() -> str | None:
    """Why it cannot be run here."""
    if os.geteuid() != 0:
        return "Debian's PostgreSQL runs as a user of its own: only root can start it so"
    if not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        return "there is no PostgreSQL from Debian here: apt-get install postgresql"
    if shutil.which("setpriv") is None:
        return "there is no setpriv here: apt-get install util-linux"
    if BUILD.missing is not None:
        return f"there is no {BUILD.missing}: make test-distributed builds it, or IMAC_TEMPORAL_SERVER names one"
    return None


pytestmark = [
    pytest.mark.distributed,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(obstacle() is not None, reason=obstacle() or ""),
]


@dataclass(frozen=True)
class Fault:
    name: str
    strike: Callable[[], Awaitable[None]]


async def die(*programs: Program, away: float = 0.0) -> None:
    """All at once, and back again as a supervisor would have them, who waits for nobody."""
    for program in programs:
        program.kill()
    await asyncio.sleep(away)
    for program in programs:
        # The children of a postmaster go by themselves; until then a new one does not begin.
        await until(lambda program=program: asyncio.to_thread(lambda: program.is_gone))  # type: ignore[misc]  # its value now
        program.start()


async def roll(house: House) -> None:
    """One after the other, each when the one before is ready."""
    for program in (*house.workers, *house.apis):
        # uvicorn ends by the signal that it was asked to end by, when all is done.
        assert await asyncio.to_thread(program.stop) in (0, -signal.SIGTERM), program.log.read_text()[-2000:]
        program.start()
        await working(program)


async def working(*programs: Program) -> None:
    """A worker is ready when no task has failed for a minute: on a busy machine that takes a while."""
    for program in programs:
        async with asyncio.timeout(INSISTS_FOR):
            while not await asyncio.to_thread(program.works):
                if program.has_ended:
                    # As `restart: unless-stopped` has it.
                    say(f"{program.name} ended by itself and is started again")
                    program.start()
                await asyncio.sleep(LOOK)


def faults(house: House) -> list[Fault]:
    single = [*house.workers, *house.apis, house.temporal, house.postgres]
    return [
        *(Fault(f"{program.name} killed", lambda program=program: die(program)) for program in single),  # type: ignore[misc]  # its value now
        Fault("temporal and all workers killed at once", lambda: die(house.temporal, *house.workers)),
        Fault(f"postgres killed, away for {AWAY:.0f} s", lambda: die(house.postgres, away=AWAY)),
        Fault("workers and APIs replaced one after the other", lambda: roll(house)),
    ]


async def test_nothing_is_lost_and_only_what_was_in_the_air_is_done_twice() -> None:
    # Not below pytest's own, into which no other user gets. What every program has said stays after a failure.
    folder = Path(tempfile.mkdtemp(prefix="imac-house-", dir="/tmp"))
    sink = Sink()
    async with sink.open():
        with house(folder, BUILD, sink.port) as built:
            database = open_database(built.database_url)
            try:
                async with office(built, database) as at_work:
                    moved = await live_through(built, at_work)
                await settled(database)
                await count(built, database, at_work, moved, sink)
            finally:
                await database.close()
    assert [program.name for program in built.programs if not program.is_gone] == []
    shutil.rmtree(folder)


async def live_through(house: House, office: Office) -> MoveReport:
    """Every fault strikes among orders that have just been begun, and in the midst of the move."""
    moving, striking = asyncio.create_task(office.move()), faults(house)
    left = numbers()
    say(f"\n{'':48} orders in the air, longest wait for an acceptance, until all were done")
    for place, fault in enumerate(striking):
        await working(*house.programs)
        share = ORDERS // len(striking) + (place < ORDERS % len(striking))
        began, before = time.monotonic(), len(office.accepted)
        tasks = []
        for number in [next(left) for _ in range(share)]:
            tasks.append(asyncio.create_task(office.carry_out(number)))
            await asyncio.sleep(APART)
            if len(tasks) == share // 2:
                tasks.append(asyncio.create_task(struck(fault)))  # type: ignore[arg-type]  # waited for like them
        in_the_air = sum(not task.done() for task in tasks) - 1
        await asyncio.gather(*tasks)
        over, accepted = time.monotonic(), sorted(list(office.accepted.values())[before:])
        gap = max(later - earlier for earlier, later in pairwise([began, *accepted]))
        say(f"{fault.name:48} {in_the_air:3} {gap:8.1f} s {over - began:8.1f} s")
    return await moving


async def struck(fault: Fault) -> None:
    await fault.strike()


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201  # what it has seen is what it is run for


async def settled(database: Database) -> None:
    """Until every letter that is on its way has come to something: claims of the dead are given up within minutes."""

    async def on_the_way() -> int:
        async with database.reading() as session:
            rows = (await session.execute(select(NoticeRow.outcome))).scalars()
            return sum(outcome == DeliveryOutcome.CLAIMED for outcome in rows)

    await until(on_the_way, lambda left: left == 0)


async def count(house: House, database: Database, office: Office, moved: MoveReport, sink: Sink) -> None:
    async with database.reading() as session:
        orders = list((await session.execute(select(OrderRow))).scalars())
        journal = list((await session.execute(select(JournalRow).where(col(JournalRow.seq) > 0))).scalars())
        ledger = list((await session.execute(select(LedgerRow))).scalars())
        changes = list((await session.execute(select(AssetLifeRow))).scalars())
        assets = list((await session.execute(select(AssetRow).where(AssetRow.customer == CUSTOMER))).scalars())
        notices = list((await session.execute(select(NoticeRow))).scalars())
    ours = {order_workflow_id(no): no for no in office.accepted}

    # Each order once, however often it was sent, and each at its end; Temporal knows the same and nothing else.
    assert len(ours) == ORDERS
    of_move = {no for row in moved.rows for no in row.orders}
    assert {row.no for row in orders} == {*office.accepted, *of_move}
    assert Counter(row.state for row in orders if row.no in office.accepted) == {OrderState.COMPLETED: ORDERS}
    client = await house.temporal_client()
    runs = [run.id async for run in client.list_workflows('WorkflowType = "OrderWorkflow"')]
    assert sorted(runs) == sorted(order_workflow_id(row.no) for row in orders)
    assert moved.is_whole

    # All of ours were the same: so must be what has come of them.
    happened = {case: Counter[str]() for case in ours}
    numbered: dict[str, list[int]] = {case: [] for case in happened}
    for entry in journal:
        if entry.workflow_id in happened:
            happened[entry.workflow_id][entry.what] += 1
            numbered[entry.workflow_id].append(entry.seq)
    assert alike(happened), spread(happened)
    assert all(sorted(found) == list(range(1, len(found) + 1)) for found in numbered.values())

    charged = {no: Counter[str]() for no in office.accepted}
    for line in ledger:
        if line.order_no in charged:
            charged[line.order_no][f"{line.kind} {line.line} {line.amount}"] += 1
    assert alike(charged), spread(charged)
    assert all(charged.values())
    assert sum(line.amount for line in ledger if line.order_no in of_move) == sum(row.charges for row in moved.rows)

    changed = Counter(change.tag for change in changes if change.source in ours)
    assert changed == dict.fromkeys(office.tags.values(), 1)
    at = {asset.tag: str(asset.as_asset().place) for asset in assets if asset.tag in office.goals}
    assert at == {tag: f"adler-hq / A / 3 / 3.01 / {desk}" for tag, desk in office.goals.items()}

    sent = {digest(row) for row in notices if row.outcome == DeliveryOutcome.SENT}
    broken_off = [row for row in notices if row.detail == BROKEN_OFF]
    written = {case: Counter[str]() for case in ours}
    for row in {(row.key, row.person): row for row in notices if row.case in ours}.values():
        written[row.case][f"{row.template} {row.person}"] += 1
    told = {
        case: Counter({key: times for key, times in one.items() if not key.startswith(ASKS)})
        for case, one in written.items()
    }
    assert alike(told), spread(told)
    assert {times for one in written.values() for times in one.values()} == {1}
    received = Counter(str(mail["Message-ID"]).strip("<>").partition("@")[0] for mail in sink.mails)
    twice = {letter: times for letter, times in received.items() if times > 1}
    in_the_air = {digest(row) for row in broken_off}
    assert sent <= set(received) <= sent | in_the_air
    assert sum(times - 1 for times in twice.values()) <= len(broken_off)
    assert set(twice) <= in_the_air
    say(
        f"{len(orders)} orders ({len(office.said_twice)} sent twice), {len(ledger)} charges, {len(changes)} changes of "
        f"assets, {len(journal)} entries in the journal, {len(sink.mails)} letters, {len(twice)} of them twice "
        f"({len(broken_off)} were in the air at a kill)"
    )


def digest(row: NoticeRow) -> str:
    """What its letter is called in the sink."""
    return Letter(key=row.key, person=row.person, name="", email="", language="en", subject="", text="").digest


def alike(counted: dict[str, Counter[str]]) -> bool:
    return len({frozenset(one.items()) for one in counted.values()}) == 1


def spread(counted: dict[str, Counter[str]]) -> str:
    """How often each outcome was seen, and in what the rare ones differ."""
    seen = Counter(frozenset(one.items()) for one in counted.values())
    usual, _ = seen.most_common(1)[0]
    return "\n".join(f"{times} × {dict(one ^ usual)}" for one, times in seen.most_common())
