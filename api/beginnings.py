"""What an API says in its log when it begins: whom it still waits for, and how to get in."""

import asyncio
import time
from datetime import UTC, datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from db.access.keys import has_administrator
from db.engine import Database
from workflows.client import Temporal

log = structlog.get_logger()

LOOK_AGAIN, SAY_AGAIN = 1, 30


async def tell_beginnings(database: Database, temporal: Temporal) -> None:
    """Reads are served meanwhile; whatever starts or steers a case is answered 503."""
    try:
        async with database.reading() as session:
            if not await has_administrator(session, datetime.now(UTC)):
                log.warning("no administrator has a valid key", create_one_with="imac init")
    except (SQLAlchemyError, OSError):
        # Readiness says so.
        pass
    said = float("-inf")
    while not await temporal.is_alive():
        if time.monotonic() - said >= SAY_AGAIN:
            said = time.monotonic()
            log.warning("waits for temporal")
        await asyncio.sleep(LOOK_AGAIN)
