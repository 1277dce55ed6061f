"""Erasures proven by what their tool has written: drive by drive, as a whole or not at all."""

from hashlib import sha256
from http import HTTPStatus

import httpx2
import pytest

from db.assets.asset import RegisterEntry, assets_by_tag, store_assets
from domain.people import Role
from tests.api.house import ORDERS, House, body
from tests.erasure_reports import Drive, blancco, nwipe
from tests.stories.stage import MONDAY
from tests.world import CONTRACT, HQ

SAID = {"operator": "p-lang", "verifier": "p-koch", "place": "Werkstatt", "validation": "drei Platten zurückgelesen"}
TAGS = ["NB-900", "NB-901", "NB-902"]


async def erasing(house: House) -> str:
    """A Dispose of three notebooks that is approved."""
    await house.worker()
    async with house.database.writing() as session:
        (first,) = await assets_by_tag(session, "adler", ["NB-900"])
        more = [first.but(tag=tag, serial=tag.replace("NB-", "SN")) for tag in TAGS[1:]]
        await store_assets(session, [(None, one) for one in more], RegisterEntry("import/more", "import", MONDAY))
    vogel = await house.caller(Role.REQUESTER, "p-vogel", "adler")
    asked = {"contract": CONTRACT.id, "kind": "dispose", "requester": "p-vogel", "site": HQ.id, "assets": TAGS}
    placed = await vogel.post(ORDERS, json=asked)
    assert placed.status_code == HTTPStatus.ACCEPTED, placed.text
    huber = await house.caller(Role.APPROVER, "p-huber", "adler")
    order = str(placed.headers["Location"])
    approved = await huber.post(f"{order}/commands", json={"type": "approve"})
    assert approved.status_code == HTTPStatus.OK, approved.text
    return order


async def bring(
    caller: httpx2.AsyncClient, order: str, content: bytes, *, key: str | None = None, **said: str
) -> httpx2.Response:
    headers = {"Idempotency-Key": key} if key else {}
    files = {"file": ("report.xml", content)}
    return await caller.post(f"{order}/erasure-reports", files=files, params=SAID | said, headers=headers)


def codes(answer: httpx2.Response) -> list[str]:
    return [error["code"] for error in body(answer)["errors"]]


def step(sheet: httpx2.Response, name: str) -> str:
    return next(str(step["status"]) for step in body(sheet)["steps"] if step["id"] == name)


async def test_a_report_proves_what_it_names_and_is_kept(house: House) -> None:
    order = await erasing(house)
    lang = await house.caller(Role.TECHNICIAN, "p-lang")
    report = blancco([Drive("SN900"), Drive("SN901", "Failed"), Drive("SN-OTHER")])

    answer = await bring(lang, order, report, key="report-1")
    again = await bring(lang, order, report, key="report-1")
    typed = await lang.post(
        f"{order}/commands",
        json={
            "type": "record_erasure",
            "serial": "SN901",
            "method": "destroy",
            "tool": "shredder",
            "passed": True,
            "verification": "looked at",
            "operator": "p-lang",
            "verifier": "p-koch",
            "place": "Werkstatt",
            "done_at": "2026-03-02T09:00:00Z",
        },
    )
    listed = body(await lang.get(f"{order}/erasures"))
    papers = body(await lang.get(f"{order}/papers"))
    file = await lang.get(f"{order}/papers/{papers[0]['digest']}")

    assert answer.status_code == HTTPStatus.CREATED, answer.text
    assert {name: body(answer)[name] for name in ("proven", "failed", "unknown", "too_weak", "unverified")} == {
        "proven": 1,
        "failed": 1,
        "unknown": 1,
        "too_weak": 0,
        "unverified": 0,
    }
    assert body(again) == body(answer)
    assert typed.status_code == HTTPStatus.OK, typed.text
    digest = sha256(report).hexdigest()
    assert [(one["serial"], one["outcome"], one["report"]) for one in listed] == [
        ("SN900", "proven", digest),
        ("SN901", "failed", digest),
        ("SN-OTHER", "unknown", digest),
        ("SN901", "proven", None),
    ]
    assert {one["validation"] for one in listed[:3]} == {SAID["validation"]}
    assert (papers[0]["kind"], papers[0]["media_type"], papers[0]["step"]) == (
        "erasure_report",
        "application/xml",
        "erasure",
    )
    assert file.content == report
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert step(await lang.get(order), "erasure") == "started"


async def test_when_the_last_drive_is_proven_the_goods_may_go(house: House) -> None:
    order = await erasing(house)
    lang = await house.caller(Role.TECHNICIAN, "p-lang")

    await bring(lang, order, blancco([Drive("SN900"), Drive("SN901")]))
    weak = await bring(lang, order, nwipe([("SN902", "Erased")]))
    before = step(await lang.get(order), "handover")
    await bring(lang, order, blancco([Drive("SN902")]))

    assert (body(weak)["too_weak"], before) == (1, "waiting")
    assert step(await lang.get(order), "handover") == "open"


@pytest.mark.parametrize("scope", [None, "adler"])
async def test_a_report_with_another_customers_serial_is_not_kept(house: House, scope: str | None) -> None:
    order = await erasing(house)
    await house.second_customer()
    async with house.database.writing() as session:
        (first,) = await assets_by_tag(session, "adler", ["NB-900"])
        theirs = first.but(customer="falke", tag="F-1", serial="FALKE-1")
        await store_assets(session, [(None, theirs)], RegisterEntry("import/falke", "import", MONDAY))
    lang = await house.caller(Role.TECHNICIAN, "p-lang", scope)
    drives = [Drive("SN900"), Drive("FALKE-1"), Drive("SN9O1"), Drive("SN902", time="2030-01-01T00:00:00Z")]

    refused = await bring(lang, order, blancco(drives), verifier="p-lang")

    mine = ["verifier_is_operator", "serial_looks_alike", "drive_in_the_future"]
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    # Whoever may see only one customer learns nothing of the others.
    assert codes(refused) == (["serial_of_others", *mine] if scope is None else mine)
    assert body(await lang.get(f"{order}/papers")) == body(await lang.get(f"{order}/erasures")) == []
    assert step(await lang.get(order), "erasure") == "open"


async def test_whoever_does_not_see_the_order_or_may_not_work_on_it_hands_in_nothing(house: House) -> None:
    order = await erasing(house)
    await house.second_customer()
    stranger = await house.caller(Role.TECHNICIAN, "p-lang", "falke")
    vogel = await house.caller(Role.REQUESTER, "p-vogel", "adler")
    report = blancco([Drive("SN900")])

    assert codes(await bring(stranger, order, report)) == ["order_unknown"]
    assert (await bring(vogel, order, report)).status_code == HTTPStatus.FORBIDDEN
    assert codes(await bring(await house.coordinator(), order, report, operator="p-nobody")) == ["person_unknown"]
    assert body(await vogel.get(f"{order}/erasures")) == []


async def test_an_order_whose_step_is_not_open_takes_no_report(house: House) -> None:
    await house.worker()
    desk = await house.coordinator()
    asked = {"contract": CONTRACT.id, "kind": "dispose", "requester": "p-vogel", "site": HQ.id, "assets": ["NB-900"]}
    order = str((await desk.post(ORDERS, json=asked)).headers["Location"])

    refused = await bring(desk, order, blancco([Drive("SN900")]))

    assert refused.status_code == HTTPStatus.CONFLICT
    assert codes(refused) == ["no_such_step_open"]
    assert body(await desk.get(f"{order}/papers")) == []
