"""The change scenario "a new item": one YAML file is touched, and no code."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

from connectors.contract_files import read_customer_file
from db.engine import Database
from db.oncall.rotas import save_rota
from domain.customer_files import CustomerFile
from domain.people import Role
from tests.api.house import ORDERS, House, body
from tests.test_examples import move_in

EXAMPLE = (Path(__file__).parents[2] / "examples" / "adler.yaml").read_text()
# The catalogue is what the file ends with.
NEW = """
      - id: poster
        name: {de: Plakat gestalten, en: Design a poster}
        kind: assist
        price: 12.50
        target_minutes: 540
        approvers: [p-huber]
        ask_first: true
        estimate_minutes: 20
        chain:
          set:
            appointment: {remote: true}
        questions:
          - id: size
            kind: choice
            text: {de: Wie groß?, en: How large?}
            choices:
              - {id: a1, name: {de: A1, en: A1}}
              - {id: a2, name: {de: A2, en: A2}}
          - {id: motif, text: {de: Was soll darauf stehen?, en: What should it say?}}
"""
ASKED: dict[str, Any] = {
    "contract": "adler-2026",
    "requester": "p-vogel",
    "site": "adler-hq",
    "item": "poster",
    "answers": {"size": "a1", "motif": "Sommerfest"},
}


async def moved_in(database: Database, file: CustomerFile) -> None:
    await move_in(database, file)
    async with database.writing() as session:
        for rota in file.rotas:
            await save_rota(session, rota, by="p-sommer", at=datetime.now(UTC))


async def test_a_new_item_is_one_more_entry_in_a_file_and_is_ordered_to_its_end(house: House) -> None:
    await house.worker()
    await moved_in(house.database, read_customer_file(EXAMPLE.encode()))
    (contract,) = read_customer_file(f"{EXAMPLE}{NEW}".encode()).contracts
    sdm, desk = await house.caller(Role.SDM, "p-sommer"), await house.coordinator()
    vogel = await house.caller(Role.REQUESTER, "p-vogel", "adler")
    huber = await house.caller(Role.APPROVER, "p-huber", "adler")
    lang = await house.caller(Role.TECHNICIAN, "p-lang")

    unknown = await vogel.post(ORDERS, json=ASKED)
    saved = await sdm.put(f"/api/v1/contracts/{contract.id}", json=contract.model_dump(mode="json"))
    listed = body(await vogel.get(f"/api/v1/contracts/{contract.id}/catalogue/poster"))
    placed = await vogel.post(ORDERS, json=ASKED)
    order = placed.headers["Location"]
    start = datetime.now(UTC) + timedelta(hours=1)
    window = {"start": start.isoformat(), "end": (start + timedelta(minutes=20)).isoformat()}
    said = [
        await one.post(f"{order}/commands", json=command)
        for one, command in (
            (huber, {"type": "approve", "step": "approval"}),
            (vogel, {"type": "approve", "step": "consent"}),
            (desk, {"type": "book", "window": window, "technician": "p-lang"}),
            (lang, {"type": "complete", "minutes": 15}),
            (vogel, {"type": "accept"}),
        )
    ]
    found, charges = body(await vogel.get(order)), body(await desk.get(f"{order}/charges"))

    assert [error["code"] for error in body(unknown)["errors"]] == ["item_unknown"]
    assert saved.status_code == HTTPStatus.OK, saved.text
    assert (listed["price"], listed["name"]["en"]) == ("12.50", "Design a poster")
    assert [answer.status_code for answer in said] == [HTTPStatus.OK] * 5, [answer.text for answer in said]
    assert (found["state"], found["item_name"]["de"]) == ("completed", "Plakat gestalten")
    assert [one["question"] for one in found["answered"]] == ["size", "motif"]
    assert [(entry["reason"], entry["amount"]) for entry in charges] == [("flat", "12.50")]
