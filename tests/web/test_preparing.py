"""Preparing a move by pages: the list put right, planned, approved by another, and launched."""

import asyncio
import re
from http import HTTPStatus
from uuid import uuid4

import httpx2
import pytest

from domain.people import Role
from tests.api.house import body
from tests.api.test_projects import FLOORS, HEADINGS, ON_SUNDAY, RIGHT
from tests.web.test_orders import hidden
from tests.web.visitors import Site

WRONG = "Anna Vogl;;1.02;9;;"
WITHOUT_DEVICES = "Max Huber;;1.02;8;;"


async def project(site: Site, *lines: str) -> tuple[str, httpx2.AsyncClient]:
    """The address of the project's page, and its coordinator over the API."""
    desk = await site.house.coordinator()
    name = f"p-{uuid4().hex[:12]}"
    assert (await desk.put(f"/api/v1/projects/{name}", json=FLOORS | {"id": name})).status_code == HTTPStatus.OK
    if lines:
        content = "\n".join((HEADINGS, *lines)).encode("cp1252")
        await desk.post(f"/api/v1/projects/{name}/lists", files={"file": ("liste.csv", content)})
    return f"/projects/{name}", desk


async def pressed(browser: httpx2.AsyncClient, address: str, form: str, **said: str) -> httpx2.Response:
    page = await browser.get(f"{address}/prepare")
    path = f"{address}/prepare/{form}"
    return await browser.post(path, data=hidden(page.text, path) | said)


async def test_what_is_typed_into_a_wrong_cell_becomes_the_next_version_of_the_list(site: Site) -> None:
    address, desk = await project(site, WITHOUT_DEVICES, WRONG)
    browser = await site.signed_in()
    page = await browser.get(f"{address}/prepare")
    form = f"{address}/prepare/rows/3"

    said = hidden(page.text, form) | {"c0": "Anna Vogel"}
    answers = [await browser.post(form, data=said) for _ in range(2)]
    late = await browser.post(form, data=said | {"c0": "Anna Vogel-Huber"})
    lists = body(await desk.get(f"/api/v1{address}/lists"))
    rows = body(await desk.get(f"/api/v1{address}/rows"))["items"]

    assert 'value="Anna Vogl"' in page.text
    assert [answer.status_code for answer in answers] == [HTTPStatus.SEE_OTHER] * 2, answers[0].text
    assert late.status_code == HTTPStatus.CONFLICT
    assert [(one["version"], one["with_issues"]) for one in lists] == [(2, 1), (1, 2)]
    assert [(row["said"]["person"], row["change"]) for row in rows] == [
        ("Max Huber", "unchanged"),
        ("Anna Vogel", "added"),
    ]


async def test_a_conflict_is_accepted_with_a_reason_and_not_without(site: Site) -> None:
    address, desk = await project(site, ON_SUNDAY)
    browser = await site.signed_in()

    without = await pressed(browser, address, "conflicts/2", reason="")
    accepted = await pressed(browser, address, "conflicts/2", reason="Agreed with the guards")
    rows = body(await desk.get(f"/api/v1{address}/rows"))["items"]

    assert without.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert accepted.status_code == HTTPStatus.SEE_OTHER, accepted.text
    assert rows[0]["state"] == "accepted"
    assert rows[0]["conflicts"][0]["accepted"]["reason"] == "Agreed with the guards"


async def test_a_move_is_prepared_from_its_list_to_its_launch_by_pages_alone(site: Site) -> None:
    await site.house.worker()
    address, _ = await project(site)
    coordinator, approver = await site.signed_in(), await site.signed_in(Role.APPROVER, "p-huber", "adler")

    content = "\n".join((HEADINGS, RIGHT)).encode("cp1252")
    brought = await coordinator.post(f"{address}/prepare/list", files={"file": ("liste.csv", content, "text/csv")})
    planned = await pressed(coordinator, address, "plan", minutes="60", travel_minutes="0", first="2083-07-05")
    own = (await coordinator.get(f"{address}/prepare")).text
    approved = await pressed(approver, address, "approve", reason="")
    launched = [await coordinator.post(f"{address}/prepare/launch", data={}) for _ in range(2)]
    board = await coordinator.get(address)

    assert brought.status_code == HTTPStatus.SEE_OTHER, brought.text
    assert planned.status_code == HTTPStatus.SEE_OTHER, planned.text
    assert f'action="{address}/prepare/approve"' not in own
    assert approved.status_code == HTTPStatus.SEE_OTHER, approved.text
    assert [answer.headers.get("Location") for answer in launched] == [address] * 2
    assert "of 1 at the target" in board.text


async def test_another_plan_is_seen_with_what_is_different_before_it_is_adopted(site: Site) -> None:
    address, _ = await project(site, RIGHT)
    browser = await site.signed_in()
    await pressed(browser, address, "plan", minutes="60", travel_minutes="0", first="2083-07-05")
    await pressed(browser, address, "plan")

    page = await browser.get(f"{address}/prepare")

    assert "What is different from plan 1" in page.text
    assert re.search(r"rows as they were <b class=\"num\">1</b>", page.text)


async def test_a_plan_that_was_made_meanwhile_is_not_made_again(site: Site) -> None:
    address, desk = await project(site, RIGHT)
    browser = await site.signed_in()
    page, form = await browser.get(f"{address}/prepare"), f"{address}/prepare/plan"
    said = hidden(page.text, form) | {"minutes": "60", "travel_minutes": "0", "first": "2083-07-05"}

    made = await browser.post(form, data=said)
    late = await browser.post(form, data=said | {"minutes": "90"})

    assert [made.status_code, late.status_code] == [HTTPStatus.SEE_OTHER, HTTPStatus.CONFLICT]
    assert len(body(await desk.get(f"/api/v1{address}/plans"))) == 1


async def test_a_file_that_is_no_list_and_a_form_without_one_are_refused_in_words(site: Site) -> None:
    address, _ = await project(site, RIGHT)
    browser = await site.signed_in()

    none = await browser.post(f"{address}/prepare/list", data={})
    broken = await browser.post(f"{address}/prepare/list", files={"file": ("list.xlsx", b"PK\x03\x04 nothing")})
    page = await browser.get(f"{address}/prepare")

    assert none.status_code == broken.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert 'role="alert"' in none.text
    assert 'role="alert"' in broken.text
    assert "Version <b>1</b>" in page.text


async def test_the_list_goes_out_as_a_workbook(site: Site) -> None:
    address, _ = await project(site, RIGHT, WRONG)
    browser = await site.signed_in()

    answer = await browser.get(f"{address}/list.xlsx")

    assert answer.status_code == HTTPStatus.OK
    assert answer.content.startswith(b"PK")


async def test_a_plan_that_is_asked_for_twice_at_once_is_made_once(site: Site) -> None:
    address, desk = await project(site, RIGHT)
    browser = await site.signed_in()
    page, form = await browser.get(f"{address}/prepare"), f"{address}/prepare/plan"
    said = hidden(page.text, form) | {"minutes": "60", "travel_minutes": "0", "first": "2083-07-05"}

    answers = await asyncio.gather(*(browser.post(form, data=said) for _ in range(3)))
    wrong = await asyncio.gather(*(browser.post(form, data=said | {"minutes": "0"}) for _ in range(2)))

    assert [answer.status_code for answer in answers] == [HTTPStatus.SEE_OTHER] * 3
    assert HTTPStatus.SEE_OTHER not in {answer.status_code for answer in wrong}
    assert len(body(await desk.get(f"/api/v1{address}/plans"))) == 1


async def test_a_wave_is_planned_for_another_time_in_a_plan_of_its_own(site: Site) -> None:
    address, desk = await planned(site)
    browser = await site.signed_in()
    (wave,) = body(await desk.get(f"/api/v1{address}/plans/1"))["basis"]["waves"]
    here = f"{address}/waves/{wave['id']}/reschedule"
    page = await browser.get(here)

    said = hidden(page.text, here)
    past = await browser.post(here, data=said | {"start": "2001-07-06T08:00"})
    moved = [await browser.post(here, data=said | {"start": "2083-07-06T08:00"}) for _ in range(2)]
    shown = await browser.get(f"{address}/prepare")
    plans = body(await desk.get(f"/api/v1{address}/plans"))
    late = await browser.post(here, data=said | {"start": "2083-07-07T08:00"})

    assert f'href="{here}"' in shown.text
    assert re.search(r'name="start"[^>]* value="2083-07-05T', page.text)
    assert past.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert 'value="2001-07-06T08:00"' in past.text
    assert [answer.headers.get("Location") for answer in moved] == [f"{address}/prepare"] * 2, moved[0].text
    assert [plan["version"] for plan in plans] == [2, 1]
    assert plans[0]["start"].startswith("2083-07-06")
    assert "What is different from plan 1" in shown.text
    assert late.status_code == HTTPStatus.CONFLICT


async def test_a_wave_that_no_plan_has_is_unknown(site: Site) -> None:
    address, _ = await planned(site)
    unplanned, _ = await project(site, RIGHT)
    browser = await site.signed_in()

    answers = [
        await browser.get(f"{place}/waves/{wave}/reschedule") for place, wave in ((address, "none"), (unplanned, "w1"))
    ]

    assert [answer.status_code for answer in answers] == [HTTPStatus.NOT_FOUND] * 2


async def planned(site: Site) -> tuple[str, httpx2.AsyncClient]:
    """The same, with a plan of one wave."""
    address, desk = await project(site, RIGHT)
    browser = await site.signed_in()
    answer = await pressed(browser, address, "plan", minutes="60", travel_minutes="0", first="2083-07-05")
    assert answer.status_code == HTTPStatus.SEE_OTHER, answer.text
    return address, desk


FORMS = ["list", "rows/2", "conflicts/2", "plan", "rehearse", "approve", "launch"]


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.TECHNICIAN, Role.REQUESTER, Role.APPROVER])
async def test_whoever_may_not_prepare_sees_no_form_and_is_refused_alike(site: Site, role: Role) -> None:
    address, _ = await project(site, RIGHT, ON_SUNDAY, WRONG)
    customer = "adler" if role in (Role.REQUESTER, Role.APPROVER) else None
    browser = await site.signed_in(role, "p-lang" if customer is None else "p-huber", customer)

    page = (await browser.get(f"{address}/prepare")).text
    offered = set(re.findall(rf'action="{address}/prepare/([^"]+)"', page))
    refused = {
        form for form in FORMS if (await browser.post(f"{address}/prepare/{form}")).status_code == HTTPStatus.FORBIDDEN
    }

    assert not offered & refused
    assert {"list", "rows/2", "plan", "rehearse", "launch"} <= refused


@pytest.mark.parametrize("path", ["/prepare", "/list.xlsx", "/waves/w1/reschedule"])
async def test_what_another_customer_prepares_is_as_unknown_as_none(site: Site, path: str) -> None:
    address, _ = await project(site, RIGHT)
    await site.house.second_customer()
    browser = await site.signed_in(Role.COORDINATOR, "p-koch", "falke")

    seen = await browser.get(f"{address}{path}")
    told = [await browser.post(f"{address}/prepare/{form}") for form in FORMS]

    assert seen.status_code == HTTPStatus.NOT_FOUND
    assert {answer.status_code for answer in told} <= {HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN}
