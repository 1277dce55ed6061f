"""Hundreds who hear the same news are let go on by one look at the tables, and by none that is too old."""

import asyncio
from datetime import UTC, datetime

from api.door.watch import KeyWatch
from db.access.keys import add_key, keys_by_id, revoke_key
from db.access.sessions import end_sessions, open_session
from db.engine import Database
from domain.keys import Grant, Key
from domain.people import Role
from tests.statements import statements

FOLLOWERS = 20


async def keys(database: Database) -> list[Key]:
    now = datetime.now(UTC)
    async with database.writing() as session:
        made = [await add_key(session, Grant(role=Role.COORDINATOR, person=f"p-{n}"), now) for n in range(FOLLOWERS)]
    async with database.reading() as session:
        return list((await keys_by_id(session, [one.id for one in made])).values())


async def test_all_who_ask_at_once_whether_they_may_go_on_are_answered_by_one_look(database: Database) -> None:
    followers, watch = await keys(database), KeyWatch(database)
    async with database.writing() as session:
        for key in followers:
            await open_session(session, key, datetime.now(UTC), "here")
    async with database.reading() as session:
        rows = await session.connection()
        ids = [row[0] for row in await rows.exec_driver_sql("SELECT id FROM sessions")]

    with statements() as sent:
        ended = await asyncio.gather(*(watch.ended({key}) for key in followers))
        found = await asyncio.gather(*(watch.session(name) for name in ids))

    assert ended == [set()] * FOLLOWERS
    assert [one.id for one in found if one] == ids
    assert [len([one for one in sent if f"FROM {table}" in one]) for table in ("api_keys", "sessions")] == [1, 1]


async def test_whoever_asks_later_is_told_what_has_happened_since(database: Database) -> None:
    (key, *_), watch = await keys(database), KeyWatch(database)
    async with database.writing() as session:
        await open_session(session, key, datetime.now(UTC), "here")
    async with database.reading() as session:
        opened = (await (await session.connection()).exec_driver_sql("SELECT id FROM sessions")).scalar_one()
    before = await watch.ended({key}), await watch.session(opened)
    looked = watch.looked_at(key)

    async with database.writing() as session:
        await revoke_key(session, key.id, datetime.now(UTC))
        await end_sessions(session, key.person, datetime.now(UTC))
    after = await watch.ended({key}), await watch.session(opened)

    assert before[0] == set()
    assert before[1] is not None
    assert before[1].ended_at is None
    assert after[0] == {key}
    assert after[1] is not None
    assert after[1].ended_at is not None
    # What was seen to have ended lets nobody go on who looked before.
    assert looked > 0.0
    assert watch.looked_at(key) == 0.0


async def test_whoever_leaves_while_all_are_looked_for_takes_the_answer_from_nobody(database: Database) -> None:
    followers, watch = await keys(database), KeyWatch(database)

    first, *rest = [asyncio.create_task(watch.ended({key})) for key in followers]
    await asyncio.sleep(0)
    first.cancel()

    assert await asyncio.gather(*rest) == [set()] * (FOLLOWERS - 1)
