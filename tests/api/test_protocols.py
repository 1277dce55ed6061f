"""Goods on paper: made of what an order has, filed with it, and found again by the asset."""

from hashlib import sha256
from http import HTTPStatus

from domain.people import Role
from tests.api.house import House, body
from tests.api.test_waste import SERIALS, gone
from tests.patience import until


async def test_a_handover_is_put_on_paper_and_filed_at_its_step(house: House) -> None:
    order = await gone(house)
    lang = await house.caller(Role.TECHNICIAN, "p-lang")
    vogel = await house.caller(Role.REQUESTER, "p-vogel", "adler")
    where = f"{order}/protocols/handover_protocol"

    ours, theirs = [await caller.get(where, params={"lang": "de"}) for caller in (lang, vogel)]
    filed = [await lang.post(where, params={"lang": "de"}) for _ in range(2)]
    papers = body(await lang.get(f"{order}/papers"))
    kept = await lang.get(f"{order}/papers/{body(filed[0])['digest']}")

    assert ours.content == theirs.content == kept.content
    assert ours.content.startswith(b"%PDF-")
    assert [answer.status_code for answer in filed] == [HTTPStatus.CREATED] * 2
    assert [(one["kind"], one["step"], one["reason"]) for one in papers if one["kind"] == "document"] == [
        ("document", "handover", "Übergabeprotokoll")
    ]
    assert body(filed[0])["digest"] == sha256(ours.content).hexdigest()


async def test_a_certificate_is_for_the_lot_or_for_one_serial(house: House) -> None:
    order = await gone(house)
    desk = await house.coordinator()
    where = f"{order}/protocols/erasure_certificate"

    lot, one = await desk.get(where), await desk.get(where, params={"serial": "SN900"})
    other = await desk.get(where, params={"serial": "SN-OTHER"})
    early = await desk.get(f"{order}/protocols/disposal_list")

    assert lot.headers["Content-Type"] == one.headers["Content-Type"] == "application/pdf"
    assert lot.content != one.content
    assert (other.status_code, body(other)["errors"][0]["code"]) == (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "serial_not_listed",
    )
    assert (early.status_code, body(early)["errors"][0]["code"]) == (HTTPStatus.CONFLICT, "nothing_to_certify")


async def test_an_asset_has_the_papers_of_the_orders_that_it_was_in(house: House) -> None:
    order = await gone(house)
    await house.second_customer()
    desk = await house.coordinator()
    stranger = await house.caller(Role.COORDINATOR, "p-koch", "falke")

    (found,) = body(await desk.get("/api/v1/assets/NB-900/papers", params={"customer": "adler"}))
    nothing = body(await desk.get("/api/v1/assets/NB-100/papers", params={"customer": "adler"}))
    hidden = await stranger.get("/api/v1/assets/NB-900/papers", params={"customer": "adler"})

    assert found["order"] == order.rpartition("/")[2]
    assert [record["serial"] for record in found["erasures"]] == ["SN900"]
    assert [paper["kind"] for paper in found["papers"]] == ["erasure_report"]
    assert nothing == []
    assert hidden.status_code == HTTPStatus.NOT_FOUND


async def test_what_is_put_on_paper_after_the_end_is_the_same_and_is_filed(house: House) -> None:
    order = await gone(house)
    desk = await house.coordinator()
    where, said = f"{order}/protocols/disposal_list", {"lang": "de"}
    proof = {"type": "add_evidence", "document": "disposal_proof", "document_no": "EN-1", "serials": SERIALS}

    proven = await desk.post(f"{order}/commands", json=proof)
    await until(lambda: desk.get(order), lambda sheet: body(sheet)["state"] == "completed")
    made = await desk.get(where, params=said)
    filed = [await desk.post(where, params=said) for _ in range(2)]
    other = await desk.post(f"{order}/protocols/handover_protocol", params=said)
    listed = body(await desk.get(f"{order}/papers"))
    kept = await desk.get(f"{order}/papers/{body(filed[0])['digest']}")
    (of_asset,) = body(await desk.get("/api/v1/assets/NB-900/papers", params={"customer": "adler"}))

    assert proven.is_success, proven.text
    assert [answer.status_code for answer in (*filed, other)] == [HTTPStatus.CREATED] * 3, other.text
    assert body(filed[0]) == body(filed[1])
    assert kept.content == made.content
    assert [(one["step"], one["reason"]) for one in listed if one["kind"] == "document"] == [
        ("proof", "Entsorgungsliste"),
        ("handover", "Übergabeprotokoll"),
    ]
    assert of_asset["papers"] == listed == body(await desk.get(order))["papers"]


async def test_only_who_may_attach_files_after_the_end(house: House) -> None:
    order = await gone(house)
    await house.second_customer()
    desk = await house.coordinator()
    stranger = await house.caller(Role.COORDINATOR, "p-koch", "falke")
    reader = await house.caller(Role.AUDITOR, "p-brandt")
    proof = {"type": "add_evidence", "document": "disposal_proof", "document_no": "EN-1", "serials": SERIALS}
    await desk.post(f"{order}/commands", json=proof)
    await until(lambda: desk.get(order), lambda sheet: body(sheet)["state"] == "completed")

    answers = [await caller.post(f"{order}/protocols/disposal_list") for caller in (stranger, reader)]

    assert [answer.status_code for answer in answers] == [HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN]
    assert [one["kind"] for one in body(await desk.get(f"{order}/papers"))] == ["erasure_report"]
