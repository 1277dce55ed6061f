"""A contract's cost over HTTP: for those who may see its prices, beside contracts they see, and nothing is kept."""

from decimal import Decimal
from http import HTTPStatus
from typing import Any

import httpx2
import pytest

from activities.records import OrderEntry, Records
from api.contracts import costs
from api.examples import COSTS
from db.contracts import save_contract
from domain.cases.order_commands import LogWork
from domain.people import Role
from tests.api.house import House, body
from tests.api.test_plans import PLANS, REQUEST
from tests.api.test_projects import RIGHT, bring, desk_of
from tests.api.test_rehearsals import FOUND
from tests.domain.costs.cases import at_work
from tests.domain.orders.paper import MONDAY
from tests.world import CONTRACT, TECHNICIAN

PATH = "/api/v1/contracts/adler-2026/cost"
MARCH = {"from": "2026-03-01", "to": "2026-03-31"}
ASKED: Any = COSTS["quota"]["value"]
TERMS: Any = ASKED["terms"]


async def worked(house: House, minutes: int = 60) -> str:
    """An order of March that is completed: an hour of a technician's, and the half that completing it took."""
    paper = at_work()
    paper.say(TECHNICIAN, LogWork(minutes=minutes, started_at=MONDAY))
    paper.finish()
    entry = OrderEntry(order=paper.order, progress=paper.progress.but(seq=1), events=(), deadline=None, at=paper.now)
    await Records(house.database).record(entry)
    return paper.order.no


def problems(answer: httpx2.Response) -> list[tuple[str, str]]:
    return [(one["code"], one["at"]) for one in body(answer)["errors"]]


async def test_what_a_month_has_cost_stands_by_month_and_reason(house: House) -> None:
    await worked(house)

    told = body(await (await house.coordinator()).get(PATH, params=MARCH))

    assert (told["own"], told["counted"], told["terms"]) == (
        "179.00",
        1,
        {"contract": "adler-2026", "versions": [1]},
    )
    assert "other" not in told
    assert [(month["from"], month["own"]) for month in told["months"]] == [("2026-03-01", "179.00")]


async def test_beside_it_stands_what_other_terms_come_to(house: House) -> None:
    no = await worked(house)
    desk = await house.coordinator()

    told = body(await desk.post(PATH, json={**MARCH, "terms": TERMS}))

    assert (told["own"], told["other"]) == ("179.00", "900.00")
    assert [row["reason"] for row in told["decided"]] == ["fee", "time", "travel"]
    assert [one["no"] for one in told["cases"]] == [no]


async def test_another_version_of_it_is_named_with_its_number(house: House) -> None:
    await worked(house)
    async with house.database.writing() as session:
        await save_contract(session, CONTRACT.but(prices=CONTRACT.prices.but(travel=Decimal(99))))
    desk = await house.coordinator()

    newest, first = [
        body(await desk.get(PATH, params=MARCH | {"like": like})) for like in ("adler-2026", "adler-2026@1")
    ]

    assert (newest["other_terms"], newest["own"], newest["other"]) == (
        {"contract": "adler-2026", "versions": [2]},
        "179.00",
        "243.00",
    )
    assert first["other"] == first["own"]


async def test_nothing_is_written(house: House) -> None:
    await worked(house)
    desk = await house.coordinator()

    again = [body(await desk.post(PATH, json={**MARCH, "terms": TERMS})) for _ in range(2)]

    assert again[0] == again[1]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"to": "2026-02-01"}, [("cost_reversed", "/to")], id="ends before it begins"),
        pytest.param({"from": "2020-01-01"}, [("cost_too_long", "/to")], id="many years"),
        pytest.param(
            {"like": "adler-2026", "terms": TERMS, "to": "2026-02-01"},
            [("cost_reversed", "/to"), ("terms_or_like", "/like")],
            id="several at once",
        ),
        pytest.param({"terms": {**TERMS, "currency": "CHF"}}, [("currency_differs", "/terms/currency")], id="currency"),
        pytest.param({"like": "adler@zwei"}, [("string_pattern_mismatch", "/like")], id="no version"),
        pytest.param({"from": "tomorrow"}, [("date_from_datetime_parsing", "/from")], id="no day"),
    ],
)
async def test_all_that_is_wrong_is_named_with_its_place(
    house: House, changes: dict[str, object], expected: list[tuple[str, str]]
) -> None:
    answer = await (await house.coordinator()).post(PATH, json={**MARCH, **changes})

    assert (answer.status_code, problems(answer)) == (HTTPStatus.UNPROCESSABLE_ENTITY, expected)


async def test_a_time_with_too_many_cases_is_refused_before_they_are_read(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(costs, "MOST_CASES", 1)
    for _ in range(2):
        await worked(house)

    answer = await (await house.coordinator()).get(PATH, params=MARCH)

    assert (answer.status_code, problems(answer)) == (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        [("cost_too_many_cases", "/query/from")],
    )


async def test_cases_are_read_some_at_a_time_and_all_of_them(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(costs, "AT_ONCE", 1)
    for _ in range(3):
        await worked(house)

    assert body(await (await house.coordinator()).get(PATH, params=MARCH))["own"] == "537.00"


async def test_a_customer_sees_its_own_contract_and_no_other_is_known_to_it(house: House) -> None:
    await worked(house)
    await house.second_customer()
    vogel = await house.caller(Role.REQUESTER, "p-vogel", "adler")
    stranger = await house.caller(Role.REQUESTER, "p-vogel", "falke")

    assert body(await vogel.get(PATH, params=MARCH))["own"] == "179.00"
    for caller, path, like in (
        (stranger, PATH, None),
        (vogel, "/api/v1/contracts/nobody/cost", None),
        (vogel, PATH, "falke-2026"),
        (vogel, PATH, "nobody"),
        (vogel, PATH, "adler-2026@9"),
    ):
        answer = await caller.get(path, params=MARCH | ({"like": like} if like else {}))
        assert answer.status_code == HTTPStatus.NOT_FOUND, answer.text


@pytest.mark.parametrize("role", [Role.TECHNICIAN, Role.SYSTEM])
async def test_prices_are_for_those_who_may_see_them(house: House, role: Role) -> None:
    caller = await house.caller(role, "p-lang" if role is Role.TECHNICIAN else None)

    answers = [await caller.get(PATH, params=MARCH), await caller.post(PATH, json={**MARCH, "terms": TERMS})]

    assert [answer.status_code for answer in answers] == [HTTPStatus.FORBIDDEN] * 2


async def test_a_planned_move_costs_what_its_rehearsal_has_taken(cut_off: House) -> None:
    desk = await desk_of(cut_off)
    await bring(desk, RIGHT)
    await desk.post(PLANS, json=REQUEST)
    early = await desk.get(PATH, params={"project": "floors"})
    await desk.put(f"{PLANS}/1/rehearsal", json=FOUND | {"minutes_p50": 90})

    told = body(await desk.post(PATH, json={"project": "floors", "terms": TERMS}))
    strange = await (await cut_off.caller(Role.COORDINATOR, "p-koch", "falke")).get(PATH, params={"project": "floors"})

    assert (early.status_code, problems(early)) == (HTTPStatus.NOT_FOUND, [("rehearsal_unknown", "")])
    assert {row["reason"]: row["own"] for row in told["rows"]}["time"] == "144.00"
    assert strange.status_code == HTTPStatus.NOT_FOUND
