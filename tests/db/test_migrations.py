"""The migrations make exactly the tables the code knows, and can be taken back."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from db.engine import open_database
from db.revisions import HEAD, MIGRATIONS, SchemaStanding, schema_of
from db.schema import SchemaAhead, migrate


def test_the_newest_schema_is_what_the_code_expects_and_every_step_can_be_taken_back(database_url: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", database_url.replace("+aiosqlite", "").replace("%", "%%"))

    command.check(config)
    command.downgrade(config, "base")
    command.upgrade(config, "head")
    command.check(config)

    assert list(Path(MIGRATIONS, "versions").glob("*.py"))


def test_a_migration_that_is_broken_off_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also on SQLite, whose driver commits every change of a table unless it is kept from it."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'half.db'}"

    def broken(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as context:
        context.setattr("alembic.op.batch_alter_table", broken)
        with pytest.raises(KeyboardInterrupt):
            migrate(url)
    with closing(sqlite3.connect(tmp_path / "half.db")) as connection:
        left = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    migrate(url)

    assert left == (0,)


async def test_what_a_newer_version_has_made_is_left_alone(database_url: str) -> None:
    database = open_database(database_url)
    before = await schema_of(database)
    async with database.writing() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(SchemaAhead):
        await asyncio.to_thread(migrate, database_url)
    after = await schema_of(database)
    await database.close()

    assert (before.found, before.standing) == (HEAD, SchemaStanding.CURRENT)
    assert (after.found, after.standing) == ("9999", SchemaStanding.AHEAD)


async def test_the_newest_file_is_the_head_and_an_empty_database_is_behind(tmp_path: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    database = open_database(f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}")

    empty = await schema_of(database)
    await database.close()

    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]
    assert (empty.found, empty.standing) == ("", SchemaStanding.BEHIND)
