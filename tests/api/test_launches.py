"""Launching and steering a move project over HTTP, as coordinators, approvers and other systems do."""

import asyncio
from http import HTTPStatus
from uuid import uuid4

import httpx2

from domain.people import Role
from tests.api.house import House, body
from tests.api.test_projects import FLOORS, HEADINGS, RIGHT

MONDAY = "2083-07-05"
WAVES = [
    {
        "id": "w1",
        "start": f"{MONDAY}T08:00:00Z",
        "end": f"{MONDAY}T12:00:00Z",
        "gate": {"by": "p-huber"},
    }
]
OFF = {"type": "call_off", "in_flight": "roll_back", "done": "keep", "reason": "the floor is flooded"}


def codes(answer: httpx2.Response) -> list[str]:
    return [problem["code"] for problem in body(answer)["errors"]]


async def planned(house: House) -> tuple[str, httpx2.AsyncClient, httpx2.AsyncClient]:
    """A project with an unapproved plan for one row, its coordinator, and the customer's approver."""
    desk = await house.coordinator()
    approver = await house.caller(Role.APPROVER, "p-huber", "adler")
    project = f"p-{uuid4().hex[:12]}"
    url = f"/api/v1/projects/{project}"
    await desk.put(url, json=FLOORS | {"id": project})
    content = "\n".join((HEADINGS, RIGHT)).encode("cp1252")
    await desk.post(f"{url}/lists", files={"file": ("liste.csv", content)})
    made = await desk.post(f"{url}/plans", json={"waves": WAVES, "minutes": 60})
    assert made.status_code == HTTPStatus.CREATED, made.text
    return url, desk, approver


async def until(desk: httpx2.AsyncClient, url: str, state: str) -> dict[str, object]:
    for _ in range(200):
        (row,) = body(await desk.get(f"{url}/workplaces"))["items"] or [{"state": None}]
        if row["state"] == state:
            return dict(row)
        await asyncio.sleep(0.1)
    raise AssertionError(row)


async def test_a_project_is_launched_once_and_called_off_with_a_preview(house: House) -> None:
    await house.worker()
    url, desk, approver = await planned(house)
    stranger = await house.caller(Role.COORDINATOR, "p-koch", "falke")
    sdm = await house.caller(Role.SDM, "p-sommer")

    early = await desk.post(f"{url}/launch")
    before = await desk.get(f"{url}/standing")
    await approver.post(f"{url}/plans/1/approval", json={})
    both = await asyncio.gather(desk.post(f"{url}/launch"), sdm.post(f"{url}/launch"))
    again = await desk.post(f"{url}/launch")
    strange = await stranger.get(f"{url}/standing")
    preview = await desk.post(f"{url}/call-off-preview", json=OFF)
    not_mine = await desk.post(f"{url}/commands", json={"type": "go", "wave": "w1"})
    gone = await approver.post(f"{url}/commands", json={"type": "go", "wave": "w1"})
    row = await until(desk, url, "in_flight")
    begun = await desk.post(f"{url}/call-off-preview", json=OFF)
    by_approver = await approver.post(f"{url}/commands", json=OFF)
    off = await desk.post(f"{url}/commands", json=OFF, headers={"Idempotency-Key": "off"})
    twice = await desk.post(f"{url}/commands", json=OFF, headers={"Idempotency-Key": "off"})
    await until(desk, url, "skipped")
    order = body(await desk.get(f"/api/v1/orders/{row['legs'][0]['order']}"))  # type: ignore[index]

    assert (codes(early), before.status_code) == (["plan_not_approved"], HTTPStatus.NOT_FOUND)
    assert [answer.status_code for answer in (*both, again)] == [HTTPStatus.ACCEPTED] * 3
    assert len({body(answer)["launched_by"] for answer in (*both, again)}) == 1
    assert body(again)["awaiting"] == ["w1"]
    assert strange.status_code == HTTPStatus.NOT_FOUND
    assert [fate["fate"] for fate in body(preview)] == ["not_begun"]
    assert (not_mine.status_code, codes(not_mine)) == (HTTPStatus.FORBIDDEN, ["gate_of_another"])
    assert body(gone)["waves"][0]["opened_by"] == "p-huber"
    assert [fate["fate"] for fate in body(begun)] == ["rolled_back"]
    assert by_approver.status_code == HTTPStatus.FORBIDDEN
    assert [answer.status_code for answer in (off, twice)] == [HTTPStatus.OK] * 2
    assert (order["state"], order["kind"]) == ("cancelled", "move")
    happened = [event["what"] for event in body(await desk.get(f"{url}/timeline"))]
    assert happened.count("launched") == happened.count("row_skipped") == 1


async def test_a_wave_is_told_only_what_its_rows_allow_and_every_problem_is_named(house: House) -> None:
    await house.worker()
    url, desk, approver = await planned(house)
    await approver.post(f"{url}/plans/1/approval", json={})
    await desk.post(f"{url}/launch")
    await approver.post(f"{url}/commands", json={"type": "go", "wave": "w1"})
    await until(desk, url, "in_flight")

    wrong = [
        await desk.post(f"{url}/waves/w1/commands", json={"type": "retry_rows"}),
        await desk.post(f"{url}/waves/w1/commands", json={"type": "retry_rows", "rows": [7, 9]}),
        await desk.post(f"{url}/waves/w9/commands", json={"type": "retry_rows"}),
        await desk.post(f"{url}/commands", json={"type": "adopt", "plan": 7}),
        await desk.post(f"{url}/commands", json={"type": "adopt", "plan": 1}),
        await desk.post(f"{url}/commands", json={"type": "adopt", "plan": 1, "waves": [], "relisted": True}),
        await desk.post(f"{url}/commands", json={"type": "withdraw_rows", "rows": [2], "reason": "he stays"}),
        await desk.post(f"{url}/commands", json={"type": "withdraw_rows", "rows": [2, 9], "reason": "he stays"}),
        await desk.post(f"{url}/commands", json={"type": "close", "reason": "enough"}),
        await desk.post(f"{url}/waves/w1/commands", json={"type": "assign_rows", "rows": [2], "to": "p-nobody"}),
    ]

    huge = [
        await desk.post(f"{url}/commands", json={"type": "adopt", "plan": 2**63}),
        await desk.post(f"{url}/commands", json={"type": "withdraw_rows", "rows": [-1, 10**40], "reason": "no row"}),
    ]
    nowhere = await desk.get(f"{url}/timeline", params={"wave": "w77"})
    later = {"wave": "w1", "start": f"{MONDAY}T12:00:00Z"}

    assert [codes(answer) for answer in wrong] == [
        ["nothing_to_retry"],
        ["row_not_in_wave"],
        ["wave_unknown"],
        ["plan_unknown"],
        ["plan_not_newer"],
        ["extra_forbidden", "extra_forbidden"],
        ["row_in_open_wave"],
        ["row_not_in_project"],
        ["waves_not_through"],
        ["person_unknown"],
    ]
    assert [answer.status_code for answer in huge] == [HTTPStatus.UNPROCESSABLE_ENTITY] * 2
    assert nowhere.status_code == HTTPStatus.NOT_FOUND
    assert codes(await desk.post(f"{url}/plans/1/reschedule", json=later)) == ["wave_has_opened"]
