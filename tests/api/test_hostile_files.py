"""Files that nobody should have to read, at every door that takes files: refused in a sentence, and nobody waits."""

import asyncio
import gc
import os
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import text

from tests.api.house import House, body
from tests.api.spent import LONGEST_STANDSTILL, TRIES, machine, measured
from tests.hostile_files import archive, families, parts_of, plain, workbook
from tests.workshop import foreman
from tests.world import CONTRACT

PROJECT = {"id": "umzug", "customer": "adler", "contract": CONTRACT.id, "name": "Umzug", "sites": ["adler-hq"]}
# What comes in there is no list, and meets its own hostile files (`test_papers.py`, `test_erasure_reports.py`).
# What recyclers list is read as all lists are, once goods have left (`test_recycler_lists.py`).
PAPERS = ("/api/v1/orders/{no}/papers", "/api/v1/orders/{no}/erasure-reports", "/api/v1/orders/{no}/recycler-lists")
DOORS = ("/api/v1/imports/assets?customer=adler", "/api/v1/projects/umzug/lists")
REFUSED = (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)


@asynccontextmanager
async def others_ask(house: House) -> AsyncIterator[None]:
    """While this goes on, others want to be answered, and are."""
    client = await house.client()

    async def ask() -> None:
        while True:
            assert (await client.get("/health/live")).status_code == HTTPStatus.OK
            await asyncio.sleep(0.02)

    asking = asyncio.create_task(ask())
    try:
        yield
    finally:
        stood_it = not asking.done()
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking
        assert stood_it


@pytest.fixture
async def desk(cut_off: House) -> httpx2.AsyncClient:
    desk = await cut_off.coordinator()
    assert (await desk.put("/api/v1/projects/umzug", json=PROJECT)).status_code == HTTPStatus.OK
    return desk


async def test_every_door_that_takes_files_is_tried(cut_off: House) -> None:
    document = cut_off.app.openapi()
    taking = [
        path
        for path, route in document["paths"].items()
        for operation in route.values()
        if "multipart/form-data" in operation.get("requestBody", {}).get("content", {})
    ]

    assert {*PAPERS} < {*taking}
    assert len(taking) == len({*PAPERS, *DOORS})


@pytest.mark.parametrize("heavy", [False, pytest.param(True, marks=pytest.mark.slow)])
async def test_nothing_comes_of_a_hostile_file_but_a_sentence(
    cut_off: House, desk: httpx2.AsyncClient, heavy: bool
) -> None:
    before = await everything(cut_off)
    await desk.post(DOORS[0], files={"file": ("a.csv", b"")})

    for (family, name, content), door in ((file, door) for file in families(heavy) for door in DOORS):
        # Taking in 20 MB is a matter of its own.
        allowed = LONGEST_STANDSTILL if len(content) < 1_000_000 else 1.0
        slow = 1.0
        for _ in range(TRIES):
            async with others_ask(cut_off), measured() as spent:
                answer = await desk.post(door, files={"file": (name, content)})
            if spent.standstill <= allowed * slow:
                break
            gc.collect()
            slow = machine()
        else:
            raise AssertionError((family, spent))
        if family.startswith("cells of"):
            assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR, family
            continue
        assert answer.status_code in REFUSED or (answer.status_code < 300 and not body(answer)["rows"]), family
        assert answer.status_code < 300 or body(answer)["errors"][0]["message"].endswith((".", '"')), family

    await nothing_left_behind()
    if heavy:
        assert await everything(cut_off) == before


@pytest.mark.parametrize("language", ["de", "en"])
async def test_the_sentence_is_in_the_readers_language(desk: httpx2.AsyncClient, language: str) -> None:
    answer = await desk.post(DOORS[0], files={"file": ("a.xlsx", plain()[:-99])}, headers={"Accept-Language": language})

    assert answer.headers["Content-Language"] == language
    assert "workbook" in body(answer)["detail"] or "Arbeitsmappe" in body(answer)["detail"]


@pytest.mark.parametrize("door", DOORS)
async def test_a_list_damaged_at_random_never_fails_us(desk: httpx2.AsyncClient, door: str) -> None:
    dice = random.Random(f"{os.environ.get('IMAC_TEST_SEED', '')}{door}")
    honest = workbook(["Tag", "Status", "Mitarbeiter", "Raum alt", "Raum neu"], ["NB-1", "auf Lager", "Eva", "1", 2.5])

    for _ in range(int(os.environ.get("IMAC_TEST_DAMAGES", "120"))):
        content = dice.choice(DAMAGES)(honest, dice)
        answer = await desk.post(door, files={"file": ("list.xlsx", content)})
        assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR, (answer.text, content.hex())


def bytes_turned(content: bytes, dice: random.Random) -> bytes:
    turned = bytearray(content)
    for _ in range(dice.randrange(1, 9)):
        turned[dice.randrange(len(turned))] = dice.randrange(256)
    return bytes(turned)


def cut(content: bytes, dice: random.Random) -> bytes:
    return content[: dice.randrange(len(content))]


def part_damaged(content: bytes, dice: random.Random) -> bytes:
    parts = parts_of(content)
    name = dice.choice(sorted(parts))
    return archive(parts | {name: bytes_turned(parts[name], dice)})


def marks_swapped(content: bytes, dice: random.Random) -> bytes:
    """Some pieces of a part's XML change places, are lost or come twice."""
    parts = parts_of(content)
    name = dice.choice([name for name in sorted(parts) if b"<" in parts[name]])
    marks = parts[name].replace(b"<", b"\0<").replace(b'"', b'\0"').split(b"\0")
    for _ in range(dice.randrange(1, 4)):
        here, there = dice.randrange(len(marks)), dice.randrange(len(marks))
        marks[here], marks[there] = marks[there], marks[here]
        if dice.random() < 0.3:
            marks.insert(here, marks[there])
        elif dice.random() < 0.5:
            del marks[here]
    return archive(parts | {name: b"".join(marks)})


def part_lost(content: bytes, dice: random.Random) -> bytes:
    parts = parts_of(content)
    del parts[dice.choice(sorted(parts))]
    return archive(parts)


DAMAGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    *(bytes_turned, cut, part_damaged, part_damaged, marks_swapped, marks_swapped, marks_swapped, part_lost),
)


async def everything(house: House) -> list[int]:
    async with house.database.reading() as session:
        tables = ("imports", "assets", "move_lists", "move_rows")
        return [(await session.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one() for table in tables]


async def nothing_left_behind() -> None:
    """A process that has said all it had to say takes a moment to end."""
    for _ in range(200):
        if not left_behind():
            return
        await asyncio.sleep(0.05)
    raise AssertionError(left_behind())


def left_behind() -> list[str]:
    """Processes of jobs, and files they have written."""
    head = foreman().pid
    children = Path(f"/proc/{head}/task/{head}/children")
    folder = foreman().folder
    return [*(children.read_text().split() if children.exists() else ()), *(os.listdir(folder) if folder else ())]
