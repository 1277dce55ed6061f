"""Whatever runs twice at once sends once: an attempt is claimed before it is made, and what came of it is kept."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import OperationalError
from temporalio.exceptions import ApplicationError

from activities.attempts import SENDING
from activities.channels import Switchboard
from activities.notices import Notices, Outgoing
from activities.pages import CallAsked, Pages
from connectors.channels import TIMEOUT_SECONDS, Letter
from connectors.links import Links
from db.cases.notices import NoticeRow, attempts_for, give_up_claims
from db.contracts import save_person
from db.engine import Database
from domain.cases.notices import LEASE, DeliveryOutcome
from domain.oncall.page import Method
from domain.people import Contact
from tests.activities.test_notices import LANG, MESSAGE
from tests.activities.test_pages import NIGHT
from tests.patience import until
from tests.stories.stage import MONDAY
from tests.world import furnish, furnish_on_call
from workflows.effects import QUEUED, QUICK
from workflows.starting import TASK_TIMEOUT

TO_ONE = MESSAGE.but(people=("p-lang",))
CALL = CallAsked(page=NIGHT, round=1, step=0, person="p-lang", method=Method(channel="mail"), at=MONDAY)


@dataclass
class SlowMail:
    """Takes a letter and answers only when it is told to."""

    name: str = "mail"
    taken: list[Letter] = field(default_factory=list)
    answers: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, letter: Letter) -> None:
        self.taken.append(letter)
        await self.answers.wait()

    async def until_taken(self) -> None:
        async def taken() -> list[Letter]:
            return self.taken

        await until(taken)


@pytest.fixture
async def mail(database: Database) -> SlowMail:
    await furnish(database)
    await furnish_on_call(database)
    async with database.writing() as session:
        await save_person(session, LANG.but(contacts=(Contact(channel="mail", address=LANG.email),)))
    return SlowMail()


Try = Callable[[], Awaitable[object]]


def tries(database: Database, mail: SlowMail) -> dict[str, tuple[str, Try]]:
    """Both ways by which people are told, each with the key of its attempts; every try as if by another worker."""

    async def deliver() -> object:
        await Notices(database, Switchboard(database, mail)).deliver(Outgoing(messages=(TO_ONE,)))
        return None

    async def call() -> object:
        return await Pages(database, Switchboard(database, mail), Links("https://it.example", "s")).call(CALL)

    return {"a letter": (TO_ONE.key, deliver), "a call": (CALL.key, call)}


async def outcomes(database: Database, key: str) -> list[tuple[int, str]]:
    async with database.reading() as session:
        return [(row.attempt, row.outcome) for row in await attempts_for(session, key)]


def claimed_by_the_dead(key: str, at: datetime) -> NoticeRow:
    return NoticeRow(
        key=key,
        case="order/O-1",
        template="order_completed",
        person="p-lang",
        channel="mail",
        attempt=1,
        outcome=DeliveryOutcome.CLAIMED,
        at=at,
    )


async def finished(several: Sequence[asyncio.Future[object]]) -> int:
    return sum(task.done() for task in several)


BOTH = pytest.mark.parametrize("kind", ["a letter", "a call"])


@BOTH
async def test_two_at_once_send_once(database: Database, mail: SlowMail, kind: str) -> None:
    key, attempt = tries(database, mail)[kind]

    several = [asyncio.ensure_future(attempt()) for _ in range(5)]
    await mail.until_taken()
    await until(lambda: finished(several), lambda done: done == 4)
    under_way = await outcomes(database, key)
    mail.answers.set()
    said = await asyncio.gather(*several, return_exceptions=True)
    await attempt()

    assert under_way == [(1, "claimed")]
    assert len(mail.taken) == 1
    assert sum(isinstance(one, ApplicationError) and not one.non_retryable for one in said) == 4
    assert await outcomes(database, key) == [(1, "sent")]


@BOTH
async def test_a_try_that_is_cut_off_goes_on_and_is_not_repeated(database: Database, mail: SlowMail, kind: str) -> None:
    key, attempt = tries(database, mail)[kind]
    cut = asyncio.ensure_future(attempt())
    await mail.until_taken()

    cut.cancel()
    await asyncio.gather(cut, return_exceptions=True)
    with pytest.raises(ApplicationError):
        await attempt()
    mail.answers.set()

    await until(lambda: outcomes(database, key), lambda seen: seen == [(1, "sent")])
    await attempt()
    assert len(mail.taken) == 1


@BOTH
async def test_who_finds_the_claim_of_a_dead_one_sends_once_it_has_run_out(
    database: Database, mail: SlowMail, kind: str
) -> None:
    key, attempt = tries(database, mail)[kind]
    mail.answers.set()
    async with database.writing() as session:
        session.add(claimed_by_the_dead(key, datetime.now(UTC) - LEASE + timedelta(seconds=30)))

    with pytest.raises(ApplicationError):
        await attempt()
    before = len(mail.taken)
    async with database.writing() as session:
        (row,) = await attempts_for(session, key)
        row.at = datetime.now(UTC) - LEASE
    await attempt()

    assert (before, len(mail.taken)) == (0, 1)
    assert await outcomes(database, key) == [(1, "failed"), (2, "sent")]


@BOTH
async def test_a_claim_nobody_comes_back_for_is_given_up_and_who_comes_back_late_still_sends(
    database: Database, mail: SlowMail, kind: str
) -> None:
    key, attempt = tries(database, mail)[kind]
    mail.answers.set()
    now = datetime.now(UTC)
    async with database.writing() as session:
        session.add(claimed_by_the_dead(key, now - LEASE))
        session.add(claimed_by_the_dead("another letter", now - LEASE + timedelta(seconds=1)))

    async with database.writing() as session:
        await give_up_claims(session, now)
    given_up, kept = await outcomes(database, key), await outcomes(database, "another letter")
    await attempt()

    assert given_up == [(1, "failed")]
    assert kept == [(1, "claimed")]
    assert len(mail.taken) == 1
    assert await outcomes(database, key) == [(1, "failed"), (2, "sent")]


@BOTH
async def test_what_was_sent_is_written_down_when_the_database_is_back(
    database: Database, mail: SlowMail, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, attempt = tries(database, mail)[kind]
    sending = asyncio.ensure_future(attempt())
    await mail.until_taken()

    with monkeypatch.context() as away:
        away.setattr(Database, "writing", _away)
        mail.answers.set()
        await asyncio.sleep(0.1)
    await sending

    assert len(mail.taken) == 1
    assert await outcomes(database, key) == [(1, "sent")]


def _away(_database: Database) -> None:
    raise OperationalError("", None, Exception("the database is away"))


def test_the_times_agree() -> None:
    # A workflow task is reported as going on after four fifths of its time; what runs longer may be given away.
    assert QUICK < QUEUED <= 0.8 * TASK_TIMEOUT
    assert timedelta(seconds=TIMEOUT_SECONDS) < SENDING < LEASE
