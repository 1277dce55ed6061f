"""Names of people: whoever sees what somebody did may know what they are called."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from db.cases.journal import write_events
from db.contracts import save_person
from domain.cases.events import Event
from domain.cases.holders import Stint
from domain.cases.incident_commands import HolderKind
from domain.cases.order_commands import Book, Window
from domain.kinds import OrderKind
from domain.people import Actor, Person, Role
from tests.api.house import House, body, write_incident, write_order
from tests.world import DESK, incident, order, request, trouble


async def test_a_coordinator_of_one_customer_reads_the_names_of_those_who_act_there(cut_off: House) -> None:
    await cut_off.second_customer()
    async with cut_off.database.writing() as session:
        for person in ("p-night", "p-elsewhere"):
            await save_person(session, Person(id=person, name=person.upper(), email=f"{person}@provider.example"))
    asked = order(request(OrderKind.INSTALL, target=DESK, assets=["NB-100"]), datetime.now(UTC))
    acted = Event(seq=2, at=datetime.now(UTC), what="hold", actor=Actor(person="p-night", role=Role.SERVICE_DESK))
    async with cut_off.database.writing() as session:
        await write_events(session, "order/O-1", asked.customer, [acted])
    everybody = {"person": ["p-vogel", "p-koch", "p-night", "p-elsewhere", "nobody"]}

    names = {}
    for customer in ("adler", "falke", None):
        coordinator = await cut_off.caller(Role.COORDINATOR, "p-koch", customer)
        answer = await coordinator.get("/api/v1/names", params=everybody)
        assert answer.status_code == HTTPStatus.OK, answer.text
        assert "@" not in answer.text
        names[customer] = [one["id"] for one in body(answer)]

    assert names["adler"] == ["p-koch", "p-night", "p-vogel"]
    assert names["falke"] == ["p-koch"]
    assert names[None] == ["p-elsewhere", "p-koch", "p-night", "p-vogel"]


async def test_a_coordinator_of_one_customer_reads_the_names_of_who_is_booked_or_owns_something_there(
    cut_off: House,
) -> None:
    await cut_off.second_customer()
    now = datetime.now(UTC)
    ids = ("p-booked", "p-owner", "p-holder", "p-elsewhere")
    async with cut_off.database.writing() as session:
        for person in ids:
            await save_person(session, Person(id=person, name=person.upper(), email=f"{person}@provider.example"))
    window = Window(start=now, end=now + timedelta(hours=2))
    asked = order(request(OrderKind.INSTALL, target=DESK, assets=["NB-100"]), now)
    await write_order(cut_off.database, asked, appointment=Book(window=window, technician="p-booked"))
    held = Stint(kind=HolderKind.PERSON, holder="p-holder", since=now)
    await write_incident(cut_off.database, incident(trouble(), now), owner="p-owner", stints=(held,))

    names = {}
    for customer in ("adler", "falke"):
        coordinator = await cut_off.caller(Role.COORDINATOR, "p-koch", customer)
        answer = await coordinator.get("/api/v1/names", params={"person": ids})
        names[customer] = [one["id"] for one in body(answer)]

    assert names == {"adler": ["p-booked", "p-holder", "p-owner"], "falke": []}
