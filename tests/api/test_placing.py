"""Placing orders: durable at once, never twice, and nothing is kept of what is refused."""

import asyncio
from datetime import UTC, datetime
from http import HTTPStatus

import pytest

from db.assets.asset import assets_by_tag, store_asset
from db.cases.case import Section
from db.orders import OrderFilter, list_orders
from domain.assets.asset import AssetStatus
from domain.contracts.contract import Contract
from domain.ids import order_no
from domain.keys import key_id_of
from domain.people import Role
from tests.api.house import INSTALL, ORDERS, House, body
from tests.world import CONTRACT, incident, trouble
from workflows.client import Temporal, connect

KEY = {"Idempotency-Key": "printer-17"}


async def is_started(no: str) -> bool:
    return await Temporal(await connect(lazy=True), "nobody").order_at_start(no) is not None


async def written(house: House) -> int:
    async with house.database.reading() as session:
        return len(await list_orders(session, OrderFilter(), Section()))


async def test_an_order_is_there_before_any_worker_runs(house: House) -> None:
    desk = await house.coordinator()

    placed = await desk.post(ORDERS, json=INSTALL)
    found = await desk.get(placed.headers["Location"])
    chain = await desk.get(f"{placed.headers['Location']}/chain")

    assert (placed.status_code, found.status_code) == (HTTPStatus.ACCEPTED, HTTPStatus.OK)
    assert body(found) == body(placed)
    assert (body(found)["state"], body(found)["missed"]) == ("requested", False)
    assert body(found)["deadline"] > body(found)["received_at"]
    assert [step["id"] for step in body(chain)["steps"]][:2] == ["approval", "reservation"]


async def test_the_same_key_sent_twenty_times_at_once_is_one_order(house: House) -> None:
    desk = await house.coordinator()

    answers = await asyncio.gather(*(desk.post(ORDERS, json=INSTALL, headers=KEY) for _ in range(20)))

    assert {answer.status_code for answer in answers} == {HTTPStatus.ACCEPTED}
    assert len({answer.headers["Location"] for answer in answers}) == 1


async def test_a_repeat_finds_its_order_when_the_assets_have_moved_on(house: House) -> None:
    desk = await house.coordinator()
    first = await desk.post(ORDERS, json=INSTALL, headers=KEY)
    async with house.database.writing() as session:
        (laptop,) = await assets_by_tag(session, "adler", ["NB-100"])
        gone = laptop.but(status=AssetStatus.RETIRED)
        await store_asset(session, gone, before=laptop, under="gone", source="test", at=datetime.now(UTC))

    again = await desk.post(ORDERS, json=INSTALL, headers=KEY)

    assert (again.status_code, body(again)["no"]) == (HTTPStatus.ACCEPTED, body(first)["no"])


async def test_a_repeat_with_a_worker_finds_the_order_as_it_stands(house: House) -> None:
    await house.worker()
    desk = await house.coordinator()
    first = await desk.post(ORDERS, json=INSTALL, headers=KEY)
    cancelled = await desk.post(f"{first.headers['Location']}/commands", json={"type": "cancel", "reason": "no"})
    assert cancelled.status_code == HTTPStatus.OK, cancelled.text

    again = await desk.post(ORDERS, json=INSTALL, headers=KEY)

    assert (again.status_code, body(again)["no"]) == (HTTPStatus.ACCEPTED, body(first)["no"])
    assert body(again)["ending"]["state"] == "cancelled"


async def test_another_body_under_the_same_key_is_refused(house: House) -> None:
    desk = await house.coordinator()
    await desk.post(ORDERS, json=INSTALL, headers=KEY)

    other = await desk.post(ORDERS, json=INSTALL | {"assets": ["NB-101"]}, headers=KEY)

    assert (other.status_code, body(other)["type"]) == (422, "urn:imacflow:problem:request_id_reused")


async def test_two_callers_with_the_same_key_have_two_orders(house: House) -> None:
    desk, service = await house.coordinator(), await house.caller(Role.SERVICE_DESK, "p-lang")

    orders = [await one.post(ORDERS, json=INSTALL, headers=KEY) for one in (desk, service)]

    assert orders[0].headers["Location"] != orders[1].headers["Location"]


async def test_who_placed_an_order_for_somebody_else_cannot_approve_it(house: House) -> None:
    await house.worker()
    service = await house.caller(Role.SERVICE_DESK, "p-huber", "adler")
    approver = await house.caller(Role.APPROVER, "p-huber", "adler")
    asked = INSTALL | {"kind": "dispose", "assets": ["NB-900"], "target": None}
    order = (await service.post(ORDERS, json=asked)).headers["Location"]

    refused = await approver.post(f"{order}/commands", json={"type": "approve"})

    assert (refused.status_code, body(refused)["errors"][0]["code"]) == (HTTPStatus.CONFLICT, "four_eyes")


async def test_with_temporal_away_nothing_is_kept_and_the_caller_knows_when_to_return(cut_off: House) -> None:
    # Without one, readiness says that as well.
    await cut_off.key(Role.ADMIN)
    desk = await cut_off.coordinator()

    answer = await desk.post(ORDERS, json=INSTALL)
    listed = await desk.get(ORDERS)
    ready = await desk.get("/health/ready")

    assert (answer.status_code, answer.headers["Retry-After"]) == (HTTPStatus.SERVICE_UNAVAILABLE, "5")
    assert body(answer)["type"] == "urn:imacflow:problem:temporal_away"
    assert (listed.status_code, body(listed)["items"]) == (HTTPStatus.OK, [])
    assert (ready.status_code, body(ready)["database"], body(ready)["temporal"]) == (503, "up", "down")
    assert [sentence.partition(".")[0] for sentence in body(ready)["says"]] == [
        "Requests cannot be processed at the moment"
    ]


async def test_everything_wrong_with_an_order_is_said_at_once(house: House) -> None:
    desk = await house.coordinator()
    asked = INSTALL | {"requester": "p-koch", "site": "nowhere", "assets": ["NB-200", "NB-1", "NB-1"], "target": None}

    answer = await desk.post(ORDERS, json=asked)

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert body(answer)["type"] == "urn:imacflow:problem:invalid_request"
    assert {(fault["at"], fault["code"]) for fault in body(answer)["errors"]} == {
        ("/requester", "requester_not_named"),
        ("/site", "site_unknown"),
        ("/target", "field_needed"),
        ("/assets/0", "asset_not_ready"),
        ("/assets/1", "asset_unknown"),
        ("/assets/2", "asset_twice"),
    }


POISON = {
    "a NUL": INSTALL | {"note": "a\0b"},
    "a NUL in a name": INSTALL | {"no\0te": "a"},
    "half a character": b'{"note": "\\ud800"}',
    "half a character as a name": b'{"\\ud800": 1}',
    "invalid UTF-8": b'{"note": "\xff\xfe"}',
    "broken JSON": b'{"kind": ',
    "no JSON at all": b"hello",
    "a number instead of an object": b"7",
    "a list": b"[]",
    "null": b"null",
    "NaN": b'{"kind": NaN}',
    "nesting without end": b"[" * 100_000,
    "deep nesting": b'{"target":' * 900 + b"1" + b"}" * 900,
    "a number with 5,000 digits": b'{"kind": ' + b"9" * 5000 + b"}",
    "a huge number": INSTALL | {"wanted": [{"model": "T14", "quantity": 10**40}]},
    "a negative number": INSTALL | {"wanted": [{"model": "T14", "quantity": -1}]},
    "a wrong kind": INSTALL | {"kind": "explode"},
    "an unknown field": INSTALL | {"colour": "red"},
    "an id with a path in it": INSTALL | {"contract": "../../etc/passwd"},
    "a very long note": INSTALL | {"note": "x" * 5000},
    "too many assets": INSTALL | {"assets": [f"NB-{n}" for n in range(300)]},
    "an unknown contract": INSTALL | {"contract": "nobodys"},
    "2.1 MB": b'{"note": "' + b"x" * 2_100_000 + b'"}',
}


@pytest.mark.parametrize("poison", POISON.values(), ids=POISON.keys())
async def test_poison_is_refused_and_leaves_nothing_behind(house: House, poison: bytes | dict[str, object]) -> None:
    key = await house.key(Role.COORDINATOR, "p-koch")
    desk = await house.client({"Authorization": f"Bearer {key}"})
    sent = {"content": poison} if isinstance(poison, bytes) else {"json": poison}

    answer = await desk.post(ORDERS, headers=KEY | {"Content-Type": "application/json"}, **sent)

    assert 400 <= answer.status_code < 500
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert all(fault["message"] for fault in body(answer)["errors"])
    assert await written(house) == 0
    assert not await is_started(order_no(f"{key_id_of(key)}/{KEY['Idempotency-Key']}"))


REPAIR = {name: INSTALL[name] for name in ("contract", "requester", "site")} | {"kind": "break_fix"}


async def reported(house: House, contract: Contract = CONTRACT) -> str:
    """An incident that no worker has written down yet."""
    found = incident(trouble(reporter=None), datetime.now(UTC), contract)
    await Temporal(await connect(lazy=True), house.settings.task_queue).start_incident(found)
    return found.no


async def test_a_repair_that_nobody_approves_begins_approved(house: House) -> None:
    desk, no = await house.coordinator(), await reported(house)

    placed = await desk.post(ORDERS, json=REPAIR | {"incident": no, "note": "The socket in the hall is dead."})

    assert (placed.status_code, body(placed)["state"]) == (HTTPStatus.ACCEPTED, "approved")
    assert (body(placed)["request"]["incident"], body(placed)["awaiting"][0]["command"]) == (no, "book")


async def test_an_order_cannot_be_placed_for_another_customers_incident(house: House) -> None:
    desk = await house.coordinator()
    nobodys, falkes = "I-NONE", await reported(house, CONTRACT.but(id="falke-2026", customer="falke"))

    refused = [await desk.post(ORDERS, json=REPAIR | {"incident": no}) for no in (nobodys, falkes)]

    assert [answer.status_code for answer in refused] == [HTTPStatus.UNPROCESSABLE_ENTITY] * 2
    assert [fault["code"] for answer in refused for fault in body(answer)["errors"]] == ["incident_not_theirs"] * 2
