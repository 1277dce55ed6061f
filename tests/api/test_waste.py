"""The weight of what has left a customer's sites, by code and calendar year."""

import json
from datetime import datetime
from http import HTTPStatus

import pytest

from domain.people import Role
from tests.api.house import House, body
from tests.api.test_erasures import bring, erasing
from tests.erasure_reports import Drive, blancco

SERIALS = ["SN900", "SN901", "SN902"]


async def gone(house: House) -> str:
    """Three notebooks that have left, of which two were declared."""
    order = await erasing(house)
    lang = await house.caller(Role.TECHNICIAN, "p-lang")
    wolf = await house.caller(Role.TECHNICIAN, "p-wolf")
    await bring(lang, order, blancco(map(Drive, SERIALS)))
    items = [
        {"serial": "SN900", "code": "16 02 13*", "grams": 1480, "battery": "inside"},
        {"serial": "SN901", "code": "16 02 14", "grams": 1320, "battery": "taken_out", "weighed": False},
    ]
    for caller, told in (
        (lang, {"type": "declare_waste", "items": items}),
        (lang, {"type": "confirm_custody", "side": "giver", "serials": SERIALS}),
        (wolf, {"type": "confirm_custody", "side": "taker", "serials": SERIALS}),
    ):
        answer = await caller.post(f"{order}/commands", json=told)
        assert answer.status_code == HTTPStatus.OK, answer.text
    return order


async def test_what_has_left_is_added_up_and_can_be_taken_along(house: House) -> None:
    order = await gone(house)
    vogel = await house.caller(Role.REQUESTER, "p-vogel", "adler")
    left = body(await vogel.get(f"{order}/waste"))[0]["left_at"]
    year = datetime.fromisoformat(left).year
    query = {"customer": "adler", "year": f"{year}"}

    report = body(await vogel.get("/api/v1/waste", params=query))
    other = body(await vogel.get("/api/v1/waste", params=query | {"year": f"{year - 1}"}))
    file = await vogel.get("/api/v1/waste.csv", params=query | {"lang": "de"})
    assert file.status_code == HTTPStatus.OK, file.text

    assert report["totals"] == [
        {"code": "16 02 13*", "hazardous": True, "items": 1, "grams": 1480},
        {"code": "16 02 14", "hazardous": False, "items": 1, "grams": 1320},
    ]
    assert (report["grams"], report["undeclared"], len(report["lines"])) == (2800, 1, 3)
    assert other["lines"] == []
    rows = file.content.decode("utf-8-sig").splitlines()
    assert file.headers["Content-Type"].startswith("text/csv")
    assert len(rows) == 4
    assert ";16 02 13*;ja;1,480;ja;im Gerät;" in "\n".join(rows)


async def test_another_customers_waste_is_as_unknown_as_none(house: House) -> None:
    await house.second_customer()
    stranger = await house.caller(Role.COORDINATOR, "p-koch", "falke")

    for customer in ("adler", "nobody"):
        answer = await stranger.get("/api/v1/waste", params={"customer": customer, "year": 2026})
        assert (answer.status_code, body(answer)["errors"][0]["code"]) == (HTTPStatus.NOT_FOUND, "customer_unknown")


def declared(**changes: object) -> dict[str, object]:
    item = {"serial": "SN900", "code": "16 02 13*", "grams": 1480, "battery": "inside"} | changes
    return {"type": "declare_waste", "items": [item]}


async def test_weights_and_codes_that_cannot_be_are_refused(house: House) -> None:
    order = await erasing(house)
    desk = await house.coordinator()
    headers = {"Content-Type": "application/json"}
    weights = ("0", "-5", "NaN", "1e9", "1480.5", "Infinity", '"heavy"', "true", "1" * 5000)
    bodies = [json.dumps(declared(grams="?")).replace('"?"', weight) for weight in weights]
    bodies += [json.dumps(declared(code=code)) for code in ("rubbish", "99 99 99", "16 02 14*", "160213*", "")]

    answers = [await desk.post(f"{order}/commands", content=one, headers=headers) for one in bodies]
    both = await desk.post(f"{order}/commands", json=declared(grams=0, code="99 99 99"))

    assert {answer.status_code for answer in answers} <= {HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.BAD_REQUEST}
    assert sorted(error["at"] for error in body(both)["errors"]) == ["/items/0/code", "/items/0/grams"]
    assert [line["code"] for line in body(await desk.get(f"{order}/waste"))] == [None] * 3


async def test_whoever_takes_the_goods_does_not_say_what_they_are(house: House) -> None:
    order = await gone(house)
    await house.second_customer()
    wolf = await house.caller(Role.TECHNICIAN, "p-wolf")
    vogel = await house.caller(Role.REQUESTER, "p-vogel", "adler")
    stranger = await house.caller(Role.TECHNICIAN, "p-lang", "falke")

    answers = [await caller.post(f"{order}/commands", json=declared(grams=9)) for caller in (wolf, vogel, stranger)]

    assert [(answer.status_code, body(answer)["errors"][0]["code"]) for answer in answers][0::2] == [
        (HTTPStatus.CONFLICT, "taker_declares_waste"),
        (HTTPStatus.NOT_FOUND, "order_unknown"),
    ]
    assert answers[1].status_code == HTTPStatus.FORBIDDEN
    assert body(await vogel.get(f"{order}/waste"))[0]["grams"] == 1480


async def test_declared_twice_it_counts_once(house: House) -> None:
    order = await gone(house)
    lang = await house.caller(Role.TECHNICIAN, "p-lang")
    headers = {"Idempotency-Key": "weighed-again"}

    again = [await lang.post(f"{order}/commands", json=declared(grams=1500), headers=headers) for _ in range(2)]
    lines = body(await lang.get(f"{order}/waste"))
    year = datetime.fromisoformat(lines[0]["left_at"]).year
    report = body(await lang.get("/api/v1/waste", params={"customer": "adler", "year": year}))
    told = [event for event in body(await lang.get(f"{order}/timeline")) if event["what"] == "declare_waste"]

    assert [answer.status_code for answer in again] == [HTTPStatus.OK] * 2
    assert (lines[0]["grams"], report["grams"], len(told)) == (1500, 2820, 2)


@pytest.mark.parametrize("year", ["0", "1989", "9999", "-1", "2026.5", "now", ""])
async def test_years_that_no_calendar_has_are_refused(house: House, year: str) -> None:
    desk = await house.coordinator()

    for where in ("waste", "waste.csv"):
        answer = await desk.get(f"/api/v1/{where}", params={"customer": "adler", "year": year})
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY, answer.text
