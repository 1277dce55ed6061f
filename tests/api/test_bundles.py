"""Bundles over HTTP: one request, the orders that come of it, and nobody else's."""

from http import HTTPStatus
from typing import Any

import pytest

from db.contracts import save_contract
from domain.people import Role
from tests.api.house import ORDERS, House, body
from tests.patience import until
from tests.stories.bundle_scripts import BUNDLED, wished
from tests.world import CONTRACT

ASKED: dict[str, Any] = wished().model_dump(mode="json", exclude_defaults=True)


@pytest.fixture
async def bundled(house: House) -> House:
    async with house.database.writing() as session:
        await save_contract(session, BUNDLED)
    return house


def codes(answer: Any) -> set[str]:  # noqa: ANN401  # a response
    return {error["code"] for error in body(answer)["errors"]}


async def test_a_bundle_shows_each_of_its_orders_and_is_called_off_with_a_word_for_the_rest(bundled: House) -> None:
    await bundled.worker()
    await bundled.second_customer()
    vogel = await bundled.caller(Role.REQUESTER, "p-vogel", "adler")
    huber = await bundled.caller(Role.APPROVER, "p-huber", "adler")
    stranger = await bundled.caller(Role.REQUESTER, "p-falke", "falke")
    bundle = (await vogel.post(ORDERS, json=ASKED)).headers["Location"]

    async def parts() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = body(await vogel.get(bundle))["parts"]
        return found

    await huber.post(f"{bundle}/commands", json={"type": "approve"})
    shown = await until(parts, lambda found: len(found) == 3)
    part = f"{ORDERS}/{shown[0]['order']}"
    one = await until(lambda: vogel.get(part), lambda answer: answer.status_code == HTTPStatus.OK)
    hidden = [await stranger.get(place) for place in (bundle, part)]
    calling_off = {"type": "cancel", "reason": "she does not come"}
    theirs = await stranger.post(f"{bundle}/commands", json=calling_off | {"rest": "cancel"})
    undecided = await vogel.post(f"{bundle}/commands", json=calling_off)
    unheard_of = await vogel.post(f"{bundle}/commands", json=calling_off | {"rest": "burn"})
    decided = await vogel.post(f"{bundle}/commands", json=calling_off | {"rest": "cancel"})
    ended = await until(parts, lambda found: {each["state"] for each in found} == {"cancelled"})

    assert [each["step"] for each in shown] == ["notebook", "spare", "phone"]
    assert (body(one)["bundle"], body(one)["item"]) == (bundle.rpartition("/")[2], "notebook")
    assert {answer.status_code for answer in (*hidden, theirs)} == {HTTPStatus.NOT_FOUND}
    assert (undecided.status_code, codes(undecided)) == (HTTPStatus.UNPROCESSABLE_ENTITY, {"rest_undecided"})
    assert unheard_of.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert decided.status_code in (HTTPStatus.OK, HTTPStatus.ACCEPTED)
    assert len(ended) == 3


async def test_nobody_orders_another_customers_bundle(bundled: House) -> None:
    await bundled.second_customer()
    stranger = await bundled.caller(Role.REQUESTER, "p-falke", "falke")

    answer = await stranger.post(ORDERS, json=ASKED | {"requester": "p-falke"})

    assert answer.status_code == HTTPStatus.NOT_FOUND


async def test_all_that_is_wrong_with_a_bundle_is_said_at_once_and_nothing_is_kept(bundled: House) -> None:
    desk = await bundled.coordinator()
    wrong = {"site": "nowhere", "assets": ["NB-200"], "answers": {"notebook_first-day": "x" * 65_536}}

    long = await desk.post(ORDERS, json=ASKED | wrong)
    refused = await desk.post(ORDERS, json=ASKED | wrong | {"answers": {"talk_who": "x"}})

    assert long.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert codes(refused) == {"site_unknown", "target_elsewhere", "not_of_bundle", "answer_not_asked"}
    assert body(await desk.get(ORDERS))["items"] == []


async def test_a_bundle_is_listed_with_its_items_and_the_questions_of_those(bundled: House) -> None:
    desk = await bundled.coordinator()

    shown = body(await desk.get(f"/api/v1/contracts/{CONTRACT.id}/catalogue/newcomer"))

    assert (shown["pricing"], shown["price"]) == ("by_items", None)
    assert [part["item"] for part in shown["items"]] == ["notebook", "notebook", "phone", "talk"]
    assert [question["id"] for question in shown["questions"]] == ["notebook_first-day", "spare_first-day"]
