"""Who is called is decided now; each is called once by each method, and what was tried is on record."""

from datetime import timedelta

import pytest

from activities.pages import CallAsked, Pages, StepAsked
from connectors.links import Links
from db.cases.notices import attempts_for
from db.contracts import save_contract, save_person
from db.engine import Database
from domain.contracts.paging import PagingPolicy
from domain.oncall.page import Callee, Method, Page
from domain.people import Contact, Role
from tests.domain.oncall.page_samples import PAGE
from tests.stories.paging_stage import VALUES
from tests.stories.phones import Phones
from tests.stories.stage import MONDAY
from tests.world import PAGED, PEOPLE, ROTA, furnish, furnish_on_call

LINKS = Links("https://it.example", "a secret")
NIGHT = PAGE.but(policy=PagingPolicy(rota=ROTA.id), values=VALUES)
KOCH = PEOPLE[2]


@pytest.fixture
async def phones(database: Database) -> Phones:
    await furnish(database)
    await furnish_on_call(database)
    return Phones()


def call_to(person: str, method: str = "chat", *, nth: int = 1) -> CallAsked:
    way = Method(channel=method, nth=nth)
    return CallAsked(page=NIGHT, round=1, step=0, person=person, method=way, at=MONDAY)


async def people(database: Database, step: int, page: Page = NIGHT) -> tuple[Callee, ...]:
    asked = StepAsked(page=page, step=step, at=MONDAY)
    return (await Pages(database, Phones(), LINKS).people_of_step(asked)).people


async def final_owner(database: Database, page: Page = NIGHT) -> str | None:
    found = await Pages(database, Phones(), LINKS).final_owner(StepAsked(page=page, step=4, at=MONDAY))
    return found.person if found else None


async def test_each_step_means_whoever_it_means_at_that_time(database: Database, phones: Phones) -> None:
    named = [[callee.person for callee in await people(database, step)] for step in range(4)]
    next_week = StepAsked(page=NIGHT, step=0, at=MONDAY + timedelta(days=7))
    later = await Pages(database, phones, LINKS).people_of_step(next_week)

    assert named == [["p-lang"], ["p-koch"], ["p-sommer"], ["p-sommer"]]
    assert ([callee.person for callee in later.people], later.owner) == (["p-koch"], "p-sommer")


async def test_a_call_that_is_repeated_reaches_nobody_twice(database: Database, phones: Phones) -> None:
    pages = Pages(database, phones, LINKS)

    answers = [await pages.call(call_to("p-lang")) for _ in range(2)]

    assert (answers, phones.rung) == ([True, True], [("p-lang", "chat")])
    async with database.reading() as session:
        (row,) = await attempts_for(session, call_to("p-lang").key)
    assert (row.case, row.template, row.outcome, row.attempt) == (NIGHT.case, "page_call_short", "sent", 1)


async def test_a_call_that_failed_says_so_again_instead_of_holding_up_the_next(
    database: Database, phones: Phones
) -> None:
    pages = Pages(database, phones, LINKS)
    phones.dead = {"chat"}

    first = await pages.call(call_to("p-lang"))
    phones.dead = set()

    assert [first, await pages.call(call_to("p-lang"))] == [False, False]
    assert await pages.call(call_to("p-lang", "sms"))


async def test_people_without_a_phone_get_a_mail_with_all_there_is_to_know(database: Database, phones: Phones) -> None:
    async with database.writing() as session:
        await save_person(session, KOCH)

    (callee,) = await people(database, 1)
    await Pages(database, phones, LINKS).call(call_to("p-koch", "mail"))
    await Pages(database, phones, LINKS).call(call_to("p-lang"))

    assert callee.methods == (Method(channel="mail"),)
    mail, chat = phones.letters
    assert mail.subject == "Alarm I-1 (Blocker): bitte übernehmen"
    assert "Der Link ist persönlich" in mail.text
    assert chat.text.startswith(
        "Mailserver antwortet nicht – Acknowledge or decline: https://it.example/p/I-1~1~1~p-lang~"
    )
    assert len(chat.text) < 160


async def test_two_numbers_on_one_channel_are_two_ways(database: Database, phones: Phones) -> None:
    numbers = tuple(Contact(channel="voice", address=number) for number in ("+491", "+492"))
    async with database.writing() as session:
        await save_person(session, KOCH.but(contacts=numbers))
    phones.dead = {"+491"}

    (callee,) = await people(database, 1)
    pages = Pages(database, phones, LINKS)
    reached = [await pages.call(call_to("p-koch", "voice", nth=nth)) for nth in (1, 2, 3)]

    assert [method.name for method in callee.methods] == ["voice", "voice.2"]
    assert reached == [False, True, False]


async def test_nobody_of_another_customer_is_ever_called(database: Database, phones: Phones) -> None:
    elsewhere = NIGHT.but(customer="falke")

    assert [callee.person for callee in await people(database, 0, elsewhere)] == ["p-lang"]
    assert not await Pages(database, phones, LINKS).call(call_to("p-vogel").but(page=elsewhere))
    assert phones.rung == []


@pytest.mark.usefixtures("phones")
@pytest.mark.parametrize(
    ("team", "rota", "owner"),
    [
        pytest.param({Role.SDM: ("p-koch",)}, ROTA.id, "p-koch", id="the policy's role"),
        pytest.param({}, ROTA.id, "p-sommer", id="else whoever keeps the rota"),
        pytest.param({Role.COORDINATOR: ("p-lang",)}, None, "p-lang", id="else somebody in charge of the contract"),
        pytest.param({}, None, None, id="nobody, where there is nobody at all"),
    ],
)
async def test_somebody_answers_for_a_page_that_nobody_has_taken(
    database: Database, team: dict[Role, tuple[str, ...]], rota: str | None, owner: str | None
) -> None:
    async with database.writing() as session:
        await save_contract(session, PAGED.but(team=team))

    assert await final_owner(database, NIGHT.but(policy=PagingPolicy(rota=rota))) == owner


async def test_whoever_has_left_while_it_rings_is_called_no_more(database: Database, phones: Phones) -> None:
    pages = Pages(database, phones, LINKS)
    reached = await pages.call(call_to("p-lang", "chat"))
    async with database.writing() as session:
        await save_person(session, PEOPLE[3].but(leaves_at=MONDAY))

    assert reached
    assert not await pages.call(call_to("p-lang", "sms"))
    assert await people(database, 0) == ()
    assert [person for person, _ in phones.rung] == ["p-lang"]
