"""Alerts that were accepted are looked at, whichever process dies before it has seen to that."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from api import relay
from api.relay import JITTER, LOOK_EVERY, OVERDUE, AlertRelay
from db.alerts.groups import WOKEN_WITHIN, overdue, unmark
from db.alerts.intake import take_in
from db.alerts.rules import save_rule
from db.engine import Database
from domain.alerts.alert import Alert
from domain.alerts.groups import Waking
from tests.patience import until
from tests.stories.monitoring import RULE
from tests.stories.stage import MONDAY
from tests.world import furnish
from workflows.alert_group import COLLECT
from workflows.answers import TemporalAway

ALERT = Alert(source="prom", key="1", title="Down", labels={"alertname": "Down"})


@dataclass
class Alarm:
    """Stands for Temporal: says who was woken."""

    woken: list[str] = field(default_factory=list)
    is_away: bool = False

    async def wake_group(self, waking: Waking) -> None:
        if self.is_away:
            raise TemporalAway
        self.woken.append(waking.group)


@asynccontextmanager
async def relays(database: Database, alarm: Alarm, count: int = 1) -> AsyncIterator[None]:
    several = [AlertRelay(database, alarm) for _ in range(count)]
    for one in several:
        one.start()
    try:
        yield
    finally:
        for one in several:
            await one.close()


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "LOOK_EVERY", timedelta(milliseconds=50))


async def accepted_by_one_that_died(database: Database, ago: timedelta) -> str:
    """Taken in at that time by a process that did nothing more; the group's name."""
    await furnish(database)
    async with database.writing() as session:
        await save_rule(session, RULE, by="p-koch", at=MONDAY)
    taken = await take_in(database, [ALERT], None, datetime.now(UTC) - ago)
    (waking,) = taken.waking
    return waking.group


async def woken(alarm: Alarm) -> list[str]:
    return alarm.woken


def test_an_alert_whose_process_died_opens_within_twenty_seconds() -> None:
    longest = OVERDUE + LOOK_EVERY * (1 + JITTER) + COLLECT

    assert longest <= timedelta(seconds=20)


async def test_what_one_process_accepted_another_that_lives_already_wakes(database: Database) -> None:
    alarm = Alarm()
    async with relays(database, alarm):
        group = await accepted_by_one_that_died(database, OVERDUE - timedelta(seconds=4))
        await asyncio.sleep(0.2)
        early = list(alarm.woken)

        await until(lambda: woken(alarm))

    assert (early, alarm.woken) == ([], [group])


async def test_of_many_processes_one_wakes_it_and_does_so_once(database: Database) -> None:
    group = await accepted_by_one_that_died(database, timedelta(minutes=1))
    alarm = Alarm()

    async with relays(database, alarm, 5):
        await until(lambda: woken(alarm))
        await asyncio.sleep(0.5)

    assert alarm.woken == [group]


async def test_who_died_over_waking_it_is_replaced_too(database: Database) -> None:
    group = await accepted_by_one_that_died(database, timedelta(minutes=5))
    async with relays(database, Alarm(is_away=True)):
        await asyncio.sleep(0.3)
    alarm = Alarm()
    async with relays(database, alarm):
        await asyncio.sleep(0.3)
        left_alone = list(alarm.woken)
        async with database.writing() as session:
            long_ago = {"at": datetime.now(UTC) - WOKEN_WITHIN - timedelta(seconds=1)}
            await session.execute(text("UPDATE alert_groups SET woken_at = :at"), long_ago)
        await until(lambda: woken(alarm))

    assert (left_alone, alarm.woken) == ([], [group])


async def test_news_after_it_was_seen_to_are_seen_to_again(database: Database) -> None:
    group = await accepted_by_one_that_died(database, timedelta(minutes=1))
    alarm = Alarm()
    async with relays(database, alarm):
        await until(lambda: woken(alarm))
        async with database.writing() as session:
            await unmark(session, group)
        later = ALERT.but(key="2")
        await take_in(database, [later], None, datetime.now(UTC))
        await until(lambda: woken(alarm), lambda seen: len(seen) == 2)

    assert alarm.woken == [group, group]


async def test_looking_needs_the_index_and_no_more(database: Database) -> None:
    group = await accepted_by_one_that_died(database, timedelta(minutes=1))
    now = datetime.now(UTC)

    async with database.reading() as session:
        found = await overdue(session, now - OVERDUE, now)
        if session.get_bind().dialect.name == "sqlite":
            asked = "EXPLAIN QUERY PLAN SELECT id FROM alert_groups WHERE dirty_at <= '2030-01-01' ORDER BY dirty_at"
            plan = " ".join(str(row) for row in await session.execute(text(asked)))
            assert "ix_alert_groups_dirty" in plan

    assert list(found) == [group]
