"""Vendors in orders over HTTP: asked by name, heard, kept from other customers, and contracts that ask nobody."""

import asyncio
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import httpx2
import pytest

from domain.kinds import OrderKind
from domain.people import Role
from tests.api.house import ORDERS, House, body, write_order
from tests.api.test_certificates import AGREED, confirming, erased, held, recycler
from tests.api.test_vendors import CHICAGO, DIRECTORY, VENDORS, codes, rows, sdm, uc
from tests.patience import until
from tests.world import order as made_order
from tests.world import request

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


async def test_of_answers_that_come_at_once_one_counts_and_the_others_are_told(house: House) -> None:
    order = await asked(house, held())
    koch = await house.coordinator()
    await with_job(koch, order, "offered")
    accepting = {"type": "report_vendor", "status": "accepted"}

    answers = await asyncio.gather(
        *(koch.post(f"{order}/commands", json=accepting | {"ticket": f"LR-{n}"}) for n in range(3))
    )
    repeated = await koch.post(f"{order}/commands", json=accepting, headers={"Idempotency-Key": "once"})
    declined = await koch.post(f"{order}/commands", json={"type": "report_vendor", "status": "declined"})
    too_late = await koch.post(f"{order}/commands", json=accepting)
    sheet = await with_job(koch, order, "nobody")

    refused = [answer for answer in answers if answer.status_code == HTTPStatus.CONFLICT]
    (heard,) = (answer for answer in answers if answer.status_code == HTTPStatus.OK)
    assert [[code for code, _ in codes(answer)] for answer in (*refused, repeated)] == [["no_such_job"]] * 3
    assert declined.status_code == HTTPStatus.OK
    assert [code for code, _ in codes(too_late)] == ["no_such_job"]
    assert sheet["jobs"][0]["ticket"] == body(heard)["jobs"][0]["ticket"]
    assert [job["status"] for job in sheet["jobs"]] == ["declined", "nobody"]


async def test_what_two_offer_at_once_is_offered_once(house: House) -> None:
    order = await asked(house)
    boss, koch = await sdm(house), await house.coordinator()
    await with_job(koch, order, "nobody")
    await boss.put(f"{VENDORS}/lindner", json=recycler(held(), contracts=[TAKING], name="Lindner Recycling"))

    answers = await asyncio.gather(
        *(koch.post(f"{order}/commands", json={"type": "dispatch", "vendor": "lindner"}) for _ in range(3))
    )
    sheet = await with_job(koch, order, "offered")

    assert sorted(answer.status_code for answer in answers) == [HTTPStatus.OK, *[HTTPStatus.CONFLICT] * 2]
    assert [(job["no"], job["status"]) for job in sheet["jobs"]] == [(1, "nobody"), (2, "offered")]


async def test_a_vendors_people_answer_where_they_were_asked_and_nowhere_else(house: House) -> None:
    """A link to another's order, an answer for another vendor, a word that nobody asked for: none leaves anything."""
    await house.second_customer()
    order = await asked(house, held())
    wolf = await house.caller(Role.TECHNICIAN, "p-wolf")
    falkes = await house.caller(Role.TECHNICIAN, "p-wolf", "falke")
    requester = await house.caller(Role.REQUESTER, "p-vogel", "adler")
    before = await with_job(wolf, order, "offered")
    accepting = {"type": "report_vendor", "status": "accepted"}

    strange = [
        await caller.post(f"{order}{suffix}/commands", json=said)
        for caller, suffix, said in (
            (falkes, "", accepting),
            (wolf, "X", accepting),
            (requester, "", accepting),
            (wolf, "", {"type": "dispatch", "vendor": "lindner"}),
            (wolf, "", accepting | {"vendor": "nobody"}),
            (wolf, "", accepting | {"step": "erasure"}),
            (wolf, "", accepting | {"step": "proof"}),
            (wolf, "", {"type": "report_vendor", "status": "on_site"}),
        )
    ]
    after = body(await wolf.get(order))
    taken = await wolf.post(f"{order}/commands", json=accepting)

    assert [answer.status_code for answer in strange] == [
        HTTPStatus.NOT_FOUND,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.FORBIDDEN,
        *[HTTPStatus.CONFLICT] * 4,
    ]
    assert (after["jobs"], after["seq"]) == (before["jobs"], before["seq"])
    assert taken.status_code == HTTPStatus.OK, taken.text


@pytest.mark.parametrize(
    ("said", "places"),
    [
        pytest.param(
            {"type": "report_vendor", "status": "asleep", "ticket": "7" * 65_536, "vendor": "no vendor"},
            {"/status", "/ticket", "/vendor"},
            id="all of it wrong",
        ),
        pytest.param({"type": "report_vendor"}, {"/status"}, id="nothing said"),
        pytest.param({"type": "dispatch", "vendor": "../lindner", "step": ""}, {"/vendor", "/step"}, id="no ids"),
        pytest.param({"type": "dispatch", "vendor": ["lindner"]}, {"/vendor"}, id="several vendors"),
    ],
)
async def test_what_no_vendor_can_have_said_is_refused_with_all_that_is_wrong(
    cut_off: House, said: dict[str, Any], places: set[str]
) -> None:
    made = made_order(request(OrderKind.DISPOSE, assets=["NB-900"]), datetime.now(UTC))
    await write_order(cut_off.database, made)
    koch = await cut_off.coordinator()

    refused = await koch.post(f"{ORDERS}/{made.no}/commands", json=said)

    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert {at for _, at in codes(refused)} == places
    assert len(refused.content) < 10_000


async def test_nobody_but_the_vendors_people_signs_for_it(house: House) -> None:
    order = await asked(house, held())
    koch, lang = await house.coordinator(), await house.caller(Role.TECHNICIAN, "p-lang")
    wolf = await house.caller(Role.TECHNICIAN, "p-wolf")
    await with_job(koch, order, "offered")
    await koch.post(f"{order}/commands", json={"type": "report_vendor", "status": "accepted"})

    to_themselves = await wolf.post(f"{order}/commands", json=confirming("giver"))
    given = await lang.post(f"{order}/commands", json=confirming("giver"))
    ours = await koch.post(f"{order}/commands", json=confirming("taker"))
    # Who works there since today signs today.
    boss = await sdm(house)
    people = {"people": ["p-wolf", "p-sommer"]}
    await boss.put(f"{VENDORS}/lindner", json=recycler(held(), contracts=[TAKING], name="Lindner Recycling") | people)
    driver = await house.caller(Role.TECHNICIAN, "p-sommer")
    taken = await driver.post(f"{order}/commands", json=confirming("taker"))

    assert [codes(answer) for answer in (to_themselves, ours)] == [
        [("giver_of_vendor", "/side")],
        [("taker_not_of_vendor", "/side")],
    ]
    assert "Lindner Recycling" in body(ours)["errors"][0]["message"]
    assert (given.status_code, taken.status_code) == (HTTPStatus.OK, HTTPStatus.OK), taken.text


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
