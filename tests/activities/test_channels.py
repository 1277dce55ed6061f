"""People are told where they said, by the next way when one fails, once in all; histories know channel ids only."""

import json
import re
from base64 import b64decode
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from temporalio import workflow
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.channels import Switchboard
from activities.notices import Notices, Outgoing, StillToSend
from connectors.channels import Letter, Undeliverable
from connectors.guarded_http import GuardedHttp
from db.cases.notices import notices_of
from db.channels import save_channel
from db.contracts import save_person
from db.engine import Database
from domain.cases.events import Message
from domain.channels.channel import CHANNEL
from domain.people import Contact
from tests.activities.test_notices import KOCH, MESSAGE
from tests.http_sink import HttpSink
from tests.mail_sink import Sink
from tests.world import furnish
from workflows.effects import act

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
TOKEN = "tk_abcdefghijklmnop"
PAGED = MESSAGE.but(people=("p-koch",), channels=("push", "hook"))
TOPIC = "oncall-eva"


@dataclass
class Sinks:
    push: HttpSink = field(default_factory=HttpSink)
    hook: HttpSink = field(default_factory=HttpSink)
    mail: Sink = field(default_factory=Sink)

    def counts(self) -> tuple[int, int, int]:
        return len(self.push.received), len(self.hook.received), len(self.mail.mails)


@pytest.fixture
async def sinks(database: Database) -> AsyncIterator[Sinks]:
    """Eva Koch is reached by push first, then by the webhook; all three ways are open."""
    await furnish(database)
    sinks = Sinks()
    async with sinks.push.open(), sinks.hook.open(), sinks.mail.open():
        push = {"type": "ntfy", "id": "push", "name": "Push", "url": sinks.push.url, "token": TOKEN}
        hook = {"type": "webhook", "id": "hook", "name": "Hook", "url": sinks.hook.url, "secret": SECRET}
        async with database.writing() as session:
            for channel in (push, hook):
                await save_channel(session, CHANNEL.validate_python(channel), by="admin", at=datetime.now(UTC))
            contacts = (Contact(channel="push", address=TOPIC), Contact(channel="hook"))
            await save_person(session, KOCH.but(contacts=contacts))
        yield sinks


def notices(database: Database, sinks: Sinks) -> Notices:
    return Notices(database, Switchboard(database, sinks.mail.channel, GuardedHttp(("127.0.0.1",))))


async def attempts(database: Database) -> list[tuple[str, int, str]]:
    async with database.reading() as session:
        rows = await notices_of(session, MESSAGE.case)
    return [(row.channel, row.attempt, row.outcome) for row in rows]


def one(message: Message = PAGED) -> Outgoing:
    return Outgoing(messages=(message,))


@pytest.mark.parametrize(
    ("channels", "reached"),
    [
        pytest.param((), (0, 0, 1), id="none named: by mail"),
        pytest.param(("hook",), (0, 1, 0), id="one of hers"),
        pytest.param(("hook", "push"), (1, 0, 0), id="two of hers: the first in her order"),
        pytest.param(("fax",), (0, 0, 1), id="none of hers: by mail"),
    ],
)
async def test_a_person_is_told_once_and_where_she_said(
    database: Database, sinks: Sinks, channels: tuple[str, ...], reached: tuple[int, int, int]
) -> None:
    for _ in range(2):
        await notices(database, sinks).deliver(one(PAGED.but(channels=channels)))

    assert sinks.counts() == reached


async def test_when_a_provider_fails_the_next_way_is_taken_at_once(database: Database, sinks: Sinks) -> None:
    sinks.push.status = 500

    await notices(database, sinks).deliver(one())
    await notices(database, sinks).deliver(one())

    assert await attempts(database) == [("push", 1, "failed"), ("hook", 2, "sent")]
    assert sinks.counts() == (1, 1, 0)


async def test_a_provider_that_is_away_for_long_costs_nobody_the_message(database: Database, sinks: Sinks) -> None:
    sinks.push.status, sinks.hook.status = 503, 500
    sinks.mail.answers[KOCH.email] = "451 4.2.1 mailbox busy"

    for _ in range(2):
        with pytest.raises(StillToSend) as raised:
            await notices(database, sinks).deliver(one())
    sinks.hook.status = 200
    await notices(database, sinks).deliver(one())

    assert raised.value.next_retry_delay is None
    assert await attempts(database) == [
        *(("push", 1, "failed"), ("hook", 2, "failed"), ("mail", 3, "failed")),
        *(("push", 4, "failed"), ("hook", 5, "failed"), ("mail", 6, "failed")),
        *(("push", 7, "failed"), ("hook", 8, "sent")),
    ]


async def test_what_a_provider_refuses_for_good_is_not_asked_again(database: Database, sinks: Sinks) -> None:
    sinks.push.status, sinks.hook.status = 401, 503
    sinks.mail.answers[KOCH.email] = "550 5.1.1 no such user"

    for _ in range(2):
        with pytest.raises(StillToSend):
            await notices(database, sinks).deliver(one())
    sinks.hook.status = 410
    with pytest.raises(ApplicationError) as raised:
        await notices(database, sinks).deliver(one())

    assert raised.value.non_retryable
    assert sinks.counts() == (1, 3, 0)
    assert [attempt for attempt in await attempts(database) if attempt[0] != "hook"] == [
        ("push", 1, "undeliverable"),
        ("mail", 3, "undeliverable"),
    ]


async def test_the_next_try_waits_as_long_as_everybody_asks_for(database: Database, sinks: Sinks) -> None:
    sinks.push.status, sinks.push.headers = 429, {"Retry-After": "120"}
    sinks.hook.status, sinks.hook.headers = 503, {"Retry-After": "40"}
    sinks.mail.answers[KOCH.email] = "550 5.1.1 no such user"

    with pytest.raises(StillToSend) as raised:
        await notices(database, sinks).deliver(one())

    assert raised.value.next_retry_delay == timedelta(seconds=40)


async def test_a_channel_that_is_no_more_is_passed_over(database: Database, sinks: Sinks) -> None:
    async with database.writing() as session:
        await save_person(session, KOCH.but(contacts=(Contact(channel="pager", address="1"),)))

    await notices(database, sinks).deliver(one(PAGED.but(channels=("pager",))))

    assert await attempts(database) == [("pager", 1, "undeliverable"), ("mail", 2, "sent")]


async def test_the_switchboard_sends_by_name(database: Database, sinks: Sinks) -> None:
    switchboard = Switchboard(database, sinks.mail.channel, GuardedHttp(("127.0.0.1",)))
    letter = Letter(
        key="page:I-1", person="p-koch", name="Eva Koch", email=KOCH.email, language="de", subject="S", text="T"
    )

    await switchboard.send("push", TOPIC, letter)
    await switchboard.send("mail", "elsewhere@provider.example", letter)
    await switchboard.send("mail", "", letter)

    assert json.loads(sinks.push.received[0].body)["topic"] == TOPIC
    assert sinks.mail.receivers == ["elsewhere@provider.example", KOCH.email]
    with pytest.raises(Undeliverable, match="private net"):
        await Switchboard(database, sinks.mail.channel).send("push", TOPIC, letter)


@workflow.defn
class Telling:
    @workflow.run
    async def run(self, outgoing: Outgoing) -> None:
        await act(Notices.deliver, outgoing, summary="told")


async def test_a_history_knows_channels_by_id_and_nothing_else_of_them(
    database: Database, sinks: Sinks, skipping: WorkflowEnvironment
) -> None:
    sinks.push.status, sinks.hook.at_first = 401, [500]
    sinks.mail.answers[KOCH.email] = "550 5.1.1 no such user"
    worker = Worker(
        skipping.client,
        task_queue="telling",
        workflows=[Telling],
        activities=[notices(database, sinks).deliver],
        workflow_runner=UnsandboxedWorkflowRunner(),
        # Left out, it is worked out from every module there is.
        build_id="telling",
    )

    async with worker:
        handle = await skipping.client.start_workflow(Telling.run, one(), id="telling", task_queue="telling")
        await handle.result()
        history = (await handle.fetch_history()).to_json()

    assert '"push"' in _plain(history)
    for secret in (SECRET, TOKEN, TOPIC, KOCH.email, sinks.push.url, sinks.hook.url):
        assert secret not in _plain(history)
    assert sinks.counts() == (1, 2, 0)


def _plain(history: str) -> str:
    """The history with its payloads, which JSON holds in base 64, as text."""
    decoded = (b64decode(found).decode("utf-8", "replace") for found in re.findall(r'"data": ?"([^"]+)"', history))
    return history + "\n".join(decoded)
