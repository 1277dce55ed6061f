"""`imac migrate`: the database is brought to the schema of this version, all of it or nothing."""

import asyncio

from sqlalchemy.exc import SQLAlchemyError

from cli.errors import CliError, Exit
from cli.stack.ground import silent_database
from cli.stack.programs import keep_private, must_be_whole, read_settings
from db.engine import open_database
from db.rebuilding import is_built, rebuild
from db.revisions import HEAD
from db.schema import SchemaAhead
from db.schema import migrate as bring_up_to_date


def migrate() -> None:
    """Upgrade the database to the latest schema."""
    migrate_database(read_settings().database_url)


def migrate_database(url: str) -> None:
    """Raises `CliError` for a database that does not answer, is damaged, or was made by a newer version."""
    keep_private()
    must_be_whole(url)
    try:
        bring_up_to_date(url)
        asyncio.run(_build(url))
    except SchemaAhead as ahead:
        raise CliError("schema_ahead", Exit.REFUSED, found=ahead.found, needed=HEAD) from None
    except (SQLAlchemyError, OSError) as error:
        raise silent_database(error) from None


async def _build(url: str) -> None:
    """What follows from what was there before there was a table for it."""
    database = open_database(url)
    try:
        if not await is_built(database):
            await rebuild(database)
    finally:
        await database.close()
