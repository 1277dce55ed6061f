"""What every program stands on, looked at once: the database with its schema, and Temporal with the namespace."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from temporalio.client import Client
from temporalio.service import RPCError

from cli.errors import CliError, Exit
from db.damage import file_of
from db.engine import Database, open_database
from db.revisions import HEAD, SchemaStanding, schema_of
from db.server import says_crowded
from settings import Settings
from workflows.client import connect, why_away
from workflows.namespace import Namespace, look

# Somebody may take the connection and never say a word.
ANSWER_WITHIN = timedelta(seconds=15)
# Classes of SQLSTATE by which PostgreSQL says no to what it has heard: it lets itself only be read, or a right is
# missing, or a name is taken (https://www.postgresql.org/docs/15/errcodes-appendix.html).
_REFUSALS = ("25", "42")


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    database = open_database(settings.database_url)
    try:
        yield database
    finally:
        await database.close()


async def database_trouble(database: Database) -> CliError | None:
    """What keeps a program of this version from working on the database."""
    file = file_of(database.url)
    if file is not None and not file.exists():
        # Asking would make one.
        return CliError("schema_behind", Exit.UNREACHABLE, found="–", needed=HEAD)
    try:
        async with asyncio.timeout(ANSWER_WITHIN.total_seconds()):
            schema = await schema_of(database)
    except (SQLAlchemyError, OSError) as error:
        return silent_database(error)
    if schema.standing == SchemaStanding.CURRENT:
        return None
    if schema.standing == SchemaStanding.BEHIND:
        return CliError("schema_behind", Exit.UNREACHABLE, found=schema.found or "–", needed=HEAD)
    return CliError("schema_ahead", Exit.UNREACHABLE, found=schema.found or "–", needed=HEAD)


def silent_database(error: SQLAlchemyError | OSError) -> CliError:
    reason = reason_of(error)
    if says_crowded(reason):
        return CliError("database_full", Exit.UNREACHABLE, reason=reason)
    if isinstance(error, DBAPIError) and (getattr(error.orig, "sqlstate", None) or "").startswith(_REFUSALS):
        return CliError("database_refused", Exit.REFUSED, reason=reason)
    return CliError("database_silent", Exit.UNREACHABLE, reason=reason)


def reason_of(error: Exception) -> str:
    """The first line of what a server or driver says; statements and values are none of it."""
    said = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(said, TimeoutError) and not str(said):
        return f"> {ANSWER_WITHIN.total_seconds():.0f} s"
    return next(iter(str(said).splitlines()), "") or type(said).__name__


async def temporal_trouble() -> CliError | None:
    """What keeps a program from working with Temporal."""
    return await asked_temporal(_namespace_there)


async def _namespace_there(client: Client) -> CliError | None:
    found = await look(client)
    return namespace_missing(client) if found.retention is None else attributes_missing(client, found)


def namespace_missing(client: Client) -> CliError:
    return CliError("namespace_missing", Exit.UNREACHABLE, namespace=client.namespace)


async def asked_temporal(ask: Callable[[Client], Awaitable[CliError | None]]) -> CliError | None:
    """What came of asking a server, or why it could not be asked."""
    try:
        async with asyncio.timeout(ANSWER_WITHIN.total_seconds()):
            client = await connect(lazy=False)
        return await ask(client)
    except (RuntimeError, RPCError, OSError, ValueError) as error:
        reason = reason_of(error) if isinstance(error, TimeoutError) else why_away(error)
        return CliError("temporal_away", Exit.UNREACHABLE, address=temporal_address(), reason=reason)


def temporal_address() -> str:
    return os.environ.get("TEMPORAL_ADDRESS", "127.0.0.1:7233")


def retention_short(client: Client, found: Namespace, wanted: timedelta) -> CliError | None:
    if found.retention is None or found.retention >= wanted:
        return None
    return CliError(
        "retention_short",
        Exit.REFUSED,
        namespace=client.namespace,
        days=found.retention.days,
        wanted=wanted.days,
    )


def attributes_missing(client: Client, found: Namespace) -> CliError | None:
    if not found.missing:
        return None
    return CliError(
        "attributes_missing",
        Exit.REFUSED,
        namespace=client.namespace,
        names=", ".join(found.missing),
        first=found.missing[0],
    )


def namespace_trouble(client: Client, found: Namespace, wanted: timedelta) -> CliError | None:
    """What is wrong with the namespace although it was prepared as far as we may."""
    if found.retention is None:
        return namespace_missing(client)
    return retention_short(client, found, wanted) or attributes_missing(client, found)
