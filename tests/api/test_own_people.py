"""Steps of orders that the customer's own IT has: given to them over HTTP, seen by them, and given back."""

from http import HTTPStatus

import httpx2

from db.contracts import save_contract
from domain.people import Role
from tests.api.house import INSTALL, ORDERS, House, body
from tests.api.test_commands import WINDOW
from tests.patience import until
from tests.stories.scripts import NAMED

THEIRS = {"type": "hand_over", "step": "work", "kind": "customer", "to": "contact"}
BACK = {"type": "hand_over", "step": "work", "kind": "team", "to": "service_desk"}


async def at_work(house: House) -> str:
    """An install that waits for its work, under a contract that names the customer's own IT."""
    await house.worker()
    async with house.database.writing() as session:
        await save_contract(session, NAMED)
    desk = await house.coordinator()
    order = str((await desk.post(ORDERS, json=INSTALL)).headers["Location"])
    approver = await house.caller(Role.APPROVER, "p-huber", "adler")
    for caller, said in (
        (approver, {"type": "approve"}),
        (desk, {"type": "book", "window": WINDOW, "technician": "p-lang"}),
    ):
        answer = await caller.post(f"{order}/commands", json=said)
        assert answer.is_success, answer.text
    return order


async def told(caller: httpx2.AsyncClient, order: str, said: dict[str, str]) -> httpx2.Response:
    return await caller.post(f"{order}/commands", json=said)


def codes(answer: httpx2.Response) -> list[str]:
    return [error["code"] for error in body(answer)["errors"]]


async def test_the_customers_own_it_sees_the_step_it_has_and_gives_it_back_and_nobody_else_does(house: House) -> None:
    order = await at_work(house)
    await house.second_customer()
    lang = await house.caller(Role.TECHNICIAN, "p-lang")
    own_it = await house.caller(Role.CONTACT, "p-huber", "adler")
    other = await house.caller(Role.CONTACT, "p-vogel", "adler")
    stranger = await house.caller(Role.COORDINATOR, "p-koch", "falke")
    machine = await house.caller(Role.SYSTEM, None, "adler")

    early = await told(own_it, order, BACK)
    refused = [await told(caller, order, THEIRS) for caller in (own_it, machine, stranger)]
    given = await told(lang, order, THEIRS)
    waits = await until(
        lambda: own_it.get("/api/v1/awaited", params={"mine": "true"}),
        lambda answer: "hand_over" in [line["command"] for line in body(answer)["items"]],
    )
    wrong = [await told(other, order, BACK), await told(own_it, order, BACK | {"kind": "person", "to": "p-lang"})]
    back = await told(own_it, order, BACK)
    late = await told(own_it, order, BACK)
    sheet = body(await own_it.get(order))

    assert early.status_code == HTTPStatus.FORBIDDEN
    assert [answer.status_code for answer in refused] == [
        HTTPStatus.FORBIDDEN,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
    ]
    assert given.status_code == HTTPStatus.OK, given.text
    (line,) = [one for one in body(waits)["items"] if one["command"] == "hand_over"]
    assert (line["step"], line["role"], line["people"]) == ("work", "contact", ["p-huber"])
    assert [answer.status_code for answer in (*wrong, late)] == [HTTPStatus.FORBIDDEN] * 3
    assert back.status_code == HTTPStatus.OK, back.text
    (stint,) = sheet["own_people"]
    assert (stint["step"], stint["until"] is not None, stint["minutes"] is not None) == ("work", True, True)
    assert sheet["awaiting"][0]["command"] in ("start", "complete")


async def test_what_cannot_be_given_to_them_is_said_with_its_place(house: House) -> None:
    order = await at_work(house)
    desk = await house.coordinator()

    wrong = [
        await told(desk, order, THEIRS | changes)
        for changes in (
            {"step": "acceptance"},
            {"step": "nowhere"},
            {"to": "service_desk"},
            {"kind": "vendor", "to": "lindner"},
            {"instead_of": "p-lang"},
        )
    ]
    twice = [await told(desk, order, THEIRS | {"reason": name}) for name in ("once", "twice")]

    assert [codes(answer) for answer in wrong] == [
        ["step_not_ready"],
        ["step_unknown"],
        ["no_own_people"],
        ["step_only_to_own_people"],
        ["instead_of_needless"],
    ]
    assert [answer.status_code for answer in twice] == [HTTPStatus.OK, HTTPStatus.CONFLICT]
    assert len(body(await desk.get(order))["own_people"]) == 1
