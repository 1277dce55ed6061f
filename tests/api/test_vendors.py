"""Vendors and the directory over HTTP: saved whole or refused with every reason, and whom each customer sees."""

from typing import Any

import httpx2
import pytest

from domain.people import Role
from tests.api.house import House, body

VENDORS, DIRECTORY = "/api/v1/vendors", "/api/v1/directory"
WEEKLY = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
CHICAGO = {"zone": "America/Chicago", "weekly": WEEKLY}


def uc(**changes: object) -> dict[str, Any]:
    usual = {"id": "uc-1", "calendar": CHICAGO, "response_minutes": 60, "resolution_minutes": 480}
    return usual | {"account_no": "NL-7", "valid_from": "2026-01-01"} | changes


def vendor(name: str = "dakota", **changes: object) -> dict[str, Any]:
    return {"id": name, "name": "Dakota Server Care", "people": ["p-wolf"], "contracts": [uc()]} | changes


def rows(*written: dict[str, str], customer: str | None = None) -> dict[str, Any]:
    return {"customer": customer, "rows": list(written)}


def codes(answer: httpx2.Response) -> list[tuple[str, str]]:
    return [(error["code"], error["at"]) for error in body(answer)["errors"]]


async def sdm(house: House) -> httpx2.AsyncClient:
    return await house.caller(Role.SDM, "p-sommer")


async def test_vendors_and_directories_get_a_version_only_when_they_change(cut_off: House) -> None:
    caller = await sdm(cut_off)

    vendors = [
        body(await caller.put(f"{VENDORS}/dakota", json=sent))["version"]
        for sent in (vendor(), vendor(), vendor(version=7), vendor(phone="+1 605 555 0142"))
    ]
    written = rows({"vendor": "dakota"})
    directories = [
        body(await caller.put(DIRECTORY, json=sent))["version"]
        for sent in (written, written, rows({"vendor": "dakota"}, customer="adler"), rows())
    ]

    assert vendors == [1, 1, 1, 2]
    assert directories == [1, 1, 1, 2]
    assert [kept["version"] for kept in body(await caller.get(VENDORS))] == [2]
    assert [(body(await caller.get(DIRECTORY, params=asked))["version"]) for asked in ({}, {"customer": "adler"})] == [
        2,
        1,
    ]


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        pytest.param(vendor("other"), {("id_differs", "/id")}, id="under another id"),
        pytest.param(vendor(customer="nobody"), {("customer_unknown", "/customer")}, id="of an unknown customer"),
        pytest.param(
            vendor(contracts=[uc(calendar={"zone": "UTC", "weekly": {}})]),
            {("calendar_never_opens", "/contracts/0/calendar")},
            id="that never opens",
        ),
        pytest.param(
            vendor(contracts=[uc(response_minutes=0)], people=[]),
            {("greater_than", "/contracts/0/response_minutes"), ("too_short", "/people")},
            id="that cannot be read",
        ),
        pytest.param(
            vendor(
                people=["p-gone", "p-vogel"],
                contracts=[
                    uc(calendar=CHICAGO | {"region": "US-XX"}, response_minutes=500),
                    uc(calendar={"zone": "UTC", "weekly": {"mon": [["09:00", "09:30"]]}}, resolution_minutes=525_600),
                    uc(id="old", valid_until="2026-03-01", certificates=[{"kind": "ISO", "valid_until": "2026-02-01"}]),
                    uc(id="new", certificates=[{"kind": "ISO", "valid_until": "2026-02-01"}]),
                ],
            ),
            {
                ("person_unknown", "/people/0"),
                ("person_unknown", "/people/1"),
                ("uc_targets_reversed", "/contracts/0/response_minutes"),
                ("region_unknown", "/contracts/0/calendar/region"),
                ("uc_twice", "/contracts/1/id"),
                ("target_unreachable", "/contracts/1/resolution_minutes"),
                ("vendor_resolution_too_long", "/contracts/1/resolution_minutes"),
                ("certificate_expired", "/contracts/3/certificates/0/valid_until"),
            },
            id="with all that can be wrong",
        ),
        pytest.param(vendor(contracts=[uc(valid_until="2026-03-01")]), {("uc_expired", "/contracts")}, id="expired"),
    ],
)
async def test_a_vendor_is_refused(cut_off: House, sent: dict[str, Any], found: set[tuple[str, str]]) -> None:
    caller = await sdm(cut_off)

    answer = await caller.put(f"{VENDORS}/dakota", json=sent)

    assert answer.status_code in (404, 422)
    assert set(codes(answer)) == found
    assert body(await caller.get(VENDORS)) == []


async def test_a_directory_is_refused_with_everything_that_is_wrong(cut_off: House) -> None:
    caller = await sdm(cut_off)
    await caller.put(f"{VENDORS}/dakota", json=vendor())
    wrong = rows({"vendor": "dakota", "site": "mars"}, {"vendor": "gone"}, {"vendor": "gone"}, customer="adler")

    answer = await caller.put(DIRECTORY, json=wrong, headers={"Accept-Language": "de"})

    assert codes(answer) == [
        ("row_twice", "/rows/2"),
        ("site_unknown", "/rows/0/site"),
        ("vendor_unknown", "/rows/1/vendor"),
        ("vendor_unknown", "/rows/2/vendor"),
    ]
    assert body(answer)["errors"][0]["message"] == "Diese Zeile sagt dasselbe wie Zeile 2."
    assert body(await caller.get(DIRECTORY, params={"customer": "adler"})) == {
        "customer": "adler",
        "version": 0,
        "rows": [],
    }


async def test_a_contract_that_the_directory_names_stays(cut_off: House) -> None:
    caller = await sdm(cut_off)
    await caller.put(f"{VENDORS}/dakota", json=vendor())
    await caller.put(DIRECTORY, json=rows({"vendor": "dakota", "contract": "uc-1"}))

    answer = await caller.put(f"{VENDORS}/dakota", json=vendor(contracts=[uc(id="uc-2")]))

    assert (answer.status_code, codes(answer)) == (422, [("uc_in_directory", "/contracts")])


async def test_who_is_responsible_and_by_when(cut_off: House) -> None:
    caller = await sdm(cut_off)
    for name in ("dakota", "house"):
        await caller.put(f"{VENDORS}/{name}", json=vendor(name))
    await caller.put(DIRECTORY, json=rows({"vendor": "house"}, {"vendor": "dakota", "manufacturer": "Dell"}))
    await caller.put(DIRECTORY, json=rows({"vendor": "house", "site": "adler-hq"}, customer="adler"))

    asked: list[dict[str, str]] = [
        {"manufacturer": "dell", "product_class": "Server"},
        {"manufacturer": "dell", "site": "adler-hq"},
        {"customer": "adler"},
    ]
    answers = [body(await caller.get(f"{DIRECTORY}/responsible", params=params)) for params in asked]

    assert [[one["vendor"] for one in answer] for answer in answers] == [
        ["dakota", "house"],
        ["house", "dakota"],
        ["house"],
    ]
    first = answers[0][0]
    assert (first["contract"], first["account_no"], first["zone"]) == ("uc-1", "NL-7", "America/Chicago")
    assert first["respond_by"] < first["resolve_by"]


async def test_nobody_sees_another_customers_vendors(cut_off: House) -> None:
    await cut_off.second_customer()
    everywhere, falkes = await sdm(cut_off), await cut_off.caller(Role.COORDINATOR, "p-koch", "falke")
    await everywhere.put(f"{VENDORS}/dakota", json=vendor())
    await everywhere.put(f"{VENDORS}/house", json=vendor("house", customer="adler"))
    await everywhere.put(DIRECTORY, json=rows({"vendor": "house"}, customer="adler"))

    assert [kept["id"] for kept in body(await falkes.get(VENDORS))] == ["dakota"]
    for refused, code in (
        (await falkes.get(f"{VENDORS}/house"), "vendor_unknown"),
        (await falkes.get(DIRECTORY, params={"customer": "adler"}), "customer_unknown"),
        (await falkes.get(f"{DIRECTORY}/responsible", params={"site": "adler-hq"}), "site_unknown"),
        (await falkes.get(f"{DIRECTORY}/responsible", params={"customer": "adler"}), "customer_unknown"),
        (await falkes.put(DIRECTORY, json=rows()), "customer_unknown"),
        (await falkes.put(f"{VENDORS}/new", json=vendor("new")), "customer_unknown"),
    ):
        assert (refused.status_code, codes(refused)[0][0]) == (404, code)
    own = await falkes.put(DIRECTORY, json=rows({"vendor": "house"}, customer="falke"))
    taken = [await falkes.put(f"{VENDORS}/{name}", json=vendor(name, customer="falke")) for name in ("house", "dakota")]
    assert (own.status_code, codes(own)) == (422, [("vendor_unknown", "/rows/0/vendor")])
    assert [(answer.status_code, codes(answer)) for answer in taken] == [(409, [("name_taken", "/id")])] * 2


@pytest.mark.parametrize("role", [Role.REQUESTER, Role.APPROVER, Role.CONTACT, Role.VENDOR])
async def test_what_vendors_have_promised_is_the_providers_affair(cut_off: House, role: Role) -> None:
    caller = await cut_off.caller(role, "p-vogel", "adler")

    assert [(await caller.get(path)).status_code for path in (VENDORS, DIRECTORY, f"{DIRECTORY}/responsible")] == [
        403
    ] * 3
