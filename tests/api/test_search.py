"""Whoever knows the beginning of a number, a name, a tag, a serial or a room finds what it belongs to, if they may."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from sqlalchemy import delete

from api.door.paces import Paces
from db.assets.asset import RegisterEntry, store_asset, store_assets
from db.contracts import save_person
from db.rebuilding import rebuild
from db.search import SearchWordRow
from domain.assets.asset import Asset, AssetStatus
from domain.kinds import OrderKind
from domain.people import Person, Role
from domain.places import Place
from tests.api.house import House, body, write_incident, write_order
from tests.api.test_projects import FLOORS, PROJECT
from tests.world import NEW_DESK, incident, order, request, trouble

SEARCH = "/api/v1/search"
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
Found = dict[str, Any]


async def found(caller: httpx2.AsyncClient, text: str, **asked: str | int) -> list[Found]:
    answer = await caller.get(SEARCH, params={"q": text, **asked})
    assert answer.status_code == HTTPStatus.OK, answer.text
    items: list[Found] = body(answer)["items"]
    return items


def told(items: list[Found]) -> list[str]:
    return [f"{item['kind']} {item['no']} {item['matched']}{'!' if item['exact'] else ''}" for item in items]


@pytest.fixture
async def filled(cut_off: House) -> House:
    """An order, an incident, a project, and a person whose name has letters not everybody has keys for."""
    asked = request(OrderKind.MOVE, target=NEW_DESK, assets=("NB-200",), holder="Jörg Weiß", reference="PO 4711/2026")
    await write_order(cut_off.database, order(asked, AT).but(no="O-7K2MB-4QXZ1"))
    reported = incident(trouble(asset="NB-200", reference="INC-0815"), AT)
    await write_incident(cut_off.database, reported.but(no="I-7K2MB-00001"))
    desk = await cut_off.coordinator()
    assert (await desk.put(PROJECT, json=FLOORS)).status_code == HTTPStatus.OK
    sdm = await cut_off.caller(Role.SDM, "p-sommer")
    person = {"id": "p-mueller", "name": "Jürgen Müller-Lüdenscheidt", "email": "j@adler.example", "customer": "adler"}
    assert (await sdm.put("/api/v1/people/p-mueller", json=person)).status_code == HTTPStatus.OK
    return cut_off


@pytest.mark.parametrize(
    ("text", "first"),
    [
        pytest.param("O-7K2MB-4QXZ1", "order O-7K2MB-4QXZ1 number!", id="an order by its number"),
        pytest.param("o7k2mb4qxz1", "order O-7K2MB-4QXZ1 number!", id="however it is typed"),
        pytest.param("7k2mb 4q", "order O-7K2MB-4QXZ1 number", id="by a part of it"),
        pytest.param("PO 4711", "order O-7K2MB-4QXZ1 reference", id="by the customer's reference"),
        pytest.param("4711", "order O-7K2MB-4QXZ1 reference", id="by the digits of it"),
        pytest.param("weiss", "order O-7K2MB-4QXZ1 person!", id="by who gets the device"),
        pytest.param("Joerg W", "order O-7K2MB-4QXZ1 person", id="umlauts written out"),
        pytest.param("jorg weiss", "order O-7K2MB-4QXZ1 person!", id="or left out"),
        pytest.param("INC-0815", "incident I-7K2MB-00001 reference!", id="an incident"),
        pytest.param("nb-200", "asset NB-200 tag!", id="an asset by its tag"),
        pytest.param("SN200", "asset NB-200 serial!", id="by its serial"),
        pytest.param("Raum 2.14", "asset NB-200 room!", id="what stands in a room"),
        pytest.param("A 2.14", "asset NB-200 room!", id="in a building"),
        pytest.param("Müller", "person p-mueller number!", id="a person, whose id is a name too"),
        pytest.param("Muller", "person p-mueller person", id="without the key"),
        pytest.param("LÜDENSCHEIDT", "person p-mueller person!", id="by the second name, in capitals"),
        pytest.param("Lüdenscheidt, Jürgen", "person p-mueller person", id="last name first"),
        pytest.param("Umzug Haus", "project floors name", id="a project"),
        pytest.param("floors", "project floors number!", id="a project by its id"),
    ],
)
async def test_what_people_know_leads_to_what_they_mean(filled: House, text: str, first: str) -> None:
    items = await found(await filled.coordinator(), text)

    by_kind = [line for line in told(items) if line.split()[0] == first.split(maxsplit=1)[0]]
    assert by_kind[:1] == [first]


async def test_an_exact_number_comes_first_and_each_thing_once(filled: House) -> None:
    desk = await filled.coordinator()
    async with filled.database.writing() as session:
        person = Person(id="p-x", name="O 7K2MB 4QXZ1", email="x@adler.example", customer="adler")
        await save_person(session, person)

    items = await found(desk, "o-7k2mb-4qxz1")
    few = await desk.get(SEARCH, params={"q": "7k2mb", "limit": 1})

    assert told(items) == ["order O-7K2MB-4QXZ1 number!", "person p-x person!"]
    assert (len(body(few)["items"]), body(few)["more"]) == (1, True)


async def test_what_changes_is_found_as_it_is_now(filled: House) -> None:
    desk = await filled.coordinator()
    laptop = Asset(tag="LT-9", customer="adler", serial="OLD9", model="X1", status=AssetStatus.IN_STOCK)
    moved = laptop.but(serial="NEW9", place=Place(site="adler-hq", building="B", room="3.07"))
    entry = RegisterEntry("again", "test", AT)
    async with filled.database.writing() as session:
        await store_asset(session, laptop, before=None, under="one", source="test", at=AT)
    before = await found(desk, "OLD9")
    async with filled.database.writing() as session:
        await store_assets(session, [(laptop, moved)], entry)
    after = (await found(desk, "OLD9"), await found(desk, "NEW9"), await found(desk, "B 3.07"))
    async with filled.database.writing() as session:
        await store_assets(session, [(moved, moved.but(tag="LT-10"))], RegisterEntry("third", "test", AT))
    retagged = (await found(desk, "LT-9"), await found(desk, "NEW9"))

    assert told(before) == ["asset LT-9 serial!"]
    assert [told(items) for items in after] == [[], ["asset LT-9 serial!"], ["asset LT-9 room!"]]
    assert [told(items) for items in retagged] == [[], ["asset LT-10 serial!"]]


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.ASSIGNEE, Role.VENDOR)])
async def test_nobody_finds_what_is_another_customers_or_what_they_may_not_read(filled: House, role: Role) -> None:
    await filled.second_customer()
    async with filled.database.writing() as session:
        for number, customer in ((1, "falke"), (2, "adler"), (3, None)):
            person = Person(id=f"p-{number}", name="Zacharias Zorn", email="z@x.example", customer=customer)
            await save_person(session, person)
    theirs = await filled.caller(role, None if role == Role.SYSTEM else "p-koch", "falke")
    ours = await filled.caller(role, None if role == Role.SYSTEM else "p-koch", "adler")
    known = ("O-7K2MB-4QXZ1", "I-7K2MB-00001", "NB-200", "p-mueller", "Müller", "floors", "4711", "A 2.14")

    nothing = [item for text in known for item in await found(theirs, text)]
    kinds = {item["kind"] for text in known for item in await found(ours, text)}
    asked = await ours.get(SEARCH, params={"q": "NB-200", "customer": "falke"})

    assert nothing == []
    assert [item["no"] for item in await found(theirs, "zorn")] == ["p-1"]
    assert [item["no"] for item in await found(ours, "zorn")] == ["p-2"]
    assert asked.status_code == HTTPStatus.NOT_FOUND
    may = {
        kind
        for kind, url in (
            ("order", "/orders"),
            ("incident", "/incidents"),
            ("asset", "/assets"),
            ("person", "/people"),
            ("project", "/projects"),
        )
        if (await ours.get(f"/api/v1{url}")).status_code == HTTPStatus.OK
    }
    assert kinds == may


HOSTILE = ("%", "_", "%%%", "''", "\\", "<b>", "\u202e", "-", "  ", "\u200b\u200b", "a", "\ufffd", "🙂")
LONG = ("x" * 201, "x" * 60_000)


async def test_what_cannot_be_searched_gets_one_clear_answer(cut_off: House) -> None:
    desk = await cut_off.coordinator()
    asked = [f"q={quote(text)}" for text in (*HOSTILE, *LONG, "a\0b", "a\nb")]
    asked += ["q=%ED%A0%80", "q=ab&q=cd", "q=", "", "q=ab&kind=vendor", "q=ab&limit=51", "q=ab&cursor=x"]

    answers = {one: await desk.get(f"{SEARCH}?{one}") for one in asked}
    markup = await found(desk, "<script>alert(1)</script>")
    wild = await found(desk, "nb%2")

    odd = {one: answer.text for one, answer in answers.items() if answer.status_code != HTTPStatus.UNPROCESSABLE_ENTITY}
    assert {one[:40]: text[:200] for one, text in odd.items()} == {}
    assert [one[:40] for one, answer in answers.items() if not body(answer)["errors"]] == []
    assert markup == []
    # A per cent sign stands for nothing.
    assert [item["no"] for item in wild] == ["NB-200"]


async def test_whoever_searches_without_pause_is_slowed_down(cut_off: House) -> None:
    desk = await cut_off.coordinator()
    cut_off.app.state.paces = Paces(cut_off.settings.model_copy(update={"search_rate": 3}))

    answers = [await desk.get(SEARCH, params={"q": "nb"}) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [HTTPStatus.OK] * 3 + [HTTPStatus.TOO_MANY_REQUESTS]
    assert body(answers[-1])["errors"][0]["code"] == "searching_too_fast"


async def test_what_was_there_before_or_got_lost_is_found_again(filled: House) -> None:
    desk = await filled.coordinator()
    known = ("O-7K2MB", "INC-0815", "SN200", "Müller", "Umzug", "4711")
    before = [await found(desk, text) for text in known]
    async with filled.database.writing() as session:
        await session.execute(delete(SearchWordRow))
    lost = [await found(desk, text) for text in known]

    await rebuild(filled.database)

    assert all(before)
    assert lost == [[]] * len(known)
    assert [await found(desk, text) for text in known] == before
