"""Vendors in orders over HTTP: asked by name, heard, kept from other customers, and contracts that ask nobody."""

from http import HTTPStatus
from typing import Any

import httpx2
import pytest

from domain.people import Role
from tests.api.house import House, body
from tests.api.test_certificates import AGREED, confirming, erased, held, recycler
from tests.api.test_vendors import CHICAGO, DIRECTORY, VENDORS, codes, rows, sdm, uc
from tests.patience import until

OFFERED = {"dispose": {"set": {"handover": {"offered": True}}}}
# Longer than any incident may take: that is no promise for those.
TAKING = uc(work="disposal", calendar={"zone": CHICAGO["zone"], "always": True}, resolution_minutes=20_000)


async def asked(house: House, *certificates: dict[str, Any], **changes: object) -> str:
    """An order whose goods are offered to the one recycler whom the directory names."""
    boss = await sdm(house)
    lindner = recycler(*certificates, contracts=[TAKING], name="Lindner Recycling")
    for address, sent in ((f"{VENDORS}/lindner", lindner), (DIRECTORY, rows({"vendor": "lindner"}))):
        saved = await boss.put(address, json=sent)
        assert saved.status_code == HTTPStatus.OK, saved.text
    return await erased(house, chains=OFFERED, **changes)


async def with_job(caller: httpx2.AsyncClient, order: str, status: str) -> dict[str, Any]:
    """The sheet, once the last job has come so far."""

    async def sheet() -> dict[str, Any]:
        found: dict[str, Any] = body(await caller.get(order))
        return found

    return await until(sheet, lambda sheet: [job["status"] for job in sheet["jobs"]][-1:] == [status])


async def test_goods_go_to_the_vendor_that_has_accepted(house: House) -> None:
    order = await asked(house, held())
    koch, lang = await house.coordinator(), await house.caller(Role.TECHNICIAN, "p-lang")
    wolf = await house.caller(Role.TECHNICIAN, "p-wolf")
    offered = await with_job(koch, order, "offered")

    too_soon = await lang.post(f"{order}/commands", json=confirming("giver"))
    accepted = await koch.post(
        f"{order}/commands", json={"type": "report_vendor", "status": "accepted", "ticket": "LR-7"}
    )
    again = await koch.post(f"{order}/commands", json={"type": "report_vendor", "status": "accepted"})
    given = await lang.post(f"{order}/commands", json=confirming("giver"))
    taken = await wolf.post(f"{order}/commands", json=confirming("taker"))
    sheet = body(await koch.get(order))

    assert [one["command"] for one in offered["awaiting"]] == ["report_vendor"]
    assert codes(too_soon) == [("nobody_has_accepted", "/vendor")]
    assert [answer.status_code for answer in (accepted, given, taken)] == [HTTPStatus.OK] * 3, taken.text
    assert [code for code, _ in codes(again)] == ["no_such_job"]
    (job,) = sheet["jobs"]
    assert (job["terms"]["vendor"], job["ticket"]) == ("lindner", "LR-7")
    assert [stint["holder"] for stint in sheet["stints"]] == ["coordinator", "lindner", "coordinator"]
    assert [one["vendor"] for one in sheet["custodians"]] == ["lindner"]


async def test_customers_see_who_has_accepted_and_not_whom_we_ask(house: House) -> None:
    order = await asked(house, held())
    koch, vogel = await house.coordinator(), await house.caller(Role.REQUESTER, "p-vogel", "adler")
    await with_job(koch, order, "offered")

    before = body(await vogel.get(order))
    steered = [
        await vogel.post(f"{order}/commands", json=said)
        for said in ({"type": "dispatch"}, {"type": "report_vendor", "status": "accepted"})
    ]
    await koch.post(f"{order}/commands", json={"type": "report_vendor", "status": "accepted"})
    after = body(await vogel.get(order))
    timeline = {event["what"] for event in body(await vogel.get(f"{order}/timeline"))}

    assert before["jobs"] == []
    assert [answer.status_code for answer in steered] == [HTTPStatus.FORBIDDEN] * 2
    assert [(job["wanted"], job["terms"]) for job in after["jobs"]] == [("lindner", None)]
    assert not {clock["type"] for clock in after["clocks"]} - {"SLA"}
    assert not timeline & {"vendor_asked", "report_vendor", "dispatch"}


async def test_another_customers_vendor_is_not_asked(house: House) -> None:
    await house.second_customer()
    boss = await sdm(house)
    falkes = recycler(held(), id="house", customer="falke", contracts=[TAKING])
    await boss.put(f"{VENDORS}/house", json=falkes)
    # Without a certificate the only one of the directory may not take it: nobody is left.
    order = await asked(house)
    koch = await house.coordinator()
    stuck = await with_job(koch, order, "nobody")

    theirs = await koch.post(f"{order}/commands", json={"type": "dispatch", "vendor": "house"})
    nobodys = await koch.post(f"{order}/commands", json={"type": "dispatch", "vendor": "nobody"})
    uncertified = await koch.post(f"{order}/commands", json={"type": "dispatch", "vendor": "lindner"})
    elsewhere = await koch.post(f"{order}/commands", json={"type": "dispatch", "step": "erasure"})
    sheet = body(await koch.get(order))

    assert [codes(answer) for answer in (theirs, nobodys, uncertified)] == [
        [("vendor_unknown", "/vendor")],
        [("vendor_unknown", "/vendor")],
        [("custodian_uncertified", "/vendor")],
    ]
    assert elsewhere.status_code == HTTPStatus.CONFLICT
    assert sheet["jobs"] == stuck["jobs"]
    handover = next(step for step in sheet["steps"] if step["id"] == "handover")
    assert (handover["status"], handover["problem"]["code"]) == ("stuck", "no_vendor_left")
    assert "dispatch" in [one["command"] for one in sheet["awaiting"]]


@pytest.mark.parametrize(
    ("chains", "problems"),
    [
        pytest.param(
            {"change": {"add": [{"step": {"type": "vendor_dispatch", "id": "cabling", "after": ["appointment"]}}]}},
            [("step_vendor_missing", "/chains/change/cabling/vendor")],
            id="nobody is named and nobody asked",
        ),
        pytest.param(
            {
                "change": {
                    "add": [
                        {
                            "step": {
                                "type": "vendor_dispatch",
                                "id": "cabling",
                                "after": ["appointment"],
                                "vendor": "nobody",
                                "offered": True,
                            }
                        }
                    ]
                }
            },
            [("vendor_unknown", "/chains/change/cabling/vendor")],
            id="whom nobody knows is asked",
        ),
    ],
)
async def test_a_contract_that_would_ask_nobody_is_refused(
    cut_off: House, chains: dict[str, Any], problems: list[tuple[str, str]]
) -> None:
    boss = await sdm(cut_off)

    refused = await boss.put(AGREED, json=body(await boss.get(AGREED)) | {"matrix": None, "chains": chains})

    assert (refused.status_code, codes(refused)) == (HTTPStatus.UNPROCESSABLE_ENTITY, problems)


async def test_who_takes_old_devices_is_not_asked_for_repairs(cut_off: House) -> None:
    boss = await sdm(cut_off)
    for name, contract in (("lindner", TAKING), ("dakota", uc())):
        await boss.put(f"{VENDORS}/{name}", json=recycler(id=name, contracts=[contract]))
    saved = await boss.put(DIRECTORY, json=rows({"vendor": "lindner"}, {"vendor": "dakota"}))

    found = [
        [one["vendor"] for one in body(await boss.get(f"{DIRECTORY}/responsible", params=query))]
        for query in ({}, {"work": "disposal"}, {"work": "transport"})
    ]
    unknown = await boss.get(f"{DIRECTORY}/responsible", params={"work": "flying"})

    assert saved.status_code == HTTPStatus.OK, saved.text
    assert found == [["dakota"], ["lindner"], []]
    assert unknown.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
