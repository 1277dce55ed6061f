"""Cases that nothing runs any more, that stand still, or wait for hours: marked, published, told of once."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from activities.checks import Checks, MissingAsked, PartAsked, TellingDone
from db.cases.faults import OVER
from db.cases.journal import events_after
from db.cases.rounds import take_round
from db.contracts import people_by_id, save_person
from db.engine import Database
from db.orders import OrderRow, order_row
from domain.cases.faults import CaseFault, FaultKind, FaultyCase, RunEnd, RunStanding, Unfinished, letters
from domain.cases.holders import Stint
from domain.cases.incident_commands import HolderKind
from domain.ids import case_of_log
from domain.incidents.progress import OVER as OVER_INCIDENTS
from domain.incidents.progress import IncidentState
from domain.kinds import OrderKind, OrderState
from domain.orders.order import Order
from tests.api.house import write_incident, write_order
from tests.world import DESK, furnish, incident, order, request, trouble

NOW = datetime.now(UTC)


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def runs_well() -> RunStanding:
    # An hour is a fault, and the whole suite may take a quarter of one.
    now = datetime.now(UTC)
    return RunStanding(
        task=Unfinished(what="task", since=now - timedelta(minutes=5), tries=2),
        asking=(
            Unfinished(what="deliver", since=now - timedelta(minutes=59), tries=20),
            Unfinished(what="call", since=now - timedelta(hours=3), tries=1),
        ),
    )


STANDS = RunStanding(task=Unfinished(what="task", since=ago(minutes=5), tries=3))
WAITS = RunStanding(
    asking=(
        Unfinished(what="post_charges", since=ago(hours=2), tries=30),
        Unfinished(what="post_charges", since=ago(hours=3), tries=37),
    )
)


@dataclass
class Server:
    """Stands for Temporal: what it says of every case, and which run."""

    says: RunStanding = field(default_factory=runs_well)
    runs: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)

    async def standing(self, case: str) -> RunStanding:
        return self.says

    async def running(self, began_before: datetime) -> AsyncIterator[str]:
        for case in self.runs:
            yield case

    async def write_anew(self, case: str) -> None:
        self.written.append(case)


@pytest.fixture
async def placed(database: Database) -> Order:
    await furnish(database)
    placed = order(request(OrderKind.INSTALL, target=DESK, assets=["NB-100"], holder="Max Huber"), NOW)
    await write_order(database, placed)
    return placed


async def check(database: Database, server: Server) -> tuple[FaultyCase, ...]:
    return (await Checks(database, server).check_part(PartAsked(kind="order"))).faulty


@pytest.mark.parametrize("state", [*IncidentState])
async def test_an_incident_is_held_against_its_run_until_nobody_works_on_it_any_more(
    database: Database, state: IncidentState
) -> None:
    await furnish(database)
    await write_incident(database, incident(trouble(), NOW), state=state)

    found = await Checks(database, Server(RunStanding(ended=RunEnd.COMPLETED))).check_part(PartAsked(kind="incident"))

    assert found.looked_at == (state not in OVER_INCIDENTS)
    assert len(found.faulty) == found.looked_at


@pytest.mark.parametrize(
    ("state", "left", "is_named"),
    [
        (IncidentState.IN_PROGRESS, ago(minutes=1), True),
        # Solved, nobody has to do anything; reopened, somebody has to again.
        (IncidentState.RESOLVED, ago(minutes=1), False),
        (IncidentState.CLASSIFIED, ago(days=30), True),
        (IncidentState.IN_PROGRESS, ago(days=-1), False),
        (IncidentState.CANCELLED, ago(minutes=1), False),
    ],
)
async def test_an_unsolved_incident_with_somebody_who_has_left_is_named_until_it_is_handed_over(
    database: Database, state: IncidentState, left: datetime, is_named: bool
) -> None:
    await furnish(database)
    held = (Stint(kind=HolderKind.PERSON, holder="p-koch", since=ago(days=2)),)
    await write_incident(database, incident(trouble(), NOW), state=state, stints=held, owner="p-koch")
    async with database.writing() as session:
        (koch,) = await people_by_id(session, ["p-koch"])
        await save_person(session, koch.but(leaves_at=left))
    checks = Checks(database, Server())

    found = await checks.check_part(PartAsked(kind="incident"))
    async with database.writing() as session:
        await save_person(session, koch)

    named = [(fault.kind, fault.about, fault.since) for case in found.faulty for fault in case.faults]
    assert named == ([(FaultKind.LEFT_ALONE, "p-koch", left)] if is_named else [])
    assert [letter.values["about"] for letter in letters(found.faulty)] == (["p-koch"] if is_named else [])
    assert (await checks.check_part(PartAsked(kind="incident"))).faulty == ()


@pytest.mark.parametrize(("ends", "is_named"), [(timedelta(hours=1), True), (-timedelta(hours=1), False)])
async def test_a_visit_to_come_by_somebody_who_has_left_is_named(
    database: Database, placed: Order, ends: timedelta, is_named: bool
) -> None:
    async with database.writing() as session:
        (lang,) = await people_by_id(session, ["p-lang"])
        await save_person(session, lang.but(leaves_at=ago(days=1)))
        row = await order_row(session, placed.no)
        assert row is not None
        row.technician, row.starts_at, row.ends_at = "p-lang", NOW - timedelta(hours=2), datetime.now(UTC) + ends

    found = await check(database, Server())

    assert [fault.about for case in found for fault in case.faults] == (["p-lang"] if is_named else [])


async def row_of(database: Database, placed: Order) -> OrderRow:
    async with database.reading() as session:
        row = await order_row(session, placed.no)
    assert row is not None
    return row


async def published(database: Database) -> list[tuple[str, str]]:
    async with database.reading() as session:
        rows = await events_after(session, 0, None)
    return [(case_of_log(row.workflow_id), row.what) for row in rows if row.what != "placed"]


@pytest.mark.parametrize(
    ("says", "kind", "about", "tries"),
    [
        pytest.param(RunStanding(ended=end), FaultKind.ORPHANED, end.value, 0, id=f"its run has ended: {end}")
        for end in RunEnd
    ]
    + [
        pytest.param(STANDS, FaultKind.STANDS_STILL, None, 3, id="its tasks fail"),
        pytest.param(WAITS, FaultKind.UNANSWERED, "post_charges", 37, id="billing has not answered for hours"),
    ],
)
async def test_what_is_wrong_with_a_case_is_marked_and_published(
    database: Database, placed: Order, says: RunStanding, kind: FaultKind, about: str | None, tries: int
) -> None:
    (found,) = await check(database, Server(says))

    (fault,) = (await row_of(database, placed)).as_faults()
    assert (fault.kind, fault.about, fault.tries, fault.told) == (kind, about, tries, False)
    assert (found.no, found.faults) == (placed.no, (fault,))
    assert await published(database) == [(f"order/{placed.no}", kind.value)]


async def test_nothing_is_wrong_with_a_case_that_gets_on(database: Database, placed: Order) -> None:
    assert await check(database, Server()) == ()
    assert (await row_of(database, placed)).faults is None


async def test_a_case_that_is_over_may_have_ended(database: Database, placed: Order) -> None:
    async with database.writing() as session:
        row = await order_row(session, placed.no)
        assert row is not None
        row.state = OrderState.COMPLETED

    assert await check(database, Server(RunStanding(ended=RunEnd.COMPLETED))) == ()


async def test_one_that_ends_while_it_is_looked_at_is_no_orphan(database: Database, placed: Order) -> None:
    class Ending(Server):
        async def standing(self, case: str) -> RunStanding:
            async with database.writing() as session:
                row = await order_row(session, placed.no)
                assert row is not None
                row.state = OrderState.COMPLETED
            return RunStanding(ended=RunEnd.COMPLETED)

    assert await check(database, Ending()) == ()
    assert (await row_of(database, placed)).faults is None


async def test_a_fault_is_told_of_once_and_is_gone_when_it_is_over(database: Database, placed: Order) -> None:
    server = Server(WAITS)
    first = letters(await check(database, server))
    again = letters(await check(database, server))
    await Checks(database, server).note_told(TellingDone(cases=(f"order/{placed.no}",)))
    server.says = WAITS.but(asking=(Unfinished(what="post_charges", since=ago(hours=3), tries=41),))

    later = await check(database, server)
    server.says = runs_well()

    assert [letter.key for letter in first] == [letter.key for letter in again]
    assert (later[0].faults[0].tries, letters(later)) == (41, [])
    assert await check(database, server) == ()
    assert (await row_of(database, placed)).faults is None
    assert [what for _, what in await published(database)] == ["unanswered", OVER]


def test_hundreds_of_cases_with_one_fault_are_one_letter() -> None:
    fault = CaseFault(kind=FaultKind.STANDS_STILL, since=NOW, tries=7)
    cases = [
        FaultyCase(case=f"order/O-{n}", no=f"O-{n}", customer="adler", contract=f"c-{n % 2}", faults=(fault,))
        for n in range(300)
    ]

    several = letters(cases)

    assert [(letter.contract, letter.values["count"]) for letter in several] == [("c-0", "150"), ("c-1", "150")]
    assert all(letter.values["cases"].endswith(" …") for letter in several)


async def test_whatever_runs_without_a_row_writes_itself_down(database: Database, placed: Order) -> None:
    missing = ["order/O-GONE", "incident/I-GONE/page/1", "project/p", "project/p/wave/w1", "incident/I-GONE"]
    server = Server(runs=[f"order/{placed.no}", *missing])

    rewritten = await Checks(database, server).write_missing(MissingAsked(at=NOW))

    assert rewritten.count == len(missing)
    assert sorted(server.written) == sorted(missing)


async def test_of_many_workers_one_makes_the_round(database: Database) -> None:
    minute = timedelta(minutes=1)
    at_once = [await take_round(database, "minute", NOW, minute) for _ in range(3)]
    later = [await take_round(database, "minute", NOW + minute, minute) for _ in range(3)]

    assert (at_once, later) == ([True, False, False], [True, False, False])
