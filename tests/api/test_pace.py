"""How often callers may come: every route that writes or computes has an end, for each key and for each address."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from pathlib import Path

import httpx2
import pytest
from fastapi.routing import iter_route_contexts

from api.door.paces import KEYS_PER_ADDRESS, MOST_CALLERS, WRITES, Paced, Paces
from api.door.strangers import WITHIN, Strangers
from api.examples import SIMULATIONS
from db.access.door import write_entries
from db.engine import Database
from domain.door import AtDoor, DoorEntry
from domain.kinds import OrderKind
from domain.people import Role
from domain.refusals import TooFast
from settings import Settings
from tests.api.contenders import Written, planned_project
from tests.api.house import ORDERS, House, body, opened, write_order
from tests.api.test_events import launch_project, place
from tests.api.test_plans import PLANS, REQUEST
from tests.api.test_rotas import NIGHT, sdm
from tests.domain.orders.paper import Paper, placed
from tests.world import CONTRACT, HQ

MATRIX = f"/api/v1/contracts/{CONTRACT.id}/matrix.pdf"
ALERTS = {"/api/v1/alerts", "/api/v1/alerts/alertmanager"}
ROOT = Path(__file__).parents[2]
AT = datetime(2026, 3, 2, 9, 0, 30, tzinfo=UTC)
Opening = Callable[..., AbstractAsyncContextManager[House]]


@pytest.fixture
async def paced(cut_off: House) -> Opening:
    """Another process of the same house, with other settings."""

    @asynccontextmanager
    async def another(**settings: float) -> AsyncIterator[House]:
        async with opened(cut_off.settings.model_copy(update=settings), cut_off.database) as house:
            yield house

    return another


def writing_routes(house: House) -> list[tuple[str, str]]:
    found = []
    for context in iter_route_contexts(house.app.routes):
        path = re.sub(r"\{[^}]+\}", "1", context.path or "")
        found += [(method, path) for method in sorted(WRITES & set(context.methods or ()))]
    return [(method, path) for method, path in found if path not in ALERTS]


def guess() -> dict[str, str]:
    return {"Authorization": f"Bearer imac_{secrets.token_hex(5)}_{secrets.token_urlsafe(32)}"}


def told(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, body(answer)["errors"][0]["code"]


async def test_every_route_that_writes_has_an_end_for_each_key(paced: Opening) -> None:
    async with paced(write_rate=0.1) as house:
        used_up, fresh = await house.caller(Role.ADMIN), await house.caller(Role.ADMIN)
        await used_up.post(ORDERS, json={})
        walked = writing_routes(house)
        # The address would have its end first.
        house.app.state.paces.take_at_address = _freely

        answers = {route: await used_up.request(*route) for route in walked}

        first = await fresh.post(ORDERS, json={})
    keyed = {route: answer for route, answer in answers.items() if route[1].startswith("/api/")}
    assert len(keyed) > 40
    assert {route: told(answer) for route, answer in keyed.items()} == dict.fromkeys(keyed, (429, "writing_too_fast"))
    assert all(1 <= int(answer.headers["Retry-After"]) <= 10 for answer in keyed.values())
    assert first.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


async def test_every_route_that_writes_has_an_end_for_each_address_whoever_comes(paced: Opening) -> None:
    async with paced(write_rate=0.1) as house:
        nobody = await house.client({"Accept-Language": "de"})
        for _ in range(KEYS_PER_ADDRESS):
            await nobody.post(ORDERS)

        answers = [await nobody.request(*route) for route in writing_routes(house)]
        read = await nobody.get(ORDERS)

    assert {told(answer) for answer in answers} == {(429, "writing_too_fast")}
    assert {answer.headers["Content-Type"] for answer in answers} == {"application/problem+json"}
    assert "noch einmal" in body(answers[0])["detail"]
    assert read.status_code == HTTPStatus.UNAUTHORIZED


async def _freely(*_: object) -> None:
    return None


async def test_alerts_keep_a_pace_of_their_own(paced: Opening) -> None:
    async with paced(write_rate=0.1) as house:
        monitoring = await house.caller(Role.SYSTEM, customer="adler")
        alert = {"source": "prometheus", "key": "disk", "labels": {"severity": "warning"}}

        answers = [await monitoring.post("/api/v1/alerts", json=alert) for _ in range(2 * KEYS_PER_ADDRESS)]

    assert HTTPStatus.TOO_MANY_REQUESTS not in {answer.status_code for answer in answers}


async def test_whatever_is_made_in_the_workshop_has_an_end_for_each_key_and_address(paced: Opening) -> None:
    async with paced(computing_rate=1) as house:
        keys = [await house.coordinator() for _ in range(KEYS_PER_ADDRESS + 1)]
        firsts = [await key.get(MATRIX) for key in keys]
        upload = {"file": ("list.csv", b"tag;model\nNB-1;X\n", "text/csv")}

        again = await keys[0].get(MATRIX)
        uploaded = await keys[0].post("/api/v1/imports/assets", files=upload, params={"customer": "adler"})
        read = await keys[0].get(ORDERS)

    assert [first.status_code for first in firsts] == [*[200] * KEYS_PER_ADDRESS, 429]
    assert [told(again), told(uploaded)] == [(429, "computing_too_fast")] * 2
    assert 1 <= int(again.headers["Retry-After"]) <= 60
    assert read.status_code == HTTPStatus.OK


PROJECT = "/api/v1/projects/floors"
LIST = {"file": ("list.csv", b"tag;model\nNB-1;X\n", "text/csv")}
REPORTED = {"operator": "p-lang", "verifier": "p-koch", "place": "Werkstatt", "validation": "zurückgelesen"}
# By modules that have something made in the workshop: what is asked of each of their routes that do.
COMPUTING: dict[str, list[tuple[str, str, Written]]] = {
    "contracts/matrix.py": [("GET", MATRIX, {})],
    "contracts/manuals.py": [("GET", f"/api/v1/contracts/{CONTRACT.id}/manual.pdf", {})],
    "contracts/costs.py": [
        ("GET", f"/api/v1/contracts/{CONTRACT.id}/cost?from=2026-11-01&to=2026-11-02", {}),
        ("POST", f"/api/v1/contracts/{CONTRACT.id}/cost", {"json": {"from": "2026-11-01", "to": "2026-11-02"}}),
    ],
    "orders/run_sheets.py": [("GET", "/api/v1/run-sheets/p-lang/pdf?day=2027-03-12", {})],
    "orders/papers.py": [("POST", "/api/v1/orders/O-1/papers", {"files": LIST})],
    "orders/erasure_files.py": [
        ("POST", "/api/v1/orders/O-1/erasure-reports", {"files": LIST, "params": REPORTED}),
    ],
    "orders/recycler_files.py": [("POST", "/api/v1/orders/O-2/recycler-lists", {"files": LIST})],
    "orders/protocols.py": [("GET", "/api/v1/orders/O-2/protocols/handover_protocol", {})],
    "orders/waste.py": [
        ("GET", "/api/v1/waste?customer=adler&year=2026", {}),
        ("GET", "/api/v1/waste.csv?customer=adler&year=2026", {}),
    ],
    "assets/labels.py": [("GET", "/api/v1/labels/pdf?customer=adler&tag=NB-200", {})],
    "moves/doors.py": [("GET", f"{PROJECT}/doors", {}), ("GET", f"{PROJECT}/doors.pdf", {})],
    "assets/imports.py": [("POST", "/api/v1/imports/assets", {"files": LIST, "params": {"customer": "adler"}})],
    "moves/project.py": [
        ("POST", f"{PROJECT}/lists", {"files": LIST}),
        ("GET", f"{PROJECT}/list.xlsx", {}),
        ("GET", f"{PROJECT}/template.xlsx", {"params": {"site": HQ.id}}),
    ],
    # Opens without a key.
    "oncall/feeds.py": [],
    # Lists, as they are brought in.
    "moves/lists.py": [],
    "moves/plans.py": [
        ("POST", PLANS, {"json": REQUEST}),
        ("POST", f"{PLANS}/1/reschedule", {"json": {"wave": "w1", "start": "2099-03-16T08:00:00+01:00"}}),
        ("GET", f"{PLANS}/1/chart", {}),
    ],
    "moves/gantt.py": [("GET", f"{PROJECT}/gantt", {})],
    "moves/reports.py": [("GET", f"{PROJECT}/report{ending}", {}) for ending in ("", ".pdf", ".xlsx")],
    "contracts/simulations.py": [("POST", "/api/v1/simulations", {"json": SIMULATIONS["month"]["value"]})],
    "sla.py": [
        ("POST", "/api/v1/sla/whatif", {"json": {"case": "order/O-1", "target_minutes": 60}}),
        ("POST", "/api/v1/sla/migrations/preview", {"json": {"contract": CONTRACT.id}}),
    ],
}


async def test_every_route_that_computes_has_an_end(cut_off: House, paced: Opening) -> None:
    await planned_project(cut_off)
    await launch_project(cut_off, "floors")
    await place(cut_off, "O-1")
    left = Paper(placed(OrderKind.DISPOSE).but(no="O-2")).until("proof")
    steps, given, assets = left.progress.steps, left.progress.given, left.progress.assets
    await write_order(cut_off.database, left.order, steps=steps, given=given, assets=assets)
    async with paced(computing_rate=1) as house:
        desk = await house.coordinator()
        await desk.get(MATRIX)

        answers = {
            f"{method} {path}": await desk.request(method, path, **asked)
            for routes in COMPUTING.values()
            for method, path, asked in routes
        }

    assert {route: told(answer) for route, answer in answers.items()} == dict.fromkeys(
        answers, (429, "computing_too_fast")
    )


async def test_a_calendar_that_opens_without_a_key_has_an_end_for_its_address(cut_off: House, paced: Opening) -> None:
    await sdm(cut_off)
    async with paced(computing_rate=1) as house:
        technician = await house.caller(Role.TECHNICIAN, "p-lang")
        feed = body(await technician.post(f"{NIGHT}/calendar-feeds", json={"person": "p-lang"}))
        address = feed["url"].removeprefix("http://127.0.0.1:8080")
        nobody = await house.client()

        answers = [(await nobody.get(address)).status_code for _ in range(KEYS_PER_ADDRESS + 1)]

    assert answers == [*[200] * KEYS_PER_ADDRESS, 429]


def test_no_module_computes_that_is_not_asked() -> None:
    api = ROOT / "api"
    making = {
        f"{path.relative_to(api)}"
        for path in api.rglob("*.py")
        if re.search(r"workshop\.(make|read)\(", path.read_text()) and path.name != "workshop.py"
    }

    assert making == COMPUTING.keys()


def test_no_route_reaches_the_workshop_but_by_the_one_way_that_counts() -> None:
    reaching = {
        path.name for path in (ROOT / "api").rglob("*.py") if re.search(r"state\.workshop|Workshop\(", path.read_text())
    }

    assert reaching == {"app.py", "workshop.py"}


async def test_a_key_and_an_address_hold_so_many_streams_and_no_more() -> None:
    paces = Paces(Settings(streams=2))
    with paces.streaming("a", "198.51.100.1"), paces.streaming("a", "198.51.100.1"):
        with pytest.raises(TooFast), paces.streaming("a", "203.0.113.1"):
            pass
        with paces.streaming("b", "198.51.100.1"):
            pass
    with ExitStack() as streams:
        for number, held in enumerate("aabbccdd"):
            streams.enter_context(paces.streaming(held, f"2001:db8::{number}"))
        with pytest.raises(TooFast), paces.streaming("e", "2001:db8::9"):
            pass
        with paces.streaming("e", "2001:db8:0:1::9"):
            pass


async def test_streams_that_have_ended_are_forgotten() -> None:
    paces = Paces(Settings(streams=1))

    for _ in range(3):
        with paces.streaming("a", "198.51.100.1"):
            pass

    assert not paces._streams


async def test_many_addresses_share_one_count_when_too_many_are_kept() -> None:
    paces = Paces(Settings(write_rate=1))

    for number in range(MOST_CALLERS + 20):
        await paces.take_at_address(Paced.WRITING, f"10.0.{number // 250}.{number % 250}")

    assert len(paces._counts.storage) <= MOST_CALLERS + 1


async def test_an_address_that_guesses_waits_and_who_works_there_goes_on(paced: Opening) -> None:
    async with paced(wrong_keys=5) as house:
        known, unknown = await house.coordinator(), await house.coordinator()
        await known.get(ORDERS)
        guessing = [await (await house.client(guess())).get(ORDERS) for _ in range(6)]
        nobody = await house.client()

        link = await nobody.get("/links/keys/abcdef.ghi")
        answers = [(await caller.get(ORDERS)).status_code for caller in (known, unknown, nobody)]
        house.app.state.book.strangers.check("203.0.113.9", datetime.now(UTC), "another address")

    assert [answer.status_code for answer in guessing] == [*[401] * 5, 429]
    assert told(guessing[-1]) == (429, "too_many_wrong_keys")
    assert 1 <= int(guessing[-1].headers["Retry-After"]) <= WITHIN.total_seconds()
    assert answers == [200, 429, 401]
    assert link.status_code in (404, 429)


async def test_processes_tell_one_another_who_guesses(paced: Opening) -> None:
    async with paced(wrong_keys=5) as one, paced(wrong_keys=5) as other:
        for _ in range(5):
            await (await one.client(guess())).get(ORDERS)
        await one.app.state.book.write()

        first = await (await other.client(guess())).get(ORDERS)
        await other.app.state.book.strangers.ask(datetime.now(UTC))
        second = await (await other.client(guess())).get(ORDERS)

    assert (first.status_code, second.status_code) == (401, 429)


async def refused_at(database: Database, *minutes: float, count: int) -> None:
    async with database.writing() as session:
        write_entries(
            session,
            [
                DoorEntry(
                    at=AT - timedelta(minutes=ago), what=AtDoor.REFUSED, why="key_unknown", address=address, count=count
                )
                for ago in minutes
                for address in ("2001:db8::1", "2001:db8::2")
            ],
        )


async def test_who_has_waited_is_heard_again(database: Database) -> None:
    strangers = Strangers(database, most=10)
    await refused_at(database, 0, 1, 2.9, 10, count=3)
    strangers.refused(DoorEntry(at=AT, what=AtDoor.REFUSED, why="key_unknown", address="2001:db8::7"))
    await strangers.ask(AT)

    with pytest.raises(TooFast) as told_to_wait:
        strangers.check("2001:db8::9", AT)

    strangers.check("2001:db8:0:1::9", AT)
    strangers.check("2001:db8::9", AT + timedelta(seconds=told_to_wait.value.wait))
    with pytest.raises(TooFast):
        strangers.check("2001:db8::9", AT + timedelta(seconds=told_to_wait.value.wait - 1))


async def test_the_tables_are_asked_only_when_a_key_was_refused_and_not_at_once_again(database: Database) -> None:
    strangers = Strangers(database, most=1)
    await refused_at(database, 0, count=3)
    refusal = DoorEntry(at=AT, what=AtDoor.REFUSED, why="link_wrong", address="203.0.113.1")
    check = partial(strangers.check, "2001:db8::9")

    await strangers.ask(AT)
    check(AT)
    strangers.refused(refusal)
    await strangers.ask(AT)

    with pytest.raises(TooFast):
        check(AT)


async def test_whoever_guesses_from_many_addresses_fills_no_memory(database: Database) -> None:
    strangers = Strangers(database, most=10)

    for number in range(12_000):
        address = f"2001:db8:{number:x}::1"
        strangers.refused(DoorEntry(at=AT, what=AtDoor.REFUSED, why="key_unknown", address=address))
        strangers.welcome(f"{number}")
    await asyncio.sleep(0)

    assert sum(map(len, strangers._ours.values())) == 10_000
    assert len(strangers._familiar) == 10_000
