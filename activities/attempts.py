"""One attempt to reach somebody: claimed before it is made, so that whoever runs at the same time leaves it alone."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import structlog
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from connectors.channels import Undeliverable, Unreached
from db.cases.notices import Attempt, Claim, claim, note, settle
from db.engine import Database
from documents.notices import Unwritable
from domain.cases.notices import DeliveryOutcome

log = structlog.get_logger()

# Well within the lease: nobody else takes over what is still being sent.
SENDING = timedelta(seconds=45)
# When somebody else is at it: soon after a channel usually answers.
LOOK_AGAIN = timedelta(seconds=5)
WRITE_AGAIN = timedelta(milliseconds=500)


class Result(NamedTuple):
    """`claimed` means that somebody else is at it. `wait` is how long to leave it alone, where that is known."""

    outcome: DeliveryOutcome
    wait: timedelta | None = None
    detail: str | None = None


class Attempts:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._going_on: set[asyncio.Task[Result]] = set()

    async def make(self, attempt: Attempt, send: Callable[[], Awaitable[None]]) -> Result:
        """Only a death between sending and writing that down may send twice."""
        claimed = await self._claim(attempt)
        if not isinstance(claimed, Claim):
            return Result(claimed, LOOK_AGAIN if claimed == DeliveryOutcome.CLAIMED else None)
        going_on = asyncio.create_task(self._finish(claimed, send))
        self._going_on.add(going_on)
        going_on.add_done_callback(self._going_on.discard)
        # Whoever is cut off here would leave a letter of which nobody knows whether it went out.
        return await asyncio.shield(going_on)

    async def note(self, attempt: Attempt, outcome: DeliveryOutcome) -> None:
        """That there was nothing to send by."""
        with suppress(IntegrityError):
            async with self._database.writing() as session:
                await note(session, attempt, outcome, datetime.now(UTC))

    async def _claim(self, attempt: Attempt) -> Claim | DeliveryOutcome:
        try:
            async with self._database.writing() as session:
                return await claim(session, attempt, datetime.now(UTC))
        except IntegrityError:
            # Somebody else has just claimed the same number.
            return DeliveryOutcome.CLAIMED

    async def _finish(self, claimed: Claim, send: Callable[[], Awaitable[None]]) -> Result:
        result = await _sent(send)
        while True:
            try:
                async with self._database.writing() as session:
                    await settle(session, claimed, result.outcome, datetime.now(UTC), result.detail)
            except SQLAlchemyError:
                # Temporal would have it sent again, as nobody but us knows that it was.
                log.warning("outcome cannot be written", case=claimed.case)
                await asyncio.sleep(WRITE_AGAIN.total_seconds())
            else:
                return result


async def _sent(send: Callable[[], Awaitable[None]]) -> Result:
    try:
        async with asyncio.timeout(SENDING.total_seconds()):
            await send()
    except (Undeliverable, Unwritable) as error:
        return Result(DeliveryOutcome.UNDELIVERABLE, detail=str(error))
    except Unreached as error:
        return Result(DeliveryOutcome.FAILED, error.retry_after, str(error))
    except TimeoutError:
        return Result(DeliveryOutcome.FAILED, detail="no answer in time")
    return Result(DeliveryOutcome.SENT)
