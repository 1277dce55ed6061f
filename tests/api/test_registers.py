"""Customers, sites, people and contracts: saved whole or refused with every reason."""

from http import HTTPStatus
from typing import Any

import pytest

from domain.people import Role
from tests.api.house import INSTALL, ORDERS, House, body
from tests.world import CONTRACT, DESK, HQ

API = "/api/v1"


def contract(**changes: object) -> dict[str, Any]:
    """The world's, but only for orders: incidents ask for a rota as well."""
    written: dict[str, Any] = CONTRACT.but(matrix=None).model_dump(mode="json")
    return written | changes


async def test_a_contract_gets_a_version_only_when_it_changes(cut_off: House) -> None:
    sdm = await cut_off.caller(Role.SDM, "p-sommer")
    path = f"{API}/contracts/adler-2026"

    versions = [
        body(await sdm.put(path, json=sent))["version"]
        for sent in (contract(), contract(name="New name"), contract(name="New name"), contract(version=99))
    ]
    kept = await sdm.get(path)

    assert versions == [2, 3, 3, 4]
    assert (body(kept)["version"], body(kept)["name"]) == (4, CONTRACT.name)


async def test_a_new_version_does_not_touch_orders_accepted_before(house: House) -> None:
    desk, sdm = await house.coordinator(), await house.caller(Role.SDM, "p-sommer")
    placed = await desk.post(ORDERS, json=INSTALL, headers={"Idempotency-Key": "a"})
    await sdm.put(f"{API}/contracts/adler-2026", json=contract(requesters=["p-huber"]))

    again = await desk.post(ORDERS, json=INSTALL, headers={"Idempotency-Key": "a"})
    new = await desk.post(ORDERS, json=INSTALL)

    assert (again.status_code, body(again)["contract_version"]) == (HTTPStatus.ACCEPTED, 1)
    assert (again.headers["Location"], new.status_code) == (placed.headers["Location"], 422)


async def test_a_promised_chain_can_be_seen_before_anything_starts(cut_off: House) -> None:
    sdm = await cut_off.caller(Role.SDM, "p-sommer")
    tailored = {"install": {"drop": ["acceptance"]}}
    await sdm.put(f"{API}/contracts/adler-2026", json=contract(chains=tailored))

    chain = await sdm.get(f"{API}/contracts/adler-2026/chains/install")

    assert "acceptance" not in [step["id"] for step in body(chain)["steps"]]


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        pytest.param({"id": "other"}, "/id", id="under another id"),
        pytest.param({"valid_until": "2019-01-01"}, "/valid_until", id="that ends before it begins"),
        pytest.param({"calendar": {"zone": "Mars/Base", "always": True}}, "/calendar/zone", id="on Mars"),
        pytest.param(
            {"calendar": {"zone": "UTC", "always": True, "region": "DE-XX"}}, "/calendar/region", id="of no region"
        ),
        pytest.param(
            {"calendar": {"zone": "UTC", "weekly": {"mon": [["25:00", "26:00"]]}}},
            "/calendar/weekly/mon/0/0",
            id="after midnight's end",
        ),
        pytest.param({"prices": {"flat": {"install": -1}}}, "/prices/flat/install", id="with a negative price"),
        pytest.param({"team": {"king": ["p-koch"]}}, "/team/king", id="with a role nobody knows"),
        pytest.param(
            {
                "calendar": {"zone": "UTC", "weekly": {"mon": [["08:00", "09:00"]]}},
                "targets": {"install": 525_600},
            },
            "/targets/install",
            id="with a promise for the next century",
        ),
        pytest.param(
            {"ladder": [{"at": {"percent": 100}, "tell": ["sdm"], "every_minutes": 525_600, "times": 50}]},
            "/ladder/0",
            id="with reminders for the next generation",
        ),
        pytest.param({"targets": {"install": 10**30}}, "/targets/install", id="with an endless target"),
        pytest.param({"customer": "nobody"}, "/customer", id="for nobody"),
        pytest.param({"calendar": {"zone": "UTC", "always": True, "note": "\0"}}, "/calendar/note", id="with a NUL"),
    ],
)
async def test_a_wrong_contract_is_not_saved(cut_off: House, changes: dict[str, object], at: str) -> None:
    sdm = await cut_off.caller(Role.SDM, "p-sommer")

    answer = await sdm.put(f"{API}/contracts/adler-2026", json=contract(**changes))
    kept = await sdm.get(f"{API}/contracts/adler-2026")

    assert 400 <= answer.status_code < 500
    assert at in {fault["at"] for fault in body(answer)["errors"]}
    assert body(kept) == CONTRACT.model_dump(mode="json")


async def test_an_impossible_chain_is_refused_with_every_problem(cut_off: House) -> None:
    sdm = await cut_off.caller(Role.SDM, "p-sommer")
    chains = {"dispose": {"drop": ["erasure", "asset_update"]}, "move": {"reorder": {"approval": ["charge"]}}}

    answer = await sdm.put(f"{API}/contracts/adler-2026", json=contract(chains=chains))

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    codes = [fault["code"] for fault in body(answer)["errors"]]
    assert codes == ["step_missing", "step_missing", "erasure_too_late", "chain_cycle"]


async def test_sites_and_people_are_saved_under_a_customer_that_exists(cut_off: House) -> None:
    desk = await cut_off.coordinator()
    site = HQ.model_dump(mode="json") | {"id": "adler-2"}
    person = {"id": "p-neu", "name": "Nina Neu", "email": "nina@adler.example", "customer": "adler"}

    saved = [
        await desk.put(f"{API}/sites/adler-2", json=site),
        await desk.put(f"{API}/people/p-neu", json=person),
        await desk.put(f"{API}/people/p-own", json=person | {"id": "p-own", "customer": None}),
        await desk.put(f"{API}/sites/adler-2", json=site | {"customer": "nobody"}),
        await desk.put(f"{API}/people/p-neu", json=person | {"customer": "nobody"}),
        await desk.put(f"{API}/people/p-neu", json=person | {"customer": None}),
    ]

    assert [answer.status_code for answer in saved] == [200, 200, 200, 404, 404, 409]
    assert body(await desk.get(f"{API}/sites/adler-2")) == site
    assert body(await desk.get(f"{API}/people/p-neu"))["name"] == "Nina Neu"


async def test_a_new_customer_can_be_set_up_through_the_api(house: House) -> None:
    admin = await house.caller(Role.ADMIN)
    site = HQ.model_dump(mode="json") | {"id": "falke-hq", "customer": "falke"}
    place = DESK.but(site="falke-hq").model_dump(mode="json")
    wanted = {"assets": [], "wanted": [{"model": "T14"}]}
    asked = INSTALL | {"contract": "falke-2026", "site": "falke-hq", "target": place} | wanted

    anna = {"id": "f-anna", "name": "Anna Falk", "email": "anna@falke.example", "customer": "falke"}
    people = {"requesters": ["f-anna"], "approvers": ["f-anna"]}

    saved = [
        await admin.put(f"{API}/customers/falke", json={"id": "falke", "name": "Falke"}),
        await admin.put(f"{API}/sites/falke-hq", json=site),
        await admin.put(f"{API}/people/f-anna", json=anna),
        await admin.put(f"{API}/contracts/falke-2026", json=contract(id="falke-2026", customer="falke", **people)),
        await admin.post(ORDERS, json=asked | {"requester": "f-anna"}),
    ]

    assert [answer.status_code for answer in saved] == [200, 200, 200, 200, 202]
    assert body(saved[-1])["customer"] == "falke"


async def test_a_contract_names_only_its_customers_people_and_the_providers(cut_off: House) -> None:
    admin = await cut_off.caller(Role.ADMIN)
    await admin.put(f"{API}/customers/falke", json={"id": "falke", "name": "Falke"})
    anna = {"id": "f-anna", "name": "Anna Falk", "email": "anna@falke.example", "customer": "falke"}
    await admin.put(f"{API}/people/f-anna", json=anna)

    answer = await admin.put(f"{API}/contracts/adler-2026", json=contract(approvers=["p-huber", "f-anna", "nobody"]))

    assert answer.status_code == 422
    assert [(fault["code"], fault["at"]) for fault in body(answer)["errors"]] == [
        ("person_unknown", "/approvers/1"),
        ("person_unknown", "/approvers/2"),
    ]
