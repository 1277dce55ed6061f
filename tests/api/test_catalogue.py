"""The catalogue over HTTP: read by whoever orders, and what is ordered from it, with its answers."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import pytest

from db.contracts import save_contract
from domain.kinds import OrderKind
from domain.orders.standing import begun
from domain.people import Role
from tests.api.house import INSTALL, ORDERS, House, body, write_order
from tests.domain.orders.test_items import LISTING, VIRUS, accepted, wish
from tests.stories import scripts
from tests.world import CONTRACT, HQ, order, request

CATALOGUE = f"/api/v1/contracts/{CONTRACT.id}/catalogue"
ASKED: dict[str, Any] = {
    "contract": CONTRACT.id,
    "requester": "p-vogel",
    "site": HQ.id,
    "item": "virus",
    "answers": {"noticed": "Fenster gehen auf", "which": "NB-200", "who": "p-vogel", "where": "adler-hq / A / 2"},
}


@pytest.fixture
async def listing(house: House) -> House:
    async with house.database.writing() as session:
        await save_contract(session, LISTING)
    return house


def codes(answer: Any) -> set[str]:  # noqa: ANN401  # a response
    return {error["code"] for error in body(answer)["errors"]}


async def test_whoever_orders_reads_what_there_is_and_prices_are_for_those_who_may_see_them(listing: House) -> None:
    requester = await listing.caller(Role.REQUESTER, "p-vogel", "adler")
    machine = await listing.caller(Role.SYSTEM)

    seen, without_prices = [body(await one.get(CATALOGUE)) for one in (requester, machine)]

    assert [(item["id"], item["price"], item["withdrawn"]) for item in seen] == [
        ("virus", "79.00", False),
        ("old", "79.00", True),
    ]
    assert [item["price"] for item in without_prices] == [None, None]
    assert [question["id"] for question in seen[0]["questions"]][:2] == ["noticed", "count"]


async def test_without_a_list_the_kinds_are_what_there_is_by_their_names(house: House) -> None:
    desk = await house.coordinator()

    (first, *others) = body(await desk.get(CATALOGUE))

    assert (first["id"], first["name"]["en"]) == ("install", "Install")
    assert len(others) == len(OrderKind) - 1


async def test_each_version_of_a_contract_has_its_own_catalogue(listing: House) -> None:
    desk = await listing.coordinator()

    before, now = [body(await desk.get(CATALOGUE, params={"version": version})) for version in (1, 2)]

    assert (len(before), len(now)) == (len(OrderKind), 2)


async def test_an_item_is_shown_alone_and_one_that_is_not_listed_is_not_found(listing: House) -> None:
    desk = await listing.coordinator()

    shown, missing = await desk.get(f"{CATALOGUE}/virus"), await desk.get(f"{CATALOGUE}/paint")

    assert body(shown)["name"]["de"] == "Schadsoftware entfernen"
    assert missing.status_code == HTTPStatus.NOT_FOUND


async def test_nobody_reads_another_customers_catalogue(listing: House) -> None:
    await listing.second_customer()
    stranger = await listing.caller(Role.REQUESTER, "p-falke", "falke")

    assert (await stranger.get(CATALOGUE)).status_code == HTTPStatus.NOT_FOUND


async def test_an_item_is_ordered_by_its_name_alone_and_its_answers_stand_in_the_sheet(listing: House) -> None:
    desk = await listing.coordinator()

    placed = await desk.post(ORDERS, json=ASKED)
    found = body(await desk.get(placed.headers["Location"]))

    assert placed.status_code == HTTPStatus.ACCEPTED, placed.text
    assert (found["kind"], found["item"]) == ("break_fix", "virus")
    assert found["item_name"]["en"] == VIRUS.name["en"]
    assert [(one["question"], one["answer"]) for one in found["answered"]] == [
        ("noticed", "Fenster gehen auf"),
        ("who", "p-vogel"),
        ("where", "adler-hq / A / 2"),
        ("which", "NB-200"),
    ]


async def test_a_repeated_request_for_an_item_is_one_order_and_other_answers_are_another_request(
    listing: House,
) -> None:
    desk = await listing.coordinator()
    key = {"Idempotency-Key": "virus-1"}

    first, again = [await desk.post(ORDERS, json=ASKED, headers=key) for _ in range(2)]
    named = await desk.post(ORDERS, json=ASKED | {"kind": "break_fix"}, headers=key)
    other = await desk.post(ORDERS, json=ASKED | {"answers": {"noticed": "nichts"}}, headers=key)

    assert body(first)["no"] == body(again)["no"] == body(named)["no"]
    assert other.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


async def test_all_that_is_wrong_is_said_at_once_and_nothing_is_kept(listing: House) -> None:
    await listing.second_customer()
    desk = await listing.coordinator()
    answers = {"which": "NB-999", "who": "p-koch", "where": "falke-hq / A", "count": "many", "paint": "red"}

    refused = await desk.post(ORDERS, json=ASKED | {"requester": "p-lang", "answers": answers})
    listed = body(await desk.get(ORDERS))

    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert codes(refused) == {
        *("question_unanswered", "answer_not_asked", "answer_no_asset", "answer_no_person", "answer_no_place"),
        *("answer_no_number", "requester_not_named"),
    }
    assert listed["items"] == []


async def test_bodies_of_before_there_were_catalogues_are_taken_as_they_are(listing: House) -> None:
    desk = await listing.coordinator()

    placed = await desk.post(ORDERS, json=INSTALL)

    assert placed.status_code == HTTPStatus.ACCEPTED
    assert (body(placed)["item"], body(placed)["item_name"], body(placed)["answered"]) == ("install", {}, [])


async def test_a_catalogue_with_mistakes_is_not_saved_and_each_is_named(house: House) -> None:
    sdm = await house.caller(Role.SDM, "p-sommer")
    wrong = CONTRACT.but(catalogue=(VIRUS, VIRUS.but(name={"de": "Nur deutsch"}))).model_dump(mode="json")

    refused = await sdm.put(f"/api/v1/contracts/{CONTRACT.id}", json=wrong)

    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert codes(refused) >= {"item_twice", "words_missing"}


async def test_what_the_requester_is_asked_first_nobody_else_answers_and_they_answer_once(house: House) -> None:
    await house.worker()
    await house.second_customer()
    async with house.database.writing() as session:
        await save_contract(session, scripts.LISTING)
    stranger = await house.caller(Role.REQUESTER, "p-falke", "falke")
    vogel, colleague = [await house.caller(Role.REQUESTER, person, "adler") for person in ("p-vogel", "p-huber")]
    desk, huber = await house.coordinator(), await house.caller(Role.APPROVER, "p-huber", "adler")
    asked = {name: value for name, value in ASKED.items() if name != "answers"} | {"item": "advice"}
    order = (await vogel.post(ORDERS, json=asked)).headers["Location"]
    consent = {"type": "approve", "step": "consent"}

    approved = await huber.post(f"{order}/commands", json={"type": "approve", "step": "approval"})
    own_price = await vogel.post(f"{order}/commands", json={"type": "approve", "step": "quote", "price": "1.00"})
    nothing = await desk.post(f"{order}/commands", json={"type": "approve", "step": "quote"})
    quoted = await desk.post(f"{order}/commands", json={"type": "approve", "price": "-0.00", "at_most": True})
    others = [await one.post(f"{order}/commands", json=consent) for one in (stranger, colleague, huber, desk)]
    first, again = [await vogel.post(f"{order}/commands", json=consent) for _ in range(2)]
    called_off = await vogel.post(f"{order}/commands", json={"type": "cancel", "reason": "doch nicht"})
    late = await vogel.post(f"{order}/commands", json=consent)

    assert [one.status_code for one in (approved, quoted, first, called_off)] == [HTTPStatus.OK] * 4
    assert (own_price.status_code, codes(own_price)) == (HTTPStatus.FORBIDDEN, {"role_needed"})
    assert (nothing.status_code, codes(nothing)) == (HTTPStatus.UNPROCESSABLE_ENTITY, {"price_needed"})
    assert body(quoted)["quote"] == {"price": "0.00", "at_most": True}
    assert [one.status_code for one in others] == [HTTPStatus.NOT_FOUND, *[HTTPStatus.FORBIDDEN] * 3]
    assert (again.status_code, codes(again)) == (HTTPStatus.CONFLICT, {"step_not_ready"})
    assert (late.status_code, codes(late)) == (HTTPStatus.CONFLICT, {"order_is_over"})


async def test_whatever_lists_orders_calls_each_by_its_item_in_every_language(listing: House) -> None:
    of_item, of_kind = accepted(wish()), order(request(OrderKind.ASSIST), datetime.now(UTC))
    for one in (of_item, of_kind):
        await write_order(listing.database, one, steps=begun(one, one.received_at).steps)
    desk = await listing.coordinator()

    listed = {one["no"]: one for one in body(await desk.get(ORDERS))["items"]}
    awaited = {one["no"]: one for one in body(await desk.get("/api/v1/awaited"))["items"]}
    (found,) = body(await desk.get("/api/v1/search", params={"q": of_item.no}))["items"]

    name = VIRUS.name
    assert (listed[of_item.no]["item"], listed[of_item.no]["item_name"]) == ("virus", name)
    assert (listed[of_kind.no]["item"], listed[of_kind.no]["item_name"]) == ("assist", {})
    assert [awaited[one.no]["item_name"] for one in (of_item, of_kind)] == [name, {}]
    assert (found["order_kind"], found["item_name"]) == ("break_fix", name)
