"""The communications matrix over HTTP, and that neither a contract nor a rota is saved that cannot keep it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from domain.contracts.customers import Customer
from domain.contracts.matrix import Way
from domain.people import Person, Role
from domain.priorities import Priority
from tests.api.house import House, body
from tests.domain.contracts.promise_samples import INCIDENTS, ROTA, with_cell

API = "/api/v1"
ADLER = f"{API}/contracts/adler-2026"
NIGHT = f"{API}/rotas/night"
NOW = datetime.now(UTC)
TOMORROW = (NOW + timedelta(days=1)).isoformat()
DAY_AFTER = (NOW + timedelta(days=2)).isoformat()
# Whenever the test runs, Eva Koch cannot be primary and backup at once.
CLASH = {"layer": "backup", "person": "p-koch", "start": TOMORROW, "end": DAY_AFTER}
INCIDENT_CONTRACT: dict[str, Any] = INCIDENTS.model_dump(mode="json")
ON_CALL: dict[str, Any] = ROTA.model_dump(mode="json")
# By itself it asks for nobody while they clash.
SELDOM = {"zone": "UTC", "weekly": {f"{NOW + timedelta(days=4):%a}".lower(): [["08:00", "09:00"]]}}


def codes(answer: httpx2.Response) -> list[tuple[str, str]]:
    return [(error["code"], error["at"]) for error in body(answer)["errors"]]


async def sdm(house: House) -> httpx2.AsyncClient:
    """Ida Sommer, with a rota and a contract under which incidents are looked after."""
    caller = await house.caller(Role.SDM, "p-sommer")
    for path, sent in ((NIGHT, ON_CALL), (ADLER, INCIDENT_CONTRACT)):
        saved = await caller.put(path, json=sent)
        assert saved.status_code == 200, saved.text
    return caller


async def test_the_matrix_is_read_as_data_as_a_page_and_as_a_pdf(cut_off: House) -> None:
    caller = await sdm(cut_off)
    technician = await cut_off.caller(Role.TECHNICIAN, "p-lang")
    german = {"Accept-Language": "de"}

    sheet = body(await technician.get(f"{ADLER}/matrix"))
    page = await technician.get(f"{ADLER}/matrix.html", headers=german)
    english = await caller.get(f"{ADLER}/matrix.html", params={"lang": "en"}, headers=german)
    printed = [await caller.get(f"{ADLER}/matrix.pdf", params={"lang": "de"}) for _ in range(2)]

    assert (sheet["version"], sheet["customer"]) == (2, "Adler Maschinenbau")
    assert {"role": "sdm", "name": "Ida Sommer", "email": "ida.sommer@provider.example"} in sheet["people"]
    assert (page.headers["Content-Language"], "Kommunikationsmatrix" in page.text) == ("de", True)
    assert (english.headers["Content-Language"], "Communications matrix" in english.text) == ("en", True)
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src")
    assert printed[0].content == printed[1].content
    assert printed[0].content.startswith(b"%PDF-")
    assert 'filename="matrix-adler-2026-2-de.pdf"' in printed[0].headers["Content-Disposition"]


async def test_older_versions_are_still_to_be_had(cut_off: House) -> None:
    caller = await sdm(cut_off)
    await caller.put(ADLER, json=INCIDENT_CONTRACT | {"matrix": None})

    answers = [await caller.get(f"{ADLER}/matrix", params={"version": version}) for version in (1, 2, 3, 9)]

    assert [body(answer)["matrix"]["phone"] for answer in answers[:2]] == [None, "+49 30 23125 110"]
    assert [(answer.status_code, *codes(answer)) for answer in answers[2:]] == [
        (404, ("matrix_missing", "")),
        (404, ("contract_version_unknown", "/query/version")),
    ]


async def test_another_customers_matrix_does_not_exist(cut_off: House) -> None:
    await sdm(cut_off)
    await cut_off.second_customer()
    falke, adler = [await cut_off.caller(Role.REQUESTER, "p-vogel", customer) for customer in ("falke", "adler")]

    hidden = [await falke.get(f"{ADLER}/matrix{form}") for form in ("", ".html", ".pdf")]
    shown = await adler.get(f"{ADLER}/matrix")

    assert [answer.status_code for answer in (*hidden, shown)] == [404, 404, 404, 200]


async def test_a_contract_that_cannot_keep_its_promise_is_refused_with_every_reason(cut_off: House) -> None:
    caller = await sdm(cut_off)
    late = with_cell(Priority.BLOCKER, by_night=True, response_minutes=45, report_by=(Way.MAIL,))
    sent = late.model_dump(mode="json") | {"approvers": ["nobody"], "valid_until": "2019-01-01"}
    sent["paging"] |= {"rota": "none"}
    sent["ladder"] = [{"clock": "response", "at": {"percent": 50}, "tell": ["sdm"], "channels": ["mail", "pager"]}]

    answer = await caller.put(ADLER, json=sent, headers={"Accept-Language": "de"})

    blocker = "/matrix/rows/blocker/out_of_hours"
    assert (answer.status_code, set(codes(answer))) == (
        422,
        {
            ("validity_reversed", "/valid_until"),
            ("way_without_address", f"{blocker}/report_by/0"),
            ("paging_too_slow", f"{blocker}/response_minutes"),
            ("channel_unknown", "/ladder/0/channels/1"),
            ("person_unknown", "/approvers/0"),
            ("rota_unknown", "/paging/rota"),
        },
    )
    assert (
        "Blocker, außerhalb der Servicezeit: Der letzte Schritt der Alarmierung kommt nach 50 Minuten. Das muss vor "
        "Ablauf der Reaktionszeit sein (45 Minuten)."
    ) in answer.text


@pytest.mark.parametrize(
    ("rota", "found"),
    [
        pytest.param({"customer": "falke"}, {("rota_unknown", "/paging/rota")}, id="of another customer"),
        pytest.param(
            {"coverage": SELDOM, "overrides": [CLASH]},
            {("paging_gap", "/paging/rota")},
            id="with a gap where the contract pages",
        ),
    ],
)
async def test_a_contract_does_not_page_by_a_rota(
    cut_off: House, rota: dict[str, Any], found: set[tuple[str, str]]
) -> None:
    caller = await cut_off.caller(Role.SDM, "p-sommer")
    await cut_off.second_customer()
    saved = await caller.put(NIGHT, json=ON_CALL | rota)
    always = with_cell(Priority.MINOR, first="on_call").model_dump(mode="json")

    answer = await caller.put(ADLER, json=always)

    assert (saved.status_code, answer.status_code, set(codes(answer))) == (200, 422, found)


async def test_a_rota_does_not_leave_a_contract_without_two_people(cut_off: House) -> None:
    caller = await sdm(cut_off)
    always = with_cell(Priority.MINOR, first="on_call").model_dump(mode="json")
    assert (await caller.put(ADLER, json=always)).status_code == 200
    seldom = ON_CALL | {"coverage": SELDOM}

    fewer_hours = await caller.put(NIGHT, json=seldom)
    saved = await caller.put(NIGHT, json=seldom | {"overrides": [CLASH]})
    stand_in = await caller.post(f"{NIGHT}/overrides", json=CLASH)

    assert fewer_hours.status_code == 200
    assert [(answer.status_code, set(codes(answer))) for answer in (saved, stand_in)] == [
        (422, {("paging_gap", "/backup")})
    ] * 2
    assert "Contract adler-2026 pages by this rota" in stand_in.text


FILE: dict[str, Any] = {
    "customer": Customer(id="falke", name="Falke Logistik").model_dump(mode="json"),
    "people": [Person(id="f-anna", name="Anna Falk", email="a@falke.example", customer="falke").model_dump()],
    "rotas": [ON_CALL],
    "contracts": [
        INCIDENT_CONTRACT | {"id": "falke-2026", "customer": "falke", "requesters": ["f-anna"], "approvers": ["f-anna"]}
    ],
}


async def test_a_whole_file_is_checked_and_nothing_of_it_is_kept(cut_off: House) -> None:
    caller = await cut_off.caller(Role.SDM, "p-sommer")
    wrong_rota = FILE | {"rotas": [ON_CALL | {"owner": "nobody"}], "customer": None}
    (contract,) = FILE["contracts"]

    well = await caller.post(f"{API}/contract-checks", json=FILE)
    wrong = await caller.post(
        f"{API}/contract-checks",
        json=FILE | {"rotas": [ON_CALL | {"owner": "nobody"}], "contracts": [contract | {"approvers": ["p-huber"]}]},
    )
    nobodys = await caller.post(f"{API}/contract-checks", json=wrong_rota)
    listed = [body(await caller.get(f"{API}/{noun}")) for noun in ("customers", "rotas", "contracts")]

    assert (well.status_code, well.content) == (204, b"")
    assert codes(wrong) == [("person_unknown", "/rotas/0/owner"), ("person_unknown", "/contracts/0/approvers/0")]
    assert codes(nobodys) == [("customer_unknown", "/people/0/customer")]
    assert [[kept["id"] for kept in nouns] for nouns in listed] == [["adler"], [], ["adler-2026"]]
