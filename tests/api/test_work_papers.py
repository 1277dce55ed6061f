"""Hours and acceptance on paper: listed when they can be made, the same for all who ask, filed at their step."""

from hashlib import sha256
from http import HTTPStatus

import pytest

from domain.people import Role
from tests.api.house import INSTALL, ORDERS, House, body
from tests.api.test_commands import WINDOW
from tests.patience import until


async def worked(house: House, *, accepted: bool = True) -> str:
    """An install of 75 minutes, taken over by its requester."""
    await house.worker()
    desk = await house.coordinator()
    vogel = await house.caller(Role.REQUESTER, "p-vogel", "adler")
    huber = await house.caller(Role.APPROVER, "p-huber", "adler")
    lang = await house.caller(Role.TECHNICIAN, "p-lang")
    order = str((await vogel.post(ORDERS, json=INSTALL)).headers["Location"])
    told = [
        (huber, {"type": "approve"}),
        (desk, {"type": "book", "window": WINDOW, "technician": "p-lang"}),
        (lang, {"type": "complete", "minutes": 75}),
        (vogel, {"type": "accept"}),
    ]
    for caller, command in told if accepted else told[:-1]:
        answer = await caller.post(f"{order}/commands", json=command)
        assert answer.is_success, answer.text
    return order


async def test_papers_of_work_are_listed_as_soon_as_they_can_be_made(house: House) -> None:
    order = await worked(house, accepted=False)
    vogel = await house.caller(Role.REQUESTER, "p-vogel", "adler")

    before = body(await vogel.get(f"{order}/protocols"))
    early = await vogel.get(f"{order}/protocols/acceptance_protocol")
    await vogel.post(f"{order}/commands", json={"type": "accept"})
    after = body(await vogel.get(f"{order}/protocols"))

    assert [(one["kind"], one["step"]) for one in before] == [("time_sheet", "work")]
    assert (early.status_code, body(early)["errors"][0]["code"]) == (HTTPStatus.CONFLICT, "nothing_to_certify")
    assert [one["kind"] for one in after] == ["time_sheet", "acceptance_protocol"]


@pytest.mark.parametrize(
    ("kind", "step", "named"),
    [("time_sheet", "work", "Zeitnachweis"), ("acceptance_protocol", "acceptance", "Abnahmeprotokoll")],
)
async def test_a_paper_of_work_is_the_same_for_both_sides_and_is_filed_once_at_its_step(
    house: House, kind: str, step: str, named: str
) -> None:
    order = await worked(house)
    desk = await house.coordinator()
    vogel = await house.caller(Role.REQUESTER, "p-vogel", "adler")
    await until(lambda: desk.get(order), lambda sheet: body(sheet)["state"] == "completed")
    where, said = f"{order}/protocols/{kind}", {"lang": "de"}

    ours, theirs = [await caller.get(where, params=said) for caller in (desk, vogel)]
    filed = [await desk.post(where, params=said) for _ in range(2)]
    listed = body(await vogel.get(f"{order}/papers"))
    kept = await vogel.get(f"{order}/papers/{body(filed[0])['digest']}")

    assert [answer.status_code for answer in filed] == [HTTPStatus.CREATED] * 2, filed[0].text
    assert ours.content == theirs.content == kept.content
    assert ours.content.startswith(b"%PDF-")
    assert body(filed[0])["digest"] == sha256(ours.content).hexdigest()
    assert [(one["kind"], one["step"], one["reason"]) for one in listed] == [("document", step, named)]


async def test_a_paper_of_work_is_filed_while_the_order_goes_on(house: House) -> None:
    order = await worked(house, accepted=False)
    lang = await house.caller(Role.TECHNICIAN, "p-lang")

    filed = await lang.post(f"{order}/protocols/time_sheet")
    sheet = body(await lang.get(order))

    assert filed.status_code == HTTPStatus.CREATED, filed.text
    assert [(one["digest"], one["step"]) for one in sheet["papers"]] == [(body(filed)["digest"], "work")]


async def test_nobody_sees_hours_of_another_customers_order(house: House) -> None:
    order = await worked(house)
    await house.second_customer()
    stranger = await house.caller(Role.COORDINATOR, "p-koch", "falke")

    answers = [await stranger.get(f"{order}/protocols{rest}") for rest in ("", "/time_sheet", "/acceptance_protocol")]

    assert [answer.status_code for answer in answers] == [HTTPStatus.NOT_FOUND] * 3
