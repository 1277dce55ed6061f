"""Lists: narrowed, sorted, and stable page by page while work goes on."""

import base64
import json
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import httpx2
import pytest

from domain.cases.order_commands import Book, Window
from domain.kinds import OrderKind, OrderState
from domain.people import Role
from tests.api.house import INCIDENTS, ORDERS, House, body, write_order
from tests.world import DESK, order, request

START = datetime(2026, 6, 1, 9, tzinfo=UTC)


def forged(at: str) -> str:
    cursor = {"sort": "orders -received_at", "after": [at, "x"]}
    return base64.urlsafe_b64encode(json.dumps(cursor).encode()).decode().rstrip("=")


async def write_installs(house: House, count: int, *, since: datetime = START) -> list[str]:
    """One a minute, oldest first; every second one is scheduled."""
    numbers = []
    for minute in range(count):
        asked = request(OrderKind.INSTALL, target=DESK, assets=["NB-100"], reference=f"R-{minute % 3}")
        placed = order(asked, since + timedelta(minutes=minute))
        state = OrderState.SCHEDULED if minute % 2 else OrderState.REQUESTED
        await write_order(house.database, placed, state=state)
        numbers.append(placed.no)
    return numbers


async def pages(client: httpx2.AsyncClient, path: str, **query: str | int) -> list[list[str]]:
    """The numbers (or tags) on each page."""
    found = []
    while True:
        answer = await client.get(path, params=query)
        assert answer.status_code == HTTPStatus.OK, answer.text
        found.append([item.get("no") or item["tag"] for item in body(answer)["items"]])
        if body(answer)["next"] is None:
            return found
        query["cursor"] = body(answer)["next"]


async def test_every_order_is_on_one_page_only_newest_first(cut_off: House) -> None:
    numbers = await write_installs(cut_off, 7)
    desk = await cut_off.coordinator()

    found = await pages(desk, ORDERS, limit=3)

    assert [len(page) for page in found] == [3, 3, 1]
    assert [no for page in found for no in page] == numbers[::-1]


async def test_pages_stay_right_while_orders_come_in(cut_off: House) -> None:
    numbers = await write_installs(cut_off, 5)
    desk = await cut_off.coordinator()
    first = await desk.get(ORDERS, params={"limit": 2})
    await write_installs(cut_off, 3, since=START + timedelta(days=1))

    second = await desk.get(ORDERS, params={"limit": 3, "cursor": body(first)["next"]})

    assert [item["no"] for item in body(second)["items"]] == numbers[2::-1]
    assert body(second)["next"] is None


@pytest.mark.parametrize("sort", ["received_at", "-received_at", "updated_at", "-updated_at", "deadline", "-deadline"])
async def test_every_sort_shows_each_order_once(cut_off: House, sort: str) -> None:
    numbers = await write_installs(cut_off, 5)
    desk = await cut_off.coordinator()

    found = await pages(desk, ORDERS, limit=2, sort=sort)

    assert sorted(no for page in found for no in page) == sorted(numbers)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        pytest.param({"state": "scheduled"}, 3, id="in one state"),
        pytest.param({"state": ["scheduled", "requested"]}, 6, id="in one of two states"),
        pytest.param({"kind": "move"}, 0, id="of another kind"),
        pytest.param({"reference": "R-1"}, 2, id="under a reference of the customer's"),
        pytest.param({"requester": "p-vogel", "site": "adler-hq", "contract": "adler-2026"}, 6, id="by requester"),
        pytest.param({"received_from": "2026-06-01T11:02:00+02:00"}, 4, id="from a time on"),
        pytest.param({"received_until": "2026-06-01T09:02:00Z"}, 2, id="until a time"),
        pytest.param({"missed": "true"}, 0, id="late ones"),
        pytest.param({"stuck": "false", "customer": "adler"}, 6, id="going on by themselves"),
        pytest.param({"customer": "falke"}, 0, id="of another customer"),
    ],
)
async def test_lists_are_narrowed(cut_off: House, query: dict[str, str], count: int) -> None:
    await write_installs(cut_off, 6)
    desk = await cut_off.coordinator()

    answer = await desk.get(ORDERS, params=query)

    assert len(body(answer)["items"]) == count


@pytest.mark.parametrize(
    ("query", "at"),
    [
        pytest.param({"cursor": "garbage!"}, "/query/cursor", id="garbage"),
        pytest.param({"cursor": "e30"}, "/query/cursor", id="an empty object"),
        pytest.param({"cursor": forged("2026-01-01")}, "/query/cursor", id="a forged naive instant"),
        pytest.param({"cursor": forged("0001-01-01T00:00:00+14:00")}, "/query/cursor", id="a forged impossible one"),
        pytest.param({"limit": "0"}, "/query/limit", id="an empty page"),
        pytest.param({"limit": "201"}, "/query/limit", id="too long a page"),
        pytest.param({"limit": "9" * 5000}, "/query/limit", id="an endless number"),
        pytest.param({"sort": "note"}, "/query/sort", id="an unknown sort"),
        pytest.param({"state": "lost"}, "/query/state/0", id="an unknown state"),
        pytest.param({"received_from": "2026-06-01T10:00:00"}, "/query/received_from", id="a time without zone"),
        pytest.param({"received_from": "9999-12-31T23:59:59Z"}, "/query/received_from", id="the year 9999"),
        pytest.param({"reference": "a\0b"}, "/query/reference", id="a NUL"),
        pytest.param({"colour": "red"}, "/query/colour", id="an unknown parameter"),
    ],
)
async def test_wrong_questions_are_named(cut_off: House, query: dict[str, str], at: str) -> None:
    desk = await cut_off.coordinator()

    answer = await desk.get(ORDERS, params=query)

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert at in {fault["at"] for fault in body(answer)["errors"]}


async def test_a_cursor_belongs_to_its_sort(cut_off: House) -> None:
    await write_installs(cut_off, 3)
    desk = await cut_off.coordinator()
    cursor = body(await desk.get(ORDERS, params={"limit": 1}))["next"]

    answer = await desk.get(ORDERS, params={"cursor": cursor, "sort": "deadline"})

    assert body(answer)["type"] == "urn:imacflow:problem:cursor_wrong"


@pytest.mark.parametrize("address", [INCIDENTS, "/api/v1/pages", "/api/v1/awaited", "/api/v1/assets"])
async def test_a_cursor_belongs_to_its_list(cut_off: House, address: str) -> None:
    await write_installs(cut_off, 3)
    desk = await cut_off.coordinator()
    cursor = body(await desk.get(ORDERS, params={"limit": 1}))["next"]

    answer = await desk.get(address, params={"cursor": cursor})

    assert body(answer)["type"] == "urn:imacflow:problem:cursor_wrong"


async def test_assets_are_found_by_page_status_and_word(cut_off: House) -> None:
    desk = await cut_off.coordinator()

    assert await pages(desk, "/api/v1/assets", limit=2) == [["NB-100", "NB-101"], ["NB-200", "NB-900"], ["RAM-1"]]
    assert await pages(desk, "/api/v1/assets", status="in_stock") == [["NB-100", "NB-101", "RAM-1"]]
    assert await pages(desk, "/api/v1/assets", search="vogel") == [["NB-200"]]
    assert await pages(desk, "/api/v1/assets", search="100%") == [[]]


async def test_an_asset_shows_its_life(cut_off: House) -> None:
    desk = await cut_off.coordinator()

    asset = await desk.get("/api/v1/assets/NB-200", params={"customer": "adler"})
    life = await desk.get("/api/v1/assets/NB-200/life", params={"customer": "adler"})
    whose = await desk.get("/api/v1/assets/NB-200")

    assert (body(asset)["holder"], body(asset)["status"]) == ("Anna Vogel", "deployed")
    assert [(entry["before"], entry["after"]) for entry in body(life)] == [(None, body(asset))]
    assert (whose.status_code, body(whose)["errors"][0]["at"]) == (422, "/query/customer")


async def test_a_technicians_day_is_their_visits_of_that_day_by_the_clock_at_the_site(cut_off: House) -> None:
    await cut_off.second_customer()
    # In Augsburg the 2nd of March begins at 23:00 UTC.
    starts = ["2026-03-01T22:30", "2026-03-01T23:00", "2026-03-02T07:00", "2026-03-02T22:45", "2026-03-02T23:00"]
    for number, start in enumerate([*starts, "2026-03-02T09:00"]):
        asked = order(request(OrderKind.INSTALL, target=DESK, assets=["NB-100"]), START).but(no=f"O-{number}")
        at = datetime.fromisoformat(f"{start}+00:00")
        visit = Book(
            window=Window(start=at, end=at + timedelta(minutes=30)), technician="p-lang" if number < 5 else "p-x"
        )
        await write_order(cut_off.database, asked, appointment=visit)
    await write_order(cut_off.database, order(request(OrderKind.INSTALL, target=DESK, assets=["NB-100"]), START))
    desk, other = await cut_off.coordinator(), await cut_off.caller(Role.COORDINATOR, "p-koch", "falke")
    day = {"technician": "p-lang", "day": "2026-03-02", "sort": "starts_at"}

    mine = await desk.get(ORDERS, params=day)
    first = await desk.get(ORDERS, params=day | {"limit": 2})
    rest = await desk.get(ORDERS, params=day | {"limit": 2, "cursor": body(first)["next"]})
    everybody = await desk.get(ORDERS, params={"day": "2026-03-02"})
    all_visits = await desk.get(ORDERS, params={"sort": "-starts_at"})
    wrong = [await desk.get(ORDERS, params=asked) for asked in ({"day": "2026-02-30"}, {"day": "9999-12-31"})]
    theirs = await other.get(ORDERS, params=day)
    incidents = await desk.get(INCIDENTS, params={"sort": "starts_at"})

    assert [line["no"] for line in body(mine)["items"]] == ["O-1", "O-2", "O-3"]
    assert body(mine)["items"][0]["technician"] == "p-lang"
    assert (body(mine)["items"][0]["starts_at"], body(mine)["items"][0]["ends_at"]) == (
        "2026-03-01T23:00:00Z",
        "2026-03-01T23:30:00Z",
    )
    assert body(first)["items"] + body(rest)["items"] == body(mine)["items"]
    assert {line["no"] for line in body(everybody)["items"]} == {"O-1", "O-2", "O-3", "O-5"}
    assert len(body(all_visits)["items"]) == 6
    assert {answer.status_code for answer in wrong} == {HTTPStatus.UNPROCESSABLE_ENTITY}
    assert body(theirs)["items"] == []
    assert incidents.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
