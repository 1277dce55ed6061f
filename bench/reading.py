"""Reading 100,000 cells as CSV, XLSX and ODS against bare readers; a list of 5,000 rows over HTTP, and who waits.

A bare reader makes texts of the cells and looks at none: openpyxl's streaming reader, `iterparse`; that of CSV finds
out which sign cuts the lines (`csv.Sniffer`), since no file says so. All hand on what they have read as JSON, since
strangers' files are read in a process of their own. Ours is all that the workshop does, up to the parcel. Seconds are
of computing, memory is the peak of a process that only reads.
Aims: at most three times the bare reader; 5,000 rows staged within 10 s, and meanwhile others answered within 0.1 s.
"""

import asyncio
import csv
import io
import json
import multiprocessing
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from time import perf_counter, process_time
from xml.etree.ElementTree import iterparse

import httpx2
import openpyxl

from bench.ground.report import Figure
from bench.ground.stand import Stand, stand, times
from bench.lists import HEADINGS, MEGA, assets, lines
from cli.stack.temporal_server import HOST
from connectors.spreadsheets import read_list
from db.access.keys import add_key
from domain.keys import Grant
from domain.people import Role
from tests import open_documents
from tests.workbooks import saved, workbook
from tests.world import CONTRACT

ROWS = times("LIST_ROWS", 5_000)
COLUMNS = 20
PROJECT = {"id": "bench", "customer": "adler", "contract": CONTRACT.id, "name": "Bench", "sites": ["adler-hq"]}
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}p"
_EVERY = 0.02
_SAMPLE = 4_096


def run() -> list[Figure]:
    files = {"CSV": as_csv(), "XLSX": saved(workbook(T=table())), "ODS": open_documents.sheets(T=table())}
    figures = []
    for kind, content in files.items():
        spent, bare = (_alone(measure, kind, content) for measure in (ours, theirs))
        name = f"{kind}, {ROWS * COLUMNS:,} cells"
        figures.append(Figure(name, spent[0], bare[0], bare[0] / spent[0], "s"))
        figures.append(Figure(f"{name}, peak memory", spent[1], bare[1], bare[1] / spent[1], "MB"))
    return [*figures, *asyncio.run(_over_http())]


def table() -> list[list[object]]:
    """Each cell says something of its own, which no list does."""
    return [[f"Zelle {row}/{column}" for column in range(COLUMNS)] for row in range(ROWS)]


def as_csv() -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=";").writerows(table())
    return written.getvalue().encode()


def _alone(measure: Callable[[str, bytes], tuple[float, float]], kind: str, content: bytes) -> tuple[float, float]:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(measure, (kind, content))


def ours(kind: str, content: bytes) -> tuple[float, float]:
    return _computing(lambda: read_list(f"l.{kind.lower()}", content)), _peak()


def theirs(kind: str, content: bytes) -> tuple[float, float]:
    return _computing(lambda: BARE[kind](content)), _peak()


def _computing(call: Callable[[], object]) -> float:
    def once() -> float:
        begin = process_time()
        call()
        return process_time() - begin

    return min(once() for _ in range(3))


def _peak() -> float:
    # What getrusage() tells begins with the memory of whoever started the process.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / MEGA


def bare_csv(content: bytes) -> str:
    text = content.decode()
    dialect = csv.Sniffer().sniff(text[:_SAMPLE], ";,\t|")
    return json.dumps(list(csv.reader(io.StringIO(text, newline=""), dialect)))


def bare_xlsx(content: bytes) -> str:
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    return json.dumps(list(book.worksheets[0].iter_rows(values_only=True)))


def bare_ods(content: bytes) -> str:
    texts = []
    with zipfile.ZipFile(io.BytesIO(content)).open("content.xml") as part:
        for _, element in iterparse(part):
            if element.tag == _TEXT:
                texts.append(element.text)
            element.clear()
    return json.dumps(texts)


BARE: Mapping[str, Callable[[bytes], str]] = {"CSV": bare_csv, "XLSX": bare_xlsx, "ODS": bare_ods}


async def _over_http() -> list[Figure]:
    content = saved(workbook(T=[line.split(";") for line in (HEADINGS, *lines(ROWS))]))
    async with stand() as ground, ground.api() as served:
        return await _staged(ground, f"http://{HOST}:{served.port}", content)


async def _staged(ground: Stand, url: str, content: bytes) -> list[Figure]:
    async with ground.database.writing() as session:
        key = await add_key(session, Grant(role=Role.COORDINATOR, person="p-koch"), datetime.now(UTC))
    async with httpx2.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {key.key}"}, timeout=120) as desk:
        await _register(desk)
        asking = asyncio.create_task(_others(desk))
        begin = perf_counter()
        answer = await desk.post("/api/v1/projects/bench/lists", files={"file": ("l.xlsx", content)})
        spent = perf_counter() - begin
        asking.cancel()
        if answer.status_code != httpx2.codes.OK or answer.json()["rows"] != ROWS:
            raise AssertionError(answer.text[:500])
        waits = await _ended(asking)
    return [
        Figure(f"{ROWS:,} rows over HTTP, staged and stored", spent, 10, 10 / spent, "s"),
        Figure("others meanwhile, 95 of 100", quantiles(waits, n=20)[-1] * 1_000, 100, None, "ms"),
        Figure("others meanwhile, slowest", max(waits) * 1_000, 100, None, "ms"),
    ]


async def _register(desk: httpx2.AsyncClient) -> None:
    """All the people of the list with their devices, as an asset list of their own."""
    headings = "Inventarnummer;Seriennummer;Status;Standort;Gebäude;Etage;Raum;Platz;Nutzer"
    rows = (
        f"{one.tag};{one.serial};im Einsatz;adler-hq;{one.place.building};{one.place.floor};{one.place.room};"
        f"{one.place.desk};{one.holder}"
        for one in assets(ROWS)
        if one.place is not None
    )
    listed = {"file": ("a.csv", "\n".join((headings, *rows)).encode())}
    (await desk.post("/api/v1/imports/assets", params={"customer": "adler"}, files=listed)).raise_for_status()
    (await desk.put("/api/v1/projects/bench", json=PROJECT)).raise_for_status()


_WAITS: list[float] = []


async def _others(desk: httpx2.AsyncClient) -> None:
    _WAITS.clear()
    while True:
        begin = perf_counter()
        await desk.get("/api/v1/assets", params={"customer": "adler", "limit": 5})
        _WAITS.append(perf_counter() - begin)
        await asyncio.sleep(_EVERY)


async def _ended(asking: asyncio.Task[None]) -> list[float]:
    await asyncio.wait([asking])
    return _WAITS
