"""What `imac doctor` looks at in the database."""

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from cli.errors import CliError, Exit
from cli.setup.finding import Finding
from cli.stack.ground import ANSWER_WITHIN, database_trouble, silent_database
from cli.stack.shared_secrets import LINKS
from connectors.keyring import keyring
from connectors.links import links
from db.access.keys import has_administrator
from db.channels import check_readable
from db.damage import DatabaseDamaged, check_file, file_of
from db.engine import open_database
from db.revisions import HEAD
from db.server import Load, clock_of, load_of, server_of
from db.shared_secrets import is_same
from domain.channels.sealing import SecretsLocked
from settings import Settings

# Above this, what happened first is told wrongly, and links end too soon or too late.
CLOCKS_APART = timedelta(seconds=2)


async def database_checks(settings: Settings) -> list[Finding]:
    try:
        await asyncio.to_thread(check_file, settings.database_url)
    except DatabaseDamaged as damaged:
        wrong = CliError("database_damaged", Exit.UNREACHABLE, file=damaged.file, reason=damaged.reason)
        return [Finding("check_database", wrong=wrong)]
    database = open_database(settings.database_url, keyring(settings))
    try:
        file = file_of(settings.database_url)
        if file is not None and not file.exists():
            return [Finding("check_schema", wrong=await database_trouble(database))]
        async with asyncio.timeout(ANSWER_WITHIN.total_seconds()), database.reading() as session:
            found = [Finding("check_database", await server_of(session)), *await _of_server(session, settings)]
        trouble = await database_trouble(database)
        found.append(Finding("check_schema", HEAD if trouble is None else "", trouble))
        if trouble is None:
            async with database.reading() as session:
                found += [await _administrator(session), await _link_secret(session, settings)]
                found.append(await _secrets_key(session))
    except (SQLAlchemyError, OSError) as error:
        return [Finding("check_database", wrong=silent_database(error))]
    finally:
        await database.close()
    return found


async def _of_server(session: AsyncSession, settings: Settings) -> list[Finding]:
    load = await load_of(session)
    if load is None:
        return []
    before = datetime.now(UTC)
    theirs = await clock_of(session)
    ours = before + (datetime.now(UTC) - before) / 2
    return [_connections(load, settings.database_connections), _clock(abs(theirs - ours))]


def _connections(load: Load, each: int) -> Finding:
    """Whether every process that is there now could open as many as it may."""
    found = f"{load.used} / {load.most}, {load.processes} × {each}"
    still = load.processes * each - load.ours
    if still <= load.most - load.used:
        return Finding("check_connections", found)
    values = {"left": load.most - load.used, "processes": load.processes, "each": each, "still": still}
    return Finding("check_connections", found, CliError("connections_short", Exit.REFUSED, **values))


def _clock(apart: timedelta) -> Finding:
    found = f"{apart.total_seconds():.1f} s"
    wrong = CliError("clocks_apart", Exit.REFUSED, apart=found) if apart > CLOCKS_APART else None
    return Finding("check_clock", found, wrong)


async def _administrator(session: AsyncSession) -> Finding:
    is_there = await has_administrator(session, datetime.now(UTC))
    return Finding("check_administrator", wrong=None if is_there else CliError("administrator_missing", Exit.REFUSED))


async def _link_secret(session: AsyncSession, settings: Settings) -> Finding:
    if settings.link_secret is None and not settings.database_url.startswith("sqlite"):
        return Finding("check_link_secret", wrong=CliError("link_secret_missing", Exit.USAGE))
    is_same_or_first = await is_same(session, LINKS, links(settings).secret)
    return Finding(
        "check_link_secret", wrong=None if is_same_or_first else CliError("link_secret_differs", Exit.REFUSED)
    )


async def _secrets_key(session: AsyncSession) -> Finding:
    try:
        await check_readable(session)
    except SecretsLocked as locked:
        return Finding("check_secrets_key", wrong=CliError("secrets_locked", Exit.REFUSED, reason=locked.problems))
    return Finding("check_secrets_key")
