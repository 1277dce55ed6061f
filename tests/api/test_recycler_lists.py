"""What recyclers say that they have received: compared with what has left, or refused as a whole."""

import asyncio
from hashlib import sha256
from http import HTTPStatus

import httpx2
import pytest
from sqlmodel import func, select

from db.incidents import IncidentRow
from db.papers import PaperRow
from domain.people import Role
from tests.api.house import House, body
from tests.api.test_erasures import erasing
from tests.api.test_waste import SERIALS, gone
from tests.patience import until
from tests.workbooks import saved, workbook
from workflows.answers import TemporalAway
from workflows.client import Temporal

LIST = b"Inventarnummer;Seriennummer\nNB-900;SN900\n;XX-1\nNB-902;SN902\n"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def bring(
    caller: httpx2.AsyncClient, order: str, content: bytes = LIST, name: str = "list.csv", key: str | None = None
) -> httpx2.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return await caller.post(f"{order}/recycler-lists", files={"file": (name, content)}, headers=headers)


def codes(answer: httpx2.Response) -> list[str]:
    return [error["code"] for error in body(answer)["errors"]]


async def incidents(house: House) -> list[str]:
    async with house.database.reading() as session:
        return list((await session.execute(select(IncidentRow.no))).scalars())


async def test_a_list_is_compared_kept_and_what_is_missing_is_looked_for(house: House) -> None:
    order = await gone(house)
    lang = await house.caller(Role.TECHNICIAN, "p-lang")
    vogel = await house.caller(Role.REQUESTER, "p-vogel", "adler")

    answer = await bring(lang, order, key="list-1")
    again = [await bring(lang, order, key="list-1"), await bring(await house.coordinator(), order)]
    listed = body(await vogel.get(f"{order}/recycler-lists"))
    (no,) = await until(lambda: incidents(house))
    paper = body(await lang.get(f"{order}/papers"))[-1]
    kept = await lang.get(f"{order}/papers/{paper['digest']}")
    early = await lang.post(
        f"{order}/commands",
        json={"type": "add_evidence", "document": "disposal_proof", "document_no": "EN-1", "serials": ["SN901"]},
    )

    assert answer.status_code == HTTPStatus.CREATED, answer.text
    found = body(answer)
    assert (found["left"], found["received"], found["extra"], found["swapped"]) == (3, 2, ["XX-1"], [])
    assert found["missing"] == [{"tag": "NB-901", "serial": "SN901", "data_bearing": True, "incident": no}]
    assert [body(one) for one in again] == [found, found]
    assert listed == [found]
    assert (paper["kind"], paper["media_type"], paper["step"]) == ("recycler_list", "text/csv", "handover")
    assert kept.content == LIST
    assert codes(early) == ["missing_at_recycler"]
    incident = body(await (await house.coordinator()).get(f"/api/v1/incidents/{no}"))
    assert (incident["priority"], incident["request"]["reference"]) == ("blocker", order.rpartition("/")[2])


async def test_a_workbook_is_a_list_as_well(house: House) -> None:
    order = await gone(house)
    lang = await house.caller(Role.TECHNICIAN, "p-lang")
    content = saved(workbook(Liste=[["Seriennummer"], ["SN900"], ["SN901"], ["SN902"]]))

    answer = await bring(lang, order, content, "list.xlsx")
    papers = body(await lang.get(f"{order}/papers"))
    kept = await lang.get(f"{order}/papers/{sha256(content).hexdigest()}")

    assert answer.status_code == HTTPStatus.CREATED, answer.text
    assert (body(answer)["received"], body(answer)["missing"]) == (3, [])
    assert papers[-1]["media_type"] == XLSX
    assert (kept.content, kept.headers["Content-Type"]) == (content, XLSX)


async def test_two_people_at_once_open_one_incident(house: House) -> None:
    order = await gone(house)
    callers = [await house.caller(Role.TECHNICIAN, "p-lang"), await house.coordinator()]
    lists = (LIST, LIST, LIST + b";XX-2\n")

    answers = await asyncio.gather(*(bring(caller, order, content) for caller in callers for content in lists))
    await until(lambda: callers[0].get(f"{order}/recycler-lists"), lambda answer: len(body(answer)) == 2)
    (first, second) = body(await callers[0].get(f"{order}/recycler-lists"))

    assert {answer.status_code for answer in answers} == {HTTPStatus.CREATED}
    assert first["missing"] == second["missing"]
    assert await until(lambda: incidents(house)) == [first["missing"][0]["incident"]]


async def test_nothing_is_kept_of_a_list_with_faults_and_all_are_named(house: House) -> None:
    order = await gone(house)
    lang = await house.caller(Role.TECHNICIAN, "p-lang")
    wrong = b"Inventarnummer;Seriennummer\nNB-900;SN900\n;SN9O1\n;sn900\n;\nNB-902;-\n;;\n"

    answer = await bring(lang, order, wrong)

    assert (answer.status_code, codes(answer)) == (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        ["serial_looks_alike", "serial_in_two_rows"],
    )
    assert body(await lang.get(f"{order}/recycler-lists")) == []
    assert await incidents(house) == []
    async with house.database.reading() as session:
        digest = sha256(wrong).hexdigest()
        assert (await session.execute(select(func.count()).where(PaperRow.digest == digest))).scalar_one() == 0


async def test_before_the_goods_have_left_there_is_nothing_to_compare(house: House) -> None:
    order = await erasing(house)
    lang = await house.caller(Role.TECHNICIAN, "p-lang")

    answer = await bring(lang, order)

    assert (answer.status_code, codes(answer)) == (HTTPStatus.CONFLICT, ["nothing_has_left"])


@pytest.mark.parametrize(("name", "content"), [("a.csv", b""), ("a.pdf", b"%PDF-1.7"), ("a.xlsx", b"PK\x03\x04no")])
async def test_what_is_no_list_is_refused(house: House, name: str, content: bytes) -> None:
    order = await gone(house)
    lang = await house.caller(Role.TECHNICIAN, "p-lang")

    answer = await bring(lang, order, content, name)

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert body(await lang.get(f"{order}/recycler-lists")) == []


async def test_who_may_not_work_on_site_brings_no_list(house: House) -> None:
    order = await gone(house)
    await house.second_customer()
    vogel = await house.caller(Role.REQUESTER, "p-vogel", "adler")
    stranger = await house.caller(Role.TECHNICIAN, "p-lang", "falke")

    answers = [await bring(caller, order) for caller in (vogel, stranger)]

    assert [answer.status_code for answer in answers] == [HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND]


async def proven(house: House, order: str) -> None:
    """The recycler has sent its proof first, and the order has ended with it."""
    desk = await house.coordinator()
    proof = {"type": "add_evidence", "document": "disposal_proof", "document_no": "EN-1", "serials": SERIALS}
    assert (await desk.post(f"{order}/commands", json=proof)).is_success
    await until(lambda: desk.get(order), lambda sheet: body(sheet)["state"] == "completed")


async def test_a_list_that_comes_after_the_end_is_compared_and_what_is_missing_is_looked_for(house: House) -> None:
    order = await gone(house)
    await proven(house, order)
    lang, desk = await house.caller(Role.TECHNICIAN, "p-lang"), await house.coordinator()
    vogel = await house.caller(Role.REQUESTER, "p-vogel", "adler")
    whole = b"Seriennummer\nSN900\nSN901\nSN902\n"

    answer = await bring(lang, order, key="list-1")
    again = [await bring(lang, order, key="list-1"), await bring(desk, order)]
    (no,) = await until(lambda: incidents(house))
    second = await bring(desk, order, whole)
    listed = body(await vogel.get(f"{order}/recycler-lists"))
    papers = body(await vogel.get(f"{order}/papers"))
    kept = await lang.get(f"{order}/papers/{papers[-1]['digest']}")
    early = await bring(desk, order, b"Seriennummer\nSN9O1\n")

    assert answer.status_code == HTTPStatus.CREATED, answer.text
    assert body(answer)["missing"] == [{"tag": "NB-901", "serial": "SN901", "data_bearing": True, "incident": no}]
    assert [body(one) for one in again] == [body(answer)] * 2
    assert body(second)["missing"] == []
    assert listed == [body(answer), body(second)]
    assert [one["kind"] for one in papers][-2:] == ["recycler_list"] * 2
    assert kept.content == whole
    assert codes(early) == ["serial_looks_alike"]
    assert await incidents(house) == [no]
    incident = body(await desk.get(f"/api/v1/incidents/{no}"))
    assert (incident["priority"], incident["request"]["reference"]) == ("blocker", order.rpartition("/")[2])
    closed = await desk.post(f"/api/v1/incidents/{no}/commands", json={"type": "cancel", "reason": "gefunden"})
    assert not closed.is_success


async def test_late_lists_that_miss_the_same_at_once_open_one_incident(house: House) -> None:
    order = await gone(house)
    await proven(house, order)
    callers = [await house.caller(Role.TECHNICIAN, "p-lang"), await house.coordinator()]
    lists = (LIST, LIST, LIST + b";XX-2\n")

    answers = await asyncio.gather(*(bring(caller, order, content) for caller in callers for content in lists))
    (first, second) = body(await callers[0].get(f"{order}/recycler-lists"))

    assert {answer.status_code for answer in answers} == {HTTPStatus.CREATED}, [answer.text for answer in answers]
    assert first["missing"] == second["missing"]
    assert await until(lambda: incidents(house)) == [first["missing"][0]["incident"]]


async def test_a_late_list_is_not_kept_when_nobody_could_look_for_what_it_misses(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await gone(house)
    await proven(house, order)
    lang = await house.caller(Role.TECHNICIAN, "p-lang")
    with monkeypatch.context() as away:
        away.setattr(Temporal, "start_incident", cut_off)
        refused = await bring(lang, order)
    before = body(await lang.get(f"{order}/recycler-lists"))

    answer = await bring(lang, order)

    assert refused.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert before == []
    assert [item["serial"] for item in body(answer)["missing"]] == ["SN901"]
    assert await until(lambda: incidents(house)) == [body(answer)["missing"][0]["incident"]]


async def cut_off(*_: object) -> None:
    raise TemporalAway("away")
