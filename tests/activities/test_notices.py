"""Everybody who is to know is told once, however often delivery is repeated, and every attempt is on record."""

from datetime import UTC, date, datetime, timedelta

import pytest
from temporalio.exceptions import ApplicationError

from activities.channels import Switchboard
from activities.failures import IMPOSSIBLE
from activities.notices import Notices, Outgoing, StillToSend
from db.cases.notices import NoticeRow, notices_of
from db.contracts import save_contract, save_person
from db.engine import Database
from domain.cases.events import Message
from domain.people import Person, Role
from tests.mail_sink import Sink
from tests.stories.phones import LINKS
from tests.world import CONTRACT, PEOPLE, furnish

VALUES = {"order": "O-1", "kind": "move", "site": "adler-hq", "zone": "Europe/Berlin", "reference": "4711"}
MESSAGE = Message(
    key="notice:O-1/order_completed/7",
    case="order/O-1",
    contract=CONTRACT.id,
    template="order_completed",
    people=("p-vogel", "p-lang"),
    values=VALUES,
)
VOGEL, LANG, KOCH = (
    next(person for person in PEOPLE if person.id == f"p-{name}") for name in ("vogel", "lang", "koch")
)


async def attempts(database: Database) -> list[tuple[str, int, str]]:
    async with database.reading() as session:
        rows: list[NoticeRow] = list(await notices_of(session, MESSAGE.case))
    return [(row.person, row.attempt, row.outcome) for row in rows]


def notices(database: Database, sink: Sink) -> Notices:
    return Notices(database, Switchboard(database, sink.channel))


def one(message: Message = MESSAGE) -> Outgoing:
    return Outgoing(messages=(message,))


async def test_a_repeat_sends_nothing_twice(database: Database) -> None:
    await furnish(database)
    sink = Sink()

    async with sink.open():
        await notices(database, sink).deliver(one())
        await notices(database, sink).deliver(one())

    assert sorted(sink.receivers) == [VOGEL.email, LANG.email]
    assert await attempts(database) == [("p-lang", 1, "sent"), ("p-vogel", 1, "sent")]


async def test_everybody_is_written_to_in_their_own_language(database: Database) -> None:
    await furnish(database)
    sink = Sink()

    async with sink.open():
        await notices(database, sink).deliver(one())

    subjects = {received["To"].addresses[0].addr_spec: received["Subject"] for received in sink.mails}
    assert subjects == {VOGEL.email: "Auftrag O-1: abgeschlossen", LANG.email: "Order O-1: completed"}


async def test_only_the_one_who_was_not_reached_is_tried_again(database: Database) -> None:
    await furnish(database)
    sink = Sink()
    sink.answers[LANG.email] = "451 4.2.1 mailbox busy"

    async with sink.open():
        with pytest.raises(StillToSend):
            await notices(database, sink).deliver(one())
        sink.answers.clear()
        await notices(database, sink).deliver(one())

    assert sink.receivers == [VOGEL.email, LANG.email]
    assert await attempts(database) == [("p-lang", 1, "failed"), ("p-vogel", 1, "sent"), ("p-lang", 2, "sent")]


async def test_a_mail_server_that_was_away_delivers_when_it_is_back(database: Database) -> None:
    await furnish(database)
    sink = Sink()
    async with sink.open():
        pass

    with pytest.raises(StillToSend) as raised:
        await notices(database, sink).deliver(one())
    async with sink.open():
        await notices(database, sink).deliver(one())

    assert "@" not in str(raised.value)
    assert sorted(sink.receivers) == [VOGEL.email, LANG.email]


async def test_who_cannot_be_reached_at_all_is_reported_once_the_others_are(database: Database) -> None:
    await furnish(database)
    sink = Sink()
    sink.answers = {LANG.email: "550 5.1.1 no such user", VOGEL.email: "451 4.2.1 mailbox busy"}

    async with sink.open():
        with pytest.raises(StillToSend):
            await notices(database, sink).deliver(one())
        del sink.answers[VOGEL.email]
        with pytest.raises(ApplicationError) as raised:
            await notices(database, sink).deliver(one())

    assert (raised.value.type, raised.value.non_retryable) == (IMPOSSIBLE, True)
    assert await attempts(database) == [
        ("p-lang", 1, "undeliverable"),
        ("p-vogel", 1, "failed"),
        ("p-vogel", 2, "sent"),
    ]


async def test_a_person_nobody_knows_is_put_on_record_once(database: Database) -> None:
    await furnish(database)
    sink = Sink()
    message = MESSAGE.but(people=("p-vogel", "p-gone"), roles=(Role.AUDITOR,))

    async with sink.open():
        await notices(database, sink).deliver(one(message))
        await notices(database, sink).deliver(one(message))

    assert await attempts(database) == [
        ("role:auditor", 1, "nobody"),
        ("p-gone", 1, "nobody"),
        ("p-vogel", 1, "sent"),
    ]


async def test_a_message_that_reaches_nobody_is_not_passed_over(database: Database) -> None:
    await furnish(database)

    with pytest.raises(ApplicationError) as raised:
        await notices(database, Sink()).deliver(one(MESSAGE.but(people=("p-gone",))))

    assert raised.value.type == IMPOSSIBLE


async def test_roles_mean_the_people_who_hold_them_when_it_is_sent(database: Database) -> None:
    await furnish(database)
    newcomer = Person(id="p-neu", name="Nele Neu", email="nele.neu@provider.example")
    async with database.writing() as session:
        await save_person(session, newcomer)
        team = CONTRACT.team | {Role.COORDINATOR: ("p-neu", "p-koch")}
        await save_contract(session, CONTRACT.but(team=team, valid_from=date(2021, 1, 1)))
    sink = Sink()
    message = MESSAGE.but(people=("p-vogel", "p-koch"), roles=(Role.REQUESTER, Role.COORDINATOR))

    async with sink.open():
        await notices(database, sink).deliver(one(message))

    assert sorted(sink.receivers) == [VOGEL.email, KOCH.email, newcomer.email]


async def test_what_was_for_somebody_who_has_left_goes_to_the_service_desk(database: Database) -> None:
    """Whoever of the customer's has left has nobody here who stands in for them."""
    await furnish(database)
    gone = datetime.now(UTC) - timedelta(minutes=1)
    async with database.writing() as session:
        for person in (VOGEL, LANG):
            await save_person(session, person.but(leaves_at=gone))
    sink = Sink()

    async with sink.open():
        await notices(database, sink).deliver(one())

    assert sink.receivers == [KOCH.email]
    assert sorted(await attempts(database)) == [
        ("p-koch", 1, "sent"),
        ("p-lang", 1, "nobody"),
        ("p-vogel", 1, "nobody"),
    ]


@pytest.mark.parametrize("field", ["reference", "order"])
async def test_a_value_with_line_breaks_adds_neither_header_nor_line(database: Database, field: str) -> None:
    await furnish(database)
    sink = Sink()
    foreign = "4711\r\nBcc: boss@evil.example\n\nPlease pay at once"

    async with sink.open():
        await notices(database, sink).deliver(one(MESSAGE.but(values=VALUES | {field: foreign})))

    for received in sink.mails:
        assert received["Bcc"] is None
        assert "4711 Bcc: boss@evil.example Please pay at once" in f"{received['Subject']}{received.get_content()}"
    assert sorted(sink.receivers) == [VOGEL.email, LANG.email]


@pytest.mark.parametrize("template", ["no_such_thing", "../../secrets", "layout", "order_held"])
async def test_a_message_that_cannot_be_written_is_reported_and_not_repeated(database: Database, template: str) -> None:
    await furnish(database)

    with pytest.raises(ApplicationError) as raised:
        await notices(database, Sink()).deliver(one(MESSAGE.but(template=template)))

    assert raised.value.type == IMPOSSIBLE
    assert {outcome for _, _, outcome in await attempts(database)} == {"undeliverable"}


async def test_the_customers_own_people_are_sent_a_link_to_answer_by(database: Database) -> None:
    await furnish(database)
    sink = Sink()
    values = {"incident": "I-1", "title": "Drucker", "priority": "major", "site": "adler-hq", "zone": "Europe/Berlin"}
    values |= {"message": "Welcher?", "asset": "", "reference": ""}
    asked = MESSAGE.but(key="notice:I-1/x", case="incident/I-1", template="incident_update", values=values)

    async with sink.open():
        await Notices(database, Switchboard(database, sink.channel), LINKS).deliver(one(asked))

    texts = {received["To"].addresses[0].addr_spec: received.get_content() for received in sink.mails}
    assert "https://it.example/a/I-1~p-vogel~" in texts[VOGEL.email].replace("=\n", "")
    assert "/a/" not in texts[LANG.email]
