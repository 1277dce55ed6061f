"""Contracts rated over HTTP: the same invoices as everywhere, for those who may see prices, and nothing kept."""

import json
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from api.examples import SIMULATIONS
from domain.people import Role
from tests.api.house import House

PATH = "/api/v1/simulations"
MONTH: Any = SIMULATIONS["month"]["value"]
GOLDEN = Path(__file__).parents[1] / "domain" / "golden" / "billing-golden.json"


async def test_the_agreed_cases_come_to_the_same_invoices(house: House) -> None:
    desk = await house.coordinator()

    for case in json.loads(GOLDEN.read_text(encoding="utf-8"))["cases"]:
        asked = {name: case[name] for name in ("contract", "facts", "bill", "freezes") if name in case}
        answer = await desk.post(PATH, json=asked)

        assert answer.status_code == HTTPStatus.OK, case["id"]
        assert [one["gross"] for one in answer.json()["invoices"]] == [
            one["gross"] for one in case["expect"]["invoices"]
        ]


async def test_an_answer_says_only_what_there_is_to_say(house: House) -> None:
    answer = await (await house.coordinator()).post(PATH, json=MONTH)

    assert answer.json() == {
        "invoices": [
            {
                "from": "2026-03-01",
                "to": "2026-04-01",
                "lines": [
                    {"reason": "fee", "ref": "quota", "amount": "480.00"},
                    {"reason": "drawn", "ref": "W1", "amount": "0.00", "minutes": 600, "source": "period"},
                    {"reason": "overage", "ref": "W1", "amount": "144.00", "minutes": 90},
                ],
                "net": "624.00",
                "vat": [{"category": "S", "rate": "19", "base": "624.00", "amount": "118.56"}],
                "gross": "742.56",
                "quota": {"granted": 600, "drawn": 600, "carried": 0, "lapsed": 0},
            }
        ]
    }


async def test_all_problems_are_named_with_their_place_in_the_language_of_the_caller(house: House) -> None:
    facts = [
        {"type": "work", "id": "W1", "role": "technician", "start": "2025-03-10T08:00:00+01:00", "minutes": 30},
        {"type": "part", "id": "P1", "part": "ram", "at": "2026-03-10T08:00:00+01:00"},
    ]

    answer = await (await house.coordinator()).post(
        PATH, json={**MONTH, "facts": facts}, headers={"Accept-Language": "de"}
    )

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert [(one["code"], one["at"]) for one in answer.json()["errors"]] == [
        ("work_outside_term", "/facts/0/start"),
        ("part_unpriced", "/facts/1/part"),
    ]
    assert answer.json()["errors"][1]["message"].startswith("Das Teil ram hat keinen Preis.")


@pytest.mark.parametrize("wrong", [{"minutes": 1441}, {"minutes": "thirty"}, {"start": "soon"}, {"kind": ""}])
async def test_a_fact_that_cannot_be_is_refused_where_it_stands(house: House, wrong: dict[str, object]) -> None:
    answer = await (await house.coordinator()).post(PATH, json={**MONTH, "facts": [{**MONTH["facts"][0], **wrong}]})

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert [one["at"] for one in answer.json()["errors"]] == [f"/facts/0/{next(iter(wrong))}"]


async def test_prices_are_for_those_who_may_see_them(house: House) -> None:
    technician = await house.caller(Role.TECHNICIAN, "p-koch")

    assert (await technician.post(PATH, json=MONTH)).status_code == HTTPStatus.FORBIDDEN
