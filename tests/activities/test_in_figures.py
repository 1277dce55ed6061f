"""What workers count: letters by kind of channel, and nothing by which anybody is known."""

import re

import pytest

from activities.channels import Switchboard
from activities.notices import Notices, StillToSend
from connectors.figures import WORK
from connectors.guarded_http import GuardedHttp
from db.engine import Database
from tests.activities.test_channels import PAGED, Sinks, sinks  # noqa: F401  # a fixture
from tests.activities.test_notices import one

_LABELS = re.compile(r'(\w+)="([^"]*)"')


def counted(channel: str, outcome: str) -> int:
    found = re.search(rf'imacflow_letters_total{{channel="{channel}",outcome="{outcome}"}} (\d+)', said())
    return int(found[1]) if found else 0


def said() -> str:
    return "\n".join(WORK.lines())


async def test_letters_are_counted_by_the_kind_of_channel_and_what_came_of_them(
    database: Database,
    sinks: Sinks,  # noqa: F811
) -> None:
    ways = [("ntfy", "failed"), ("webhook", "undeliverable"), ("mail", "sent"), ("ntfy", "sent")]
    before = [counted(*way) for way in ways]
    sinks.push.status, sinks.hook.status = 503, 410
    notices = Notices(database, Switchboard(database, sinks.mail.channel, GuardedHttp(("127.0.0.1",))))

    await notices.deliver(one(PAGED))

    after = [counted(*way) for way in ways]
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 1, 1, 0]


async def test_no_label_names_a_channel_a_customer_or_a_person(database: Database, sinks: Sinks) -> None:  # noqa: F811
    notices = Notices(database, Switchboard(database, sinks.mail.channel, GuardedHttp(("127.0.0.1",))))
    sinks.push.status = 503
    sinks.hook.status = 503
    sinks.mail.answers["eva.koch@provider.example"] = "451 4.2.1 mailbox busy"

    with pytest.raises(StillToSend):
        await notices.deliver(one(PAGED))

    labels = _LABELS.findall(said())
    assert {name for name, _ in labels} <= {"channel", "outcome", "what", "le"}
    values = {value for name, value in labels if name != "le"}
    assert [value for value in values if not re.fullmatch("[a-z_]+", value)] == []
    assert values & {"push", "hook", "p-koch", "adler"} == set()
