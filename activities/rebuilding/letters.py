"""Who was told and called, so that nobody is again: written down as far as histories know it, and nothing is sent."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from activities.notices import Notices, Outgoing
from activities.pages import CallAsked, attempt_of
from activities.rebuilding.deeds import Deed, RememberedCase
from activities.rebuilding.tallies import RebuildTally
from db.cases.notices import Attempt, attempts_for, knows, recall
from db.engine import Database
from domain.cases.events import Message
from domain.cases.notices import DeliveryOutcome

_ATTEMPTS = "notice_attempts"


class Letters:
    """`under_way` are letters and calls of which nobody knows yet whom they have reached."""

    def __init__(self, database: Database, notices: Notices, tally: RebuildTally, *, writes: bool) -> None:
        self.under_way = 0
        self._database = database
        self._notices = notices
        self._tally = tally
        self._writes = writes

    async def take(self, case: RememberedCase) -> None:
        self.under_way += sum(isinstance(asked, Outgoing | CallAsked) for asked in case.under_way)
        for deed in case.deeds:
            if isinstance(deed.asked, CallAsked):
                await self._call(deed.asked, reached=deed.answer is True, at=deed.at)
            elif isinstance(deed.asked, Outgoing):
                for message, outcome in _outcomes(deed, deed.asked.messages):
                    missing = await self._notices.attempts_remembered(message, outcome)
                    await self._recall(missing, outcome, deed.at)

    async def _call(self, asked: CallAsked, *, reached: bool, at: datetime) -> None:
        attempt = attempt_of(asked)
        outcome = DeliveryOutcome.SENT if reached else DeliveryOutcome.FAILED
        async with self._database.reading() as session:
            past = await attempts_for(session, asked.key)
        settled = [row for row in past if not row.is_undecided]
        await self._recall([] if settled or knows(past, attempt, outcome) else [attempt], outcome, at)

    async def _recall(self, attempts: Iterable[Attempt], outcome: DeliveryOutcome, at: datetime) -> None:
        for attempt in attempts:
            self._tally.add(_ATTEMPTS, missing=1)
            if self._writes:
                # Somebody else may write the same now.
                with suppress(IntegrityError):
                    async with self._database.writing() as session:
                        await recall(session, attempt, outcome, at)


def _outcomes(deed: Deed, messages: Iterable[Message]) -> Iterator[tuple[Message, DeliveryOutcome]]:
    """Of what could not be delivered it is known which messages it were, but not which of their people were reached."""
    lost = set(deed.problem.values.get("notices", "").split(", ")) if deed.problem else set()
    for message in messages:
        yield message, DeliveryOutcome.UNDELIVERABLE if message.template in lost else DeliveryOutcome.SENT
