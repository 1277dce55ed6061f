"""Plans over HTTP: made from the list, explained, drawn, compared, and approved by whom the contract names."""

from http import HTTPStatus

import httpx2
import pytest

from domain.people import Role
from tests.api.house import House, body
from tests.api.test_projects import PROJECT, RIGHT, bring, desk_of

PLANS = f"{PROJECT}/plans"
# The office is open from 8 to 17; far enough away that it is never in the past.
MONDAY = "2083-07-05"
REQUEST = {"window": {"first": MONDAY, "start": "08:00", "end": "12:00"}, "minutes": 60}
WRONG = "Max Unbekannt;;1.02;8;;"


def codes(answer: httpx2.Response) -> list[str]:
    return [problem["code"] for problem in body(answer)["errors"]]


async def approver_of(house: House) -> httpx2.AsyncClient:
    return await house.caller(Role.APPROVER, "p-huber", "adler")


async def test_a_list_is_planned_drawn_and_approved_by_somebody_else(cut_off: House) -> None:
    desk, approver = await desk_of(cut_off), await approver_of(cut_off)
    await bring(desk, RIGHT, WRONG)

    made = await desk.post(PLANS, json=REQUEST, params={"lang": "de"})
    read = await approver.get(f"{PLANS}/1", params={"lang": "de"})
    chart = await approver.get(f"{PLANS}/1/chart")
    own = await desk.post(f"{PLANS}/1/approval", json={})
    approved = await approver.post(f"{PLANS}/1/approval", json={"reason": "Gut so."})
    again = await approver.post(f"{PLANS}/1/approval", json={})
    heads = await desk.get(PLANS)

    assert made.status_code == HTTPStatus.CREATED, made.text
    assert body(read) == body(made)
    assert [(entry["technician"], entry["start"]) for entry in body(made)["plan"]["assignments"]] == [
        ("p-lang", f"{MONDAY}T06:00:00Z")
    ]
    assert [(why["row"], why["code"], why["message"]) for why in body(made)["explanations"]] == [
        (3, "person_unknown", "Die Person Max Unbekannt gibt es hier nicht.")
    ]
    assert ([bar["critical"] for bar in body(chart)["bars"]], body(chart)["critical_path"]) == ([True, False], ["w1"])
    assert (own.status_code, codes(own)) == (HTTPStatus.FORBIDDEN, ["not_an_approver"])
    assert body(approved)["approved"]["reason"] == "Gut so."
    assert body(again) == body(approved)
    assert body(heads) == [body(approved)]


async def test_a_newer_list_is_planned_again_and_the_plans_are_compared(cut_off: House) -> None:
    desk, approver = await desk_of(cut_off), await approver_of(cut_off)
    await bring(desk, RIGHT, WRONG)
    await desk.post(PLANS, json=REQUEST)
    await bring(desk, RIGHT.replace("1.02;7", "1.03;1"), WRONG)

    late = await approver.post(f"{PLANS}/1/approval", json={})
    made = await desk.post(
        PLANS,
        json=REQUEST
        | {"freezes": [{"start": f"{MONDAY}T00:00:00Z", "end": "2083-07-06T00:00:00Z", "why": "Inventur"}]},
    )
    changes = await desk.get(f"{PLANS}/2/changes", params={"since": 1})
    refused = await approver.post(f"{PLANS}/2/approval", json={})
    approved = await approver.post(f"{PLANS}/2/approval", json={"accept_left_over": True})

    frozen, _ = (why["message"] for why in body(made)["explanations"])
    assert codes(late) == ["newer_list"]
    assert "Inventur" in frozen
    assert [why["code"] for why in body(made)["explanations"]] == ["wave_frozen", "person_unknown"]
    assert {name: len(rows) for name, rows in body(changes).items() if isinstance(rows, list) and rows} == {
        "withdrawn": 1
    }
    assert codes(refused) == ["workplaces_left_over"]
    assert approved.status_code == HTTPStatus.OK


async def test_a_request_that_cannot_be_is_refused_with_everything_wrong(cut_off: House) -> None:
    desk = await desk_of(cut_off)
    nothing = await desk.post(PLANS, json=REQUEST)
    await bring(desk, RIGHT)
    moon = {"zone": "Europe/Berlin", "region": "MOON", "weekly": {"mon": [["08:00", "12:00"]]}}

    wrong = await desk.post(
        PLANS, json={"technicians": [{"id": "nobody"}], "window": {"start": "12:00", "end": "08:00"}}
    )
    region = await desk.post(PLANS, json=REQUEST | {"technicians": [{"id": "p-lang", "hours": moon}]})
    none = await desk.get(f"{PLANS}/1")

    assert (nothing.status_code, none.status_code) == (HTTPStatus.NOT_FOUND, HTTPStatus.NOT_FOUND)
    assert codes(wrong) == ["period_reversed", "first_day_needed", "person_unknown"]
    assert codes(region) == ["region_unknown"]


@pytest.mark.parametrize(
    ("first", "status"),
    [
        ("9999-12-31", HTTPStatus.UNPROCESSABLE_ENTITY),
        ("0001-01-01", HTTPStatus.UNPROCESSABLE_ENTITY),
        ("2200-01-01", HTTPStatus.UNPROCESSABLE_ENTITY),
        ("2199-12-31", HTTPStatus.CREATED),
        ("1990-01-01", HTTPStatus.CREATED),
    ],
)
async def test_a_plan_begins_on_a_day_that_calendars_know(cut_off: House, first: str, status: HTTPStatus) -> None:
    desk = await desk_of(cut_off)
    await bring(desk, RIGHT)

    made = await desk.post(PLANS, json={"window": {"first": first, "days": 366}, "minutes": 60})

    assert made.status_code == status, made.text


@pytest.mark.parametrize("path", ["", "/1", "/1/chart", "/1/changes?since=1"])
async def test_another_customers_plan_does_not_exist(cut_off: House, path: str) -> None:
    desk = await desk_of(cut_off)
    await bring(desk, RIGHT)
    await desk.post(PLANS, json=REQUEST)
    falke = await cut_off.caller(Role.COORDINATOR, "p-koch", "falke")
    technician = await cut_off.caller(Role.TECHNICIAN, "p-lang", "adler")

    answers = await falke.get(f"{PLANS}{path}"), await technician.get(f"{PLANS}{path}")
    planned = await technician.post(PLANS, json=REQUEST)

    assert [answer.status_code for answer in answers] == [HTTPStatus.NOT_FOUND, HTTPStatus.OK]
    assert planned.status_code == HTTPStatus.FORBIDDEN
