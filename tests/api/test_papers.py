"""Photos, signatures and documents of an order: taken in once, shown to whoever sees the order, and nobody else."""

import asyncio
from hashlib import sha256
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from sqlmodel import func, select

from api.paper_store import PaperStore
from connectors.paper_folder import PaperFolder
from db.papers import PaperRow, PaperTable
from domain.papers import LARGEST_PAPER
from domain.people import Role
from tests import photos
from tests.api.house import INSTALL, ORDERS, House, body
from tests.patience import until

PHOTO = photos.jpeg(photos.exif())
NOWHERE = "0" * 64


@pytest.fixture(params=["folder", "table"])
def store(request: pytest.FixtureRequest, house: House) -> PaperStore:
    """Where files are with SQLite, and where with PostgreSQL."""
    made: PaperStore = PaperFolder(house.settings.data_dir / "papers")
    if request.param == "table":
        made = PaperTable(house.database)
    house.app.state.papers = made
    return made


async def placed(house: House) -> str:
    await house.worker()
    answer = await (await house.coordinator()).post(ORDERS, json=INSTALL)
    return str(answer.headers["Location"])


async def bring(
    caller: httpx2.AsyncClient, order: str, content: bytes = PHOTO, key: str | None = None, **query: str
) -> httpx2.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return await caller.post(f"{order}/papers", files={"file": ("a.exe", content)}, params=query, headers=headers)


def codes(answer: httpx2.Response) -> list[str]:
    return [error["code"] for error in body(answer)["errors"]]


@pytest.mark.usefixtures("store")
async def test_a_photo_is_added_listed_and_read_again(house: House) -> None:
    order = await placed(house)
    lang = await house.caller(Role.TECHNICIAN, "p-lang")
    vogel = await house.caller(Role.REQUESTER, "p-vogel", "adler")

    added = await bring(lang, order, step="approval", reason="Der Platz vorher")
    digest = body(added)["digest"]
    listed = body(await vogel.get(f"{order}/papers"))
    read = await vogel.get(f"{order}/papers/{digest}")
    sheet, timeline = body(await vogel.get(order)), body(await vogel.get(f"{order}/timeline"))

    assert added.status_code == HTTPStatus.CREATED, added.text
    assert added.headers["Location"] == f"{order}/papers/{digest}"
    assert listed == [body(added)] == sheet["papers"]
    assert listed[0]["actor"] == {"person": "p-lang", "role": "technician"}
    assert (listed[0]["kind"], listed[0]["step"], listed[0]["media_type"]) == ("photo", "approval", "image/jpeg")
    assert sha256(read.content).hexdigest() == digest
    assert len(read.content) == listed[0]["size"]
    assert b"GPS" not in read.content
    (event,) = [event for event in timeline if event["what"] == "add_paper"]
    assert (event["command"]["digest"], event["actor"]["person"]) == (digest, "p-lang")


async def test_a_file_is_served_so_that_it_harms_nobody(house: House) -> None:
    order = await placed(house)
    desk = await house.coordinator()
    for content, kind, manner in ((PHOTO, "image/jpeg", "inline"), (photos.pdf(), "application/pdf", "attachment")):
        digest = body(await bring(desk, order, content, kind="document"))["digest"]
        answer = await desk.get(f"{order}/papers/{digest}")

        assert answer.headers["Content-Type"] == kind
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Disposition"].startswith(f'{manner}; filename="O-')
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


async def test_what_is_no_photo_or_document_is_refused_and_leaves_nothing(house: House) -> None:
    order = await placed(house)
    desk = await house.coordinator()
    too_large = photos.jpeg(scan=b"\x11" * (LARGEST_PAPER + 1 - len(photos.jpeg(scan=b""))))

    refused = [
        await bring(desk, order, content)
        for content in (b"", b"<script>", photos.png(width=60_000, height=60_000), photos.png() + b"PK", too_large)
    ]
    huge = await bring(desk, order, b"\x11" * (LARGEST_PAPER + 100_000))
    largest = await bring(desk, order, photos.jpeg(scan=b"\x11" * (LARGEST_PAPER - len(photos.jpeg(scan=b"")))))
    unknown_step = await bring(desk, order, photos.png(), step="no_such_step")

    expected = ["paper_empty", "paper_type_unknown", "paper_too_many_pixels", "paper_goes_on", "paper_too_large"]
    assert [codes(answer) for answer in refused] == [[code] for code in expected]
    assert {answer.status_code for answer in refused} == {HTTPStatus.UNPROCESSABLE_ENTITY}
    assert huge.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    assert largest.status_code == HTTPStatus.CREATED, largest.text
    assert codes(unknown_step) == ["step_unknown"]
    assert len(body(await desk.get(f"{order}/papers"))) == 1


@pytest.mark.usefixtures("store")
async def test_the_same_file_from_everybody_at_once_is_one_paper(house: House) -> None:
    order = await placed(house)
    callers = [await house.coordinator(), await house.caller(Role.TECHNICIAN, "p-lang")]

    answers = await asyncio.gather(*(bring(callers[number % 2], order) for number in range(10)))

    assert {answer.status_code for answer in answers} == {HTTPStatus.CREATED}, [answer.text for answer in answers]
    assert len({body(answer)["digest"] for answer in answers}) == 1
    assert len(body(await callers[0].get(f"{order}/papers"))) == 1
    timeline = body(await callers[0].get(f"{order}/timeline"))
    assert [event["what"] for event in timeline].count("add_paper") == 1


async def test_a_photo_sent_again_is_there_once_also_when_the_order_has_ended_meanwhile(house: House) -> None:
    order = await placed(house)
    desk = await house.coordinator()
    first, again = [await bring(desk, order, key="photo-1") for _ in range(2)]
    other = await bring(desk, order, photos.png(), key="photo-1")
    await call_off(desk, order)
    after = await bring(desk, order, key="photo-1")

    assert body(first) == body(again) == body(after)
    assert codes(other) == ["request_id_reused"]


async def call_off(desk: httpx2.AsyncClient, order: str) -> None:
    await desk.post(f"{order}/commands", json={"type": "cancel", "reason": "Doch nicht"})
    await until(lambda: desk.get(order), lambda sheet: body(sheet)["state"] == "cancelled")


@pytest.mark.usefixtures("store")
async def test_what_comes_after_the_end_stands_with_the_order_as_if_it_had_come_in_time(house: House) -> None:
    order = await placed(house)
    desk, lang = await house.coordinator(), await house.caller(Role.TECHNICIAN, "p-lang")
    vogel = await house.caller(Role.REQUESTER, "p-vogel", "adler")
    await bring(lang, order)
    await call_off(desk, order)
    said = {"kind": "document", "step": "acceptance", "reason": "Kam mit der Post"}

    late, again = [await bring(lang, order, photos.pdf(), key="late-1", **said) for _ in range(2)]
    other = await bring(lang, order, photos.png(), key="late-1", **said)
    somebody_elses = await bring(desk, order, photos.pdf())
    listed, sheet = body(await vogel.get(f"{order}/papers")), body(await vogel.get(order))
    read = await vogel.get(f"{order}/papers/{body(late)['digest']}")

    assert late.status_code == HTTPStatus.CREATED, late.text
    assert body(late) == body(again) == body(somebody_elses) == listed[-1]
    assert [one["kind"] for one in listed] == ["photo", "document"]
    assert listed == sheet["papers"]
    assert {name: listed[-1][name] for name in said} == said
    assert listed[-1]["actor"] == {"person": "p-lang", "role": "technician"}
    assert read.content == photos.pdf()
    assert codes(other) == ["request_id_reused"]


async def test_after_the_end_nothing_is_taken_that_was_not_taken_before_it(house: House) -> None:
    order = await placed(house)
    await house.second_customer()
    desk = await house.coordinator()
    await call_off(desk, order)
    stranger = await house.caller(Role.COORDINATOR, "p-koch", "falke")
    reader = await house.caller(Role.AUDITOR, "p-brandt")

    wrong = await bring(desk, order, b"<script>"), await bring(desk, order, photos.png(), step="no_such_step")
    strange, unheard = [await bring(caller, order, photos.png()) for caller in (stranger, reader)]

    assert [codes(answer) for answer in wrong] == [["paper_type_unknown"], ["step_unknown"]]
    assert [strange.status_code, unheard.status_code] == [HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN]
    assert body(await desk.get(f"{order}/papers")) == []
    async with house.database.reading() as session:
        assert (await session.execute(select(func.count()).select_from(PaperRow))).scalar_one() == 0


async def test_an_ended_order_takes_as_many_files_as_any_and_the_same_from_everybody_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await placed(house)
    desk, lang = await house.coordinator(), await house.caller(Role.TECHNICIAN, "p-lang")
    await call_off(desk, order)
    monkeypatch.setattr("domain.orders.decisions.proofs.MOST_PAPERS", 2)

    answers = await asyncio.gather(*(bring(caller, order) for caller in (desk, lang) * 3))
    second, third = await bring(desk, order, photos.png()), await bring(desk, order, photos.webp())

    assert {answer.status_code for answer in (*answers, second)} == {HTTPStatus.CREATED}
    assert len({body(answer)["digest"] for answer in answers}) == 1
    assert (third.status_code, codes(third)) == (HTTPStatus.CONFLICT, ["too_many_papers"])
    assert len(body(await desk.get(f"{order}/papers"))) == 2


async def test_another_customers_papers_are_as_unknown_as_none(house: House) -> None:
    order = await placed(house)
    await house.second_customer()
    desk = await house.coordinator()
    digest = body(await bring(desk, order))["digest"]
    stranger = await house.caller(Role.COORDINATOR, "p-koch", "falke")

    for address in (f"{order}/papers", f"{order}/papers/{digest}"):
        there, nowhere = await stranger.get(address), await stranger.get(address.replace(order, f"{ORDERS}/O-NONE"))
        assert {there.status_code, nowhere.status_code} == {HTTPStatus.NOT_FOUND}
        assert codes(there) == codes(nowhere) == ["order_unknown"]
    assert codes(await bring(stranger, order, photos.png())) == ["order_unknown"]
    assert codes(await desk.get(f"{order}/papers/{NOWHERE}")) == ["paper_unknown"]


async def test_whoever_knows_a_digest_does_not_get_the_paper_by_it(house: House) -> None:
    """The same person in another order: it was never handed in there."""
    order = await placed(house)
    desk = await house.coordinator()
    digest = body(await bring(desk, order))["digest"]
    other = str((await desk.post(ORDERS, json=INSTALL)).headers["Location"])

    named = await desk.post(f"{other}/commands", json={"type": "add_paper", "digest": digest})
    brought = await bring(desk, other)

    assert codes(named) == ["paper_unknown"]
    assert body(brought)["digest"] == digest


@pytest.mark.parametrize("role", [Role.REQUESTER, Role.APPROVER, Role.AUDITOR])
async def test_who_may_only_read_adds_nothing(house: House, role: Role) -> None:
    order = await placed(house)
    caller = await house.caller(role, "p-vogel", "adler")

    assert (await bring(caller, order)).status_code == HTTPStatus.FORBIDDEN


async def test_a_file_that_is_gone_is_said_to_be_gone(house: House) -> None:
    house.app.state.papers = PaperFolder(house.settings.data_dir / "papers")
    order = await placed(house)
    desk = await house.coordinator()
    digest = body(await bring(desk, order))["digest"]
    (house.settings.data_dir / "papers" / digest[:2] / digest).unlink()

    assert codes(await desk.get(f"{order}/papers/{digest}")) == ["paper_lost"]


class Killed(Exception):
    """Whatever ends a process between two lines."""


@pytest.mark.usefixtures("store")
async def test_what_was_cut_off_between_file_and_row_is_done_by_the_next_attempt(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await placed(house)
    desk = await house.coordinator()

    async def killed(*_: Any) -> None:  # noqa: ANN401  # whatever it was to write
        raise Killed

    key = uuid4().hex
    with monkeypatch.context() as patched:
        patched.setattr("api.orders.paper_desk.hand_in", killed)
        cut_off = await bring(desk, order, key=key)
    between = body(await desk.get(f"{order}/papers"))
    again = await bring(desk, order, key=key)

    assert (cut_off.status_code, between) == (HTTPStatus.INTERNAL_SERVER_ERROR, [])
    assert again.status_code == HTTPStatus.CREATED, again.text
    assert (await desk.get(f"{order}/papers/{body(again)['digest']}")).content


async def test_an_order_has_an_end_of_papers(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.orders.paper_desk.MOST_PAPERS", 2)
    order = await placed(house)
    desk = await house.coordinator()

    answers = [await bring(desk, order, content) for content in (photos.png(), photos.webp(), photos.jpeg())]

    assert [answer.status_code for answer in answers] == [201, 201, 409]
    assert codes(answers[2]) == ["too_many_papers"]
