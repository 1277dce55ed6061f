"""Labels and door sheets: made for whoever may see the things on them, from what is in the tables."""

from http import HTTPStatus
from typing import Any

import pytest

from domain.people import Role
from tests.api.contenders import planned_project
from tests.api.house import House, body
from tests.api.test_projects import PROJECT, desk_of

LABELS = "/api/v1/labels"


async def test_labels_say_where_an_asset_is_found(house: House) -> None:
    desk = await house.coordinator()

    answer = await desk.get(LABELS, params={"customer": "adler", "tag": ["NB-200", "NB-100", "NB-200"]})
    printed = await desk.get(f"{LABELS}/pdf", params={"customer": "adler", "tag": ["NB-200"], "format": "roll-62x29"})

    assert [label["tag"] for label in body(answer)["labels"]] == ["NB-200", "NB-100"]
    assert body(answer)["labels"][0]["address"].endswith("/assets/NB-200")
    assert (printed.status_code, printed.headers["Content-Type"]) == (HTTPStatus.OK, "application/pdf")
    assert printed.content.startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"customer": "adler", "tag": ["NB-404"]}, "asset_unknown"),
        ({"customer": "adler", "tag": ["NB-100"], "start": 25}, None),
        ({"customer": "adler", "tag": ["NB-100"], "format": "a4-105x57", "start": 11}, "label_beyond_sheet"),
        ({"customer": "adler", "tag": ["NB-100"], "format": "roll-62x29", "start": 2}, "label_beyond_sheet"),
        ({"tag": ["NB-100"]}, "missing"),
        ({"customer": "adler"}, "missing"),
    ],
)
async def test_labels_that_cannot_be_are_refused(house: House, asked: dict[str, Any], code: str | None) -> None:
    answer = await (await house.coordinator()).get(f"{LABELS}/pdf", params=asked)

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert code is None or [error["code"] for error in body(answer)["errors"]] == [code]


async def test_another_customers_assets_have_no_labels(house: House) -> None:
    await house.second_customer()
    stranger = await house.caller(Role.COORDINATOR, "p-koch", "falke")

    answers = [
        await stranger.get(LABELS, params=asked)
        for asked in ({"customer": "adler", "tag": "NB-100"}, {"customer": "nobody", "tag": "NB-100"})
    ]

    assert {answer.status_code for answer in answers} == {HTTPStatus.NOT_FOUND}
    assert (await stranger.get(LABELS, params={"tag": "NB-100"})).status_code == HTTPStatus.UNPROCESSABLE_ENTITY


async def test_doors_say_who_comes_to_which_desk(house: House) -> None:
    desk = await house.coordinator()
    await planned_project(house)

    doors = body(await desk.get(f"{PROJECT}/doors"))
    printed = await desk.get(f"{PROJECT}/doors.pdf", params={"lang": "de"})
    room = doors["rooms"][0]
    of_room = body(await desk.get(f"{PROJECT}/doors", params={"room": room["place"]["room"]}))
    nowhere = body(await desk.get(f"{PROJECT}/doors", params={"room": "No such room"}))

    assert room["desks"][0]["whence"]["site"] == "adler-hq"
    assert room["desks"][0]["desk"]
    assert doors["sites"] == {"adler-hq": "Adler Maschinenbau, Werk Augsburg"}
    assert {one["place"]["room"] for one in of_room["rooms"]} == {room["place"]["room"]}
    assert nowhere["rooms"] == []
    assert printed.content.startswith(b"%PDF-")


async def test_there_are_no_doors_without_a_plan_nor_for_strangers(house: House) -> None:
    desk = await desk_of(house)
    await house.second_customer()
    stranger = await house.caller(Role.COORDINATOR, "p-koch", "falke")

    assert [error["code"] for error in body(await desk.get(f"{PROJECT}/doors"))["errors"]] == ["no_plan"]
    assert (await stranger.get(f"{PROJECT}/doors")).status_code == HTTPStatus.NOT_FOUND
