"""Certificates of vendors: saved, listed, asked for by contracts, and looked up when goods leave."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import httpx2
import pytest

from domain.people import Role
from tests.api.house import House, body
from tests.api.test_erasures import bring, erasing
from tests.api.test_vendors import VENDORS, codes, sdm, vendor
from tests.erasure_reports import Drive, blancco
from tests.world import CONTRACT

CERTIFICATES = "/api/v1/vendor-certificates"
AGREED = f"/api/v1/contracts/{CONTRACT.id}"
SERIALS = ["SN900", "SN901", "SN902"]


def held(**changes: object) -> dict[str, Any]:
    usual = {"kind": "waste_specialist", "number": "EfB-1", "scope": "16 02 13*, 16 02 14"}
    return usual | {"valid_from": "2020-01-01", "valid_until": "2199-12-31"} | changes


def recycler(*certificates: dict[str, Any], **changes: object) -> dict[str, Any]:
    return vendor("lindner", contracts=[], certificates=list(certificates)) | changes


def confirming(side: str, **changes: object) -> dict[str, Any]:
    return {"type": "confirm_custody", "side": side, "serials": SERIALS} | changes


async def erased(house: House, **agreed: object) -> str:
    """An order whose goods may leave as far as its media are concerned, under what is agreed now."""
    boss = await sdm(house)
    contract = body(await boss.get(AGREED)) | {"matrix": None, "certificate": "waste_specialist"} | agreed
    saved = await boss.put(AGREED, json=contract)
    assert saved.status_code == HTTPStatus.OK, saved.text
    order = await erasing(house)
    await bring(await house.caller(Role.TECHNICIAN, "p-lang"), order, blancco(map(Drive, SERIALS)))
    return order


async def test_certificates_are_kept_by_version_and_listed_by_their_end(cut_off: House) -> None:
    boss = await sdm(cut_off)
    first = held(valid_until="2027-03-31")
    renewed = held(valid_from="2027-04-01", valid_until="2028-09-30")
    other = held(kind="information_security", number="ISO-7", valid_until="2026-12-31")

    await boss.put(f"{VENDORS}/lindner", json=recycler(first))
    await boss.put(f"{VENDORS}/lindner", json=recycler(renewed, first))
    await boss.put(f"{VENDORS}/dakota", json=vendor(certificates=[other]))
    listed = body(await boss.get(CERTIFICATES))
    asked = [
        body(await boss.get(CERTIFICATES, params=query))
        for query in ({"kind": "waste_specialist"}, {"ends_by": "2027-12-31"}, {"vendor": "dakota"})
    ]
    earlier = body(await boss.get(f"{VENDORS}/lindner", params={"version": 1}))
    never = await boss.get(f"{VENDORS}/lindner", params={"version": 9})

    assert [(one["vendor"], one["version"], one["certificate"]["valid_until"]) for one in listed] == [
        ("dakota", 1, "2026-12-31"),
        ("lindner", 2, "2027-03-31"),
        ("lindner", 2, "2028-09-30"),
    ]
    assert [len(found) for found in asked] == [2, 2, 1]
    assert earlier["certificates"] == [first]
    assert (never.status_code, codes(never)) == (HTTPStatus.NOT_FOUND, [("vendor_version_unknown", "/query/version")])


async def test_a_vendor_with_certificates_that_cannot_be_is_refused_with_all_of_them(cut_off: House) -> None:
    boss = await sdm(cut_off)
    wrong = (held(), held(number="efb-1"), held(number="A", valid_from="2027-01-02", valid_until="2027-01-01"))

    refused = await boss.put(f"{VENDORS}/lindner", json=recycler(*wrong))
    unread = await boss.put(
        f"{VENDORS}/lindner", json=recycler(held(kind="efb"), held(valid_until="9999-12-31"), held(number=""))
    )
    nobodys = await boss.put(f"{VENDORS}/lindner", json=recycler(held(), customer="nobody"))
    too_many = await boss.put(f"{VENDORS}/lindner", json=recycler(*(held(number=f"{n}") for n in range(51))))

    assert (refused.status_code, set(codes(refused))) == (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        {("certificate_twice", "/certificates/1/number"), ("certificate_reversed", "/certificates/2/valid_until")},
    )
    assert {at for _, at in codes(unread)} == {
        "/certificates/0/kind",
        "/certificates/1/valid_until",
        "/certificates/2/number",
    }
    assert codes(nobodys) == [("customer_unknown", "/customer")]
    assert too_many.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert body(await boss.get(CERTIFICATES)) == []


async def test_nobody_sees_another_customers_certificates(cut_off: House) -> None:
    await cut_off.second_customer()
    boss, falkes = await sdm(cut_off), await cut_off.caller(Role.COORDINATOR, "p-koch", "falke")
    await boss.put(f"{VENDORS}/lindner", json=recycler(held(), customer="adler"))
    vogel = await cut_off.caller(Role.REQUESTER, "p-vogel", "adler")

    assert body(await falkes.get(CERTIFICATES)) == []
    assert len(body(await boss.get(CERTIFICATES))) == 1
    assert (await vogel.get(CERTIFICATES)).status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize(
    ("agreed", "problems"),
    [
        pytest.param({"certificate": "efb"}, [("enum", "/certificate")], id="a kind that nobody knows"),
        pytest.param(
            {"certificate": "waste_specialist", "chains": {"dispose": {"drop": ["handover", "proof"]}}},
            [("disposed_unhanded", "/chains/dispose/asset_update")],
            id="disposed without being handed over",
        ),
        pytest.param(
            {
                "certificate": "waste_specialist",
                "chains": {"dispose": {"set": {"handover": {"leaves_control": False}}}},
            },
            [("disposed_unhanded", "/chains/dispose/asset_update")],
            id="handed over as if it stayed with us",
        ),
        pytest.param(
            {"chains": {"dispose": {"set": {"handover": {"vendor": "house"}}}}},
            [("vendor_unknown", "/chains/dispose/handover/vendor")],
            id="to another customer's vendor",
        ),
    ],
)
async def test_a_contract_that_would_let_goods_past_is_refused(
    cut_off: House, agreed: dict[str, Any], problems: list[tuple[str, str]]
) -> None:
    await cut_off.second_customer()
    boss = await sdm(cut_off)
    saved = await boss.put(f"{VENDORS}/house", json=recycler(held(), id="house", customer="falke"))
    assert saved.status_code == HTTPStatus.OK, saved.text

    refused = await boss.put(AGREED, json=body(await boss.get(AGREED)) | {"matrix": None} | agreed)

    assert (refused.status_code, codes(refused)) == (HTTPStatus.UNPROCESSABLE_ENTITY, problems)


async def test_goods_leave_to_whom_the_directory_says_at_that_moment_and_it_stays_recorded(house: House) -> None:
    boss = await sdm(house)
    await boss.put(f"{VENDORS}/lindner", json=recycler())
    order = await erased(house, chains={"dispose": {"set": {"handover": {"vendor": "lindner"}}}})
    lang = await house.caller(Role.TECHNICIAN, "p-lang")
    wolf = await house.caller(Role.TECHNICIAN, "p-wolf")
    yesterday = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()

    async def gives(**changes: object) -> httpx2.Response:
        return await lang.post(f"{order}/commands", json=confirming("giver", **changes))

    without = await gives()
    await boss.put(f"{VENDORS}/lindner", json=recycler(held(valid_until=yesterday)))
    ended = await gives()
    unknown = await gives(vendor="nobody")
    await boss.put(f"{VENDORS}/lindner", json=recycler(held()))
    given = await gives()
    taken = await wolf.post(f"{order}/commands", json=confirming("taker"))
    # What is saved later changes nothing of what was.
    await boss.put(f"{VENDORS}/lindner", json=recycler())
    sheet = body(await lang.get(order))
    paper = await lang.get(f"{order}/protocols/handover_protocol")

    assert [codes(answer) for answer in (without, ended, unknown)] == [
        [("custodian_uncertified", "/vendor")],
        [("custodian_certificate_ended", "/vendor")],
        [("vendor_unknown", "/vendor")],
    ]
    assert yesterday in body(ended)["errors"][0]["message"]
    assert (given.status_code, taken.status_code) == (HTTPStatus.OK, HTTPStatus.OK), taken.text
    (custodian,) = sheet["custodians"]
    assert (custodian["vendor"], custodian["version"]) == ("lindner", 3)
    assert custodian["certificate"]["certificate"] == held()
    assert body(await boss.get(f"{VENDORS}/lindner", params={"version": 3}))["certificates"] == [held()]
    assert paper.status_code == HTTPStatus.OK


async def test_another_customers_vendor_takes_nothing(house: House) -> None:
    await house.second_customer()
    boss = await sdm(house)
    await boss.put(f"{VENDORS}/house", json=recycler(held(), id="house", customer="falke"))
    order = await erased(house)
    lang = await house.caller(Role.TECHNICIAN, "p-lang")

    theirs = await lang.post(f"{order}/commands", json=confirming("giver", vendor="house"))
    nobody = await lang.post(f"{order}/commands", json=confirming("giver"))

    assert [codes(answer) for answer in (theirs, nobody)] == [
        [("vendor_unknown", "/vendor")],
        [("custodian_needed", "/vendor")],
    ]


async def test_what_is_doubted_is_settled_by_whoever_answers_for_it_with_what_holds_by_then(house: House) -> None:
    boss = await sdm(house)
    await boss.put(f"{VENDORS}/lindner", json=recycler(held()))
    order = await erased(house)
    lang = await house.caller(Role.TECHNICIAN, "p-lang")
    wolf = await house.caller(Role.TECHNICIAN, "p-wolf")
    settling = {"type": "settle_certificate", "finding": "replaced on the same day"}
    for caller, said in (
        (lang, confirming("giver", vendor="lindner")),
        (wolf, confirming("taker")),
        (lang, {"type": "doubt_certificate", "reason": "withdrawn"}),
    ):
        answer = await caller.post(f"{order}/commands", json=said)
        assert answer.status_code == HTTPStatus.OK, answer.text
    await boss.put(f"{VENDORS}/lindner", json=recycler(held(number="EfB-2")))
    doubted = body(await lang.get(order))
    (waits,) = body(await lang.get("/api/v1/awaited", params={"exception": "true"}))["items"]

    forbidden = await lang.post(f"{order}/commands", json=settling)
    settled = await (await house.coordinator()).post(f"{order}/commands", json=settling)
    sheet = body(await lang.get(order))

    # By a clock of its own, whatever was promised for the whole.
    assert waits["due"] == doubted["exceptions"][0]["due"]
    assert waits["due"] not in (None, doubted["deadline"])
    assert forbidden.status_code == HTTPStatus.FORBIDDEN
    assert settled.status_code == HTTPStatus.OK, settled.text
    assert [one["certificate"]["certificate"]["number"] for one in sheet["custodians"]] == ["EfB-1", "EfB-2"]
    assert [(one["reason"], one["settled_by"]) for one in sheet["exceptions"]] == [("withdrawn", "p-koch")]
