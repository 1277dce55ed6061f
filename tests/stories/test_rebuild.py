"""Tables that were put back to an older moment are as they were before, made anew from what histories hold."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any, cast

import pytest
import sqlmodel
from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

import db
from activities.channels import Switchboard
from activities.notices import Notices
from activities.rebuilding.rebuild import Rebuild
from connectors.channels import OutboxChannel
from db.alerts.groups import GroupRow
from db.cases.case import CaseRow
from db.cases.journal import JournalRow
from db.columns import METADATA
from db.engine import Database
from db.origins import BACKUP_ONLY, FOLLOWING, FROM_HISTORY, PARTLY, PASSING
from db.standing_cases import TABLES
from domain.cases.order_commands import Approve
from domain.cases.rebuilding import RebuildReport
from domain.ids import alert_group_workflow_id
from domain.kinds import OrderKind
from tests.patience import until
from tests.stories import bundle_scripts, incident_scripts, move_scripts, scripts
from tests.stories.monitoring import RULE, Monitoring, alert, over
from tests.stories.move_stage import MoveDesk
from tests.stories.stage import Stage
from tests.world import APPROVER
from workflows.engine.memories import runs_of
from workflows.engine.rebuilds import have_rebuilt

Row = dict[str, Any]
Tables = Mapping[str, list[Row]]
Play = Callable[[Stage], Awaitable[None]]

# What no history holds. The numbers of entries are drawn anew; whoever follows the stream follows it by them.
EXCEPTED = {
    "journal": {"id"},
    "asset_life": {"id"},
    "orders": {"faults"},
    "incidents": {"faults"},
    "pages": {"faults"},
    "launches": {"faults"},
    "waves": {"faults"},
}
# By which way somebody was told, how often it was tried and when exactly.
ATTEMPT = ("key", "case", "template", "person")
# Alerts are intake's: by them alone it knows which groups were to be looked at.
GROUP = ("id", "state", "done", "incident", "look_at", "problem")


async def tables(database: Database) -> Tables:
    """Everything that workflows have had written, as of one instant."""
    async with database.writing() as session:
        if database.url.startswith("postgresql"):
            await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        return {
            name: [dict(row) for row in (await session.execute(select(METADATA.tables[name]))).mappings()]
            for name in FROM_HISTORY | PARTLY
        }


async def at_rest(database: Database) -> Tables:
    """When nobody has written for a while."""
    seen, looks = await tables(database), 0
    while looks < 3:
        await asyncio.sleep(1)
        now = await tables(database)
        looks = looks + 1 if now == seen else 0
        seen = now
    return seen


async def put_back(database: Database, old: Tables) -> None:
    async with database.writing() as session, no_triggers(session, "ledger"):
        for name, rows in old.items():
            await session.execute(delete(METADATA.tables[name]))
            if rows:
                await session.execute(insert(METADATA.tables[name]), rows)


@asynccontextmanager
async def no_triggers(session: AsyncSession, table: str) -> AsyncIterator[None]:
    """Whoever puts a whole database back asks no trigger."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        yield
        await session.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
        return
    known = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :name")
    triggers = (await session.execute(known, {"name": table})).all()
    for name, _ in triggers:
        await session.execute(text(f"DROP TRIGGER {name}"))
    yield
    for _, made in triggers:
        await session.execute(text(made))


def comparable(found: Tables, but: Collection[str] = ()) -> dict[str, list[tuple[tuple[str, str], ...]]]:
    """In an order that does not hang on numbers that are drawn anew; of some cases only what is no matter of time."""
    compared = {}
    for name, rows in found.items():
        happened = [row for row in rows if name != "journal" or row["seq"] > 0]
        if name == "workplaces":
            # What is to come is written by the clock of whoever shows it.
            begun = {row["wave"] for row in found["waves"]}
            happened = [row if row["wave"] in begun else row | {"updated_at": None} for row in rows]
        compared[name] = sorted(
            as_facts(name, row, is_exact=name not in CASES or CASES[name](row) not in but) for row in happened
        )
    # However many attempts it took.
    compared["notice_attempts"] = sorted(set(compared["notice_attempts"]))
    return compared


CASES: Mapping[str, Callable[[Row], object]] = {
    "orders": lambda row: f"order/{row['no']}",
    "incidents": lambda row: f"incident/{row['no']}",
    "journal": lambda row: row["workflow_id"],
    "launches": lambda row: f"project/{row['no']}",
    "waves": lambda row: f"project/{row['project']}/wave/{row['wave']}",
    "workplaces": lambda row: f"project/{row['project']}/wave/{row['wave']}",
    "pages": lambda row: f"incident/{row['incident']}/page/{row['no'].rpartition('/')[2]}",
    "asset_life": lambda row: row["source"],
    "ledger": lambda row: f"{'incident' if row['order_no'].startswith('I-') else 'order'}/{row['order_no']}",
}


TIMELESS = (
    "no",
    "workflow_id",
    "seq",
    "what",
    "state",
    "key",
    "amount",
    "under",
    "tag",
    "after",
    "workplace",
    "customer",
)


async def cases_with_lost_tasks(client: Client, cases: Iterable[str]) -> set[str]:
    """What was written in a task that was lost stays as it was written first; history has it of the second try."""
    lost = (EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT, EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED)
    found = set()
    for case in cases:
        history = await client.get_workflow_handle(case).fetch_history()
        if any(event.event_type in lost for event in history.events):
            found.add(case)
    return found


def as_facts(table: str, row: Row, *, is_exact: bool) -> tuple[tuple[str, str], ...]:
    if not is_exact:
        return tuple((name, str(row[name])) for name in TIMELESS if name in row)
    if table == "notice_attempts":
        return tuple((name, str(row[name])) for name in ATTEMPT)
    if table == "alert_groups":
        return tuple((name, str(row[name])) for name in GROUP)
    left_out = EXCEPTED.get(table, set())
    return tuple((name, str(value)) for name, value in sorted(row.items()) if name not in left_out)


def lives(found: Tables) -> dict[tuple[str, str], list[str]]:
    """Under which keys each asset was changed, in the order in which its life is told."""
    told: dict[tuple[str, str], list[str]] = {}
    for row in sorted(found["asset_life"], key=lambda row: row["id"]):
        told.setdefault((row["customer"], row["tag"]), []).append(row["under"])
    return told


async def cases_in(database: Database) -> list[str]:
    cases: list[str] = []
    async with database.reading() as session:
        for table, _ in TABLES.values():
            rows: Sequence[CaseRow] = (await session.execute(sqlmodel.select(table))).scalars().all()
            cases += [row.workflow_id for row in rows]
        groups = (await session.execute(sqlmodel.select(GroupRow.id))).scalars()
        return [*cases, *map(alert_group_workflow_id, groups)]


async def rebuilt(
    stage: Stage, cases: Iterable[str], *, writes: bool = True, database: Database | None = None
) -> RebuildReport:
    client, database = stage.environment.client, database or stage.database
    notices = Notices(database, Switchboard(database, OutboxChannel(Path("never"), "nobody@provider.example")))
    rebuild = Rebuild(database, notices, writes=writes)
    await rebuild.begin()
    # The server that skips time lists nothing.
    return await have_rebuilt(client, rebuild, await runs_of(client, cases))


KINDS = (
    OrderKind.INSTALL,
    OrderKind.MOVE,
    OrderKind.ADD,
    OrderKind.CHANGE,
    OrderKind.BREAK_FIX,
    OrderKind.ASSIST,
    OrderKind.REMOVE,
    OrderKind.DISPOSE,
)


async def all_kinds(stage: Stage) -> None:
    """One after the other has the same notebook."""
    for kind in KINDS:
        await scripts.fulfilled(stage, kind)
    desk = await scripts.placed(stage, OrderKind.INSTALL, assets=["NB-101"])
    await desk.say(APPROVER, Approve(step="approval"))


async def turns(stage: Stage) -> None:
    for kind, script in (
        (OrderKind.INSTALL, scripts.cancelled),
        (OrderKind.INSTALL, scripts.failed),
        (OrderKind.INSTALL, scripts.visited_for_nothing),
        (OrderKind.CHANGE, scripts.held),
    ):
        desk = await scripts.placed(stage, kind)
        await script(desk)
        await desk.ended()


async def incidents(stage: Stage) -> None:
    # Two of them wait for a night that is over when the others have been played.
    of_a_night = (incident_scripts.answered_and_reopened, incident_scripts.called_off)
    for script in incident_scripts.SCRIPTS.values():
        if script in of_a_night:
            continue
        desk = await script(stage)
        if script is not incident_scripts.missed_and_raised:
            await desk.ended()


async def bundles(stage: Stage) -> None:
    for script in (bundle_scripts.one_fails_and_is_tried_again, bundle_scripts.called_off):
        desk = await stage.place(bundle_scripts.wished(), bundle_scripts.BUNDLED)
        await script(desk)
        await desk.ended()
    leaving = await stage.place(bundle_scripts.leaving(), bundle_scripts.LEFT)
    await bundle_scripts.left_for_good(leaving)
    await leaving.ended()


async def eventful_move(stage: Stage) -> None:
    await move_scripts.eventful(MoveDesk(stage))


async def move_called_off(stage: Stage) -> None:
    await move_scripts.called_off(MoveDesk(stage))


async def alerts(stage: Stage) -> None:
    prom = await Monitoring(stage).follows(RULE)
    storm = [alert(f"{n}", ("DiskFull", "Down")[n % 2]) for n in range(8)]
    await prom.says(*storm)
    await prom.later(seconds=10)
    await prom.says(*(alert(f"late {n}", "Down") for n in range(3)))
    await prom.later(seconds=90)
    await prom.says(*over(*storm))
    await prom.later(minutes=7)


PLAYS = (all_kinds, turns, bundles, incidents, eventful_move, move_called_off, alerts)


async def written_entries(database: Database) -> int:
    async with database.reading() as session:
        return (await session.execute(select(func.count()).select_from(JournalRow))).scalar_one()


KEPT = [(play, 1) for play in PLAYS] + [(all_kinds, 30), (eventful_move, 30)]


@pytest.mark.parametrize(
    ("play", "entries"), [pytest.param(*kept, id=f"{kept[0].__name__} from entry {kept[1]} on") for kept in KEPT]
)
async def test_what_was_put_back_is_as_it_was_and_nobody_hears_of_it(stage: Stage, play: Play, entries: int) -> None:
    playing = asyncio.ensure_future(play(stage))
    await until(lambda: written_entries(stage.database), lambda count: count >= entries)
    old = await tables(stage.database)
    await playing
    before, cases = await at_rest(stage.database), await cases_in(stage.database)
    handed, called = dict(stage.postman.handed), len(stage.phones.rung)
    await put_back(stage.database, old)

    looked = await rebuilt(stage, cases, writes=False)
    untouched = await tables(stage.database)
    report = await rebuilt(stage, cases)
    after = await tables(stage.database)
    again = await rebuilt(stage, cases)

    assert comparable(untouched) == comparable(old)
    repeated = await cases_with_lost_tasks(stage.environment.client, cases)
    assert repeated < set(cases)
    for name, rows in comparable(before, but=repeated).items():
        assert comparable(after, but=repeated)[name] == rows, name
    assert lives(after) == lives(before)
    assert looked.tables == report.tables
    assert not report.is_whole
    assert again.is_whole
    assert (report.unreadable, report.lost, report.ahead, report.without_plan) == ((), (), (), ())
    assert comparable(await tables(stage.database)) == comparable(after)
    assert (stage.postman.handed, len(stage.phones.rung)) == (handed, called)


class Died(Exception):
    """What kills a process says nothing to it."""


class Mortal:
    """A database whose caller dies once it has written so often, and would again."""

    def __init__(self, database: Database, writes: int) -> None:
        self.url = database.url
        self.reading = database.reading
        self._left = writes
        self._database = database

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        if self._left == 0:
            raise Died
        async with self._database.writing() as session:
            yield session
        self._left -= 1


async def test_whoever_is_broken_off_after_every_step_comes_to_the_same_end(stage: Stage) -> None:
    old = await tables(stage.database)
    for script in (scripts.cancelled, scripts.visited_for_nothing):
        desk = await scripts.placed(stage, OrderKind.INSTALL)
        await script(desk)
        await desk.ended()
    before, cases = await at_rest(stage.database), await cases_in(stage.database)
    await put_back(stage.database, old)

    deaths = 0
    while True:
        try:
            await rebuilt(stage, cases, database=cast("Database", Mortal(stage.database, deaths + 1)))
        except Died:
            deaths += 1
        else:
            break

    assert deaths > 10
    after = await tables(stage.database)
    repeated = await cases_with_lost_tasks(stage.environment.client, cases)
    assert comparable(after, but=repeated) == comparable(before, but=repeated)
    assert lives(after) == lives(before)


def test_of_every_table_it_is_known_whether_history_has_it() -> None:
    known = (FROM_HISTORY, PARTLY, FOLLOWING, BACKUP_ONLY, PASSING)
    for module in walk_packages(db.__path__, "db."):
        import_module(module.name)

    assert sorted(METADATA.tables) == sorted(name for names in known for name in names)
