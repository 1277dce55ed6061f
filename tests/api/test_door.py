"""The door: every route asks for a key, every refusal and every change is on record, and nobody floods the record."""

import re
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import httpx2
import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from api.policy import ALLOWED, Operation
from db.access.door import DoorQuery, door_entries, write_entries
from db.access.keys import add_key, revoke_key
from db.engine import Database
from domain.door import MOST_SOURCES, AtDoor, DoorEntry
from domain.keys import Grant, key_id_of
from domain.people import Role
from tests.api.house import House, body
from tests.api.test_access import OPEN, operations

DOOR = "/api/v1/door"
KEYS = "/api/v1/keys"
ORDERS = "/api/v1/orders"
HELD = frozenset(Role) - {Role.ASSIGNEE}


def routes(house: House) -> Iterator[tuple[str, str, Operation]]:
    """Every route that takes a key: how it is asked, where, and what it does."""
    for context in iter_route_contexts(house.app.routes):
        if context.path not in OPEN:
            assert isinstance(context.original_route, APIRoute), context.path
            (operation,) = operations(context.original_route.dependant)
            path = re.sub(r"\{[^}]+\}", "1", context.path or "")
            yield from ((method, path, operation) for method in sorted(context.methods or ()))


async def entries(house: House, **asked: str) -> list[dict[str, object]]:
    auditor = await house.caller(Role.AUDITOR)
    found: list[dict[str, object]] = body(await auditor.get(DOOR, params={"limit": 200, **asked}))["items"]
    return found


def from_address(house: House, address: str, key: str | None) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(house.app, raise_app_exceptions=False, client=(address, 0))
    headers = {"Authorization": f"Bearer {key}"} if key else None
    return httpx2.AsyncClient(transport=transport, base_url="http://imacflow.test", headers=headers)


async def key_that(house: House, *, ended: datetime | None = None, revoked: bool = False) -> str:
    async with house.database.writing() as session:
        made = await add_key(session, Grant(role=Role.ADMIN, expires_at=ended), datetime.now(UTC))
        if revoked:
            await revoke_key(session, made.id, datetime.now(UTC))
    return made.key


async def test_every_route_is_closed_without_a_valid_key_and_the_door_knows_why(cut_off: House) -> None:
    valid = await key_that(cut_off)
    shown = {
        "key_needed": None,
        "key_unknown": f"imac_{secrets.token_hex(5)}_{secrets.token_urlsafe(32)}",
        "secret_wrong": f"imac_{key_id_of(valid)}_{secrets.token_urlsafe(32)}",
        "key_expired": await key_that(cut_off, ended=datetime.now(UTC) - timedelta(seconds=1)),
        "key_revoked": await key_that(cut_off, revoked=True),
    }
    walked = list(routes(cut_off))
    # Each from an address of its own: one alone would be held to the pace.
    for number, (why, key) in enumerate(shown.items()):
        async with from_address(cut_off, f"198.51.100.{number}", key) as caller:
            answers = {(method, path): (await caller.request(method, path)).status_code for method, path, _ in walked}
        assert set(answers.values()) == {HTTPStatus.UNAUTHORIZED}, (why, answers)

    counted = dict.fromkeys(shown, 0)
    for entry in await entries(cut_off, what="refused"):
        if entry["why"] is not None:
            counted[str(entry["why"])] += int(str(entry["count"]))
    assert len(walked) > 100
    assert all(counted.values())


async def test_a_link_that_nobody_was_sent_opens_no_page(cut_off: House) -> None:
    nobody = await cut_off.client()
    asked = [
        (method, (context.path or "").replace("{token}", token))
        for context in iter_route_contexts(cut_off.app.routes)
        if context.path in OPEN and "{token}" in context.path
        for method in sorted(context.methods or ())
        for token in ("1", secrets.token_urlsafe(32), f"{secrets.token_hex(5)}.{secrets.token_urlsafe(32)}")
    ]

    answers = {(method, path): (await nobody.request(method, path)).status_code for method, path in asked}

    assert len(answers) > 20
    assert {route: code for route, code in answers.items() if code != HTTPStatus.NOT_FOUND} == {}


async def test_every_role_is_let_in_exactly_where_the_policy_says(cut_off: House) -> None:
    walked = [route for route in routes(cut_off) if route[2] != Operation.FOLLOW_EVENTS]
    wrong = []
    for role in sorted(HELD):
        caller = await cut_off.caller(role, customer="adler")
        for method, path, operation in walked:
            may = role == Role.ADMIN or role in ALLOWED[operation]
            answer = await caller.request(method, path)
            refused = answer.status_code == HTTPStatus.FORBIDDEN and "not_permitted" in answer.text
            if may == refused or answer.status_code == HTTPStatus.UNAUTHORIZED:
                wrong.append((role, method, path, answer.status_code))

    assert wrong == []


async def test_refusals_say_who_came_from_where_and_to_do_what(cut_off: House) -> None:
    technician = await cut_off.caller(Role.TECHNICIAN, "p-lang", "adler")

    answer = await technician.get(KEYS)
    (entry,) = await entries(cut_off, what="forbidden")

    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert (entry["person"], entry["role"], entry["customer"]) == ("p-lang", "technician", "adler")
    assert (entry["operation"], entry["why"]) == ("listKeys", "not_permitted")
    assert entry["request_id"] == answer.headers["X-Request-Id"]


async def test_a_flood_of_wrong_keys_leaves_few_rows_that_count_all_of_it(cut_off: House) -> None:
    nobody = await cut_off.client()
    for _ in range(300):
        wrong = f"imac_{secrets.token_hex(5)}_{secrets.token_urlsafe(32)}"
        await nobody.get(ORDERS, headers={"Authorization": f"Bearer {wrong}"})

    found = await entries(cut_off, what="refused")

    assert sum(int(str(entry["count"])) for entry in found) == 300
    assert len(found) <= 4 * MOST_SOURCES


async def test_the_door_is_read_by_auditors_and_administrators_each_within_their_customer(cut_off: House) -> None:
    await cut_off.second_customer()
    for customer in ("adler", "falke"):
        await (await cut_off.caller(Role.TECHNICIAN, "p-lang", customer)).get(KEYS)
    await (await cut_off.client()).get(KEYS)

    async def seen(role: Role, customer: str | None) -> list[object]:
        caller = await cut_off.caller(role, customer=customer)
        return [entry["customer"] for entry in body(await caller.get(DOOR))["items"]]

    assert await seen(Role.AUDITOR, "falke") == ["falke"]
    assert await seen(Role.ADMIN, "adler") == ["adler"]
    assert sorted(map(str, await seen(Role.AUDITOR, None))) == ["None", "adler", "falke"]
    scoped = await cut_off.caller(Role.AUDITOR, customer="falke")
    assert (await scoped.get(DOOR, params={"customer": "adler"})).status_code == HTTPStatus.NOT_FOUND
    for role in HELD - {Role.AUDITOR, Role.ADMIN}:
        assert (await (await cut_off.caller(role)).get(DOOR)).status_code == HTTPStatus.FORBIDDEN


async def test_the_door_is_read_page_by_page(cut_off: House) -> None:
    auditor = await cut_off.caller(Role.AUDITOR)
    at = datetime.now(UTC)
    async with cut_off.database.writing() as session:
        write_entries(session, [DoorEntry(at=at, what=AtDoor.KEY_MADE, about=f"k{number}") for number in range(5)])

    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        shown = body(await auditor.get(DOOR, params={"limit": 2, "what": "key_made", **cursor}))
        seen += [entry["about"] for entry in shown["items"]]
        if shown.get("next") is None:
            break
        cursor = {"cursor": shown["next"]}
    garbage = [await auditor.get(DOOR, params={"cursor": cursor}) for cursor in ("x", "eyJ9", "9" * 400)]

    assert seen == ["k4", "k3", "k2", "k1", "k0"]
    assert [answer.status_code for answer in garbage] == [422] * 3


async def test_changes_of_keys_and_channels_are_on_record_with_who_made_them(cut_off: House) -> None:
    admin = await cut_off.caller(Role.ADMIN, "p-sommer")
    made = body(await admin.post(KEYS, json={"role": "auditor"}))
    await admin.delete(f"{KEYS}/{made['id']}")
    await admin.delete(f"{KEYS}/{made['id']}")
    channel = {"id": "sms", "name": "SMS", "type": "seven", "key": "canary-key-1234", "sender": "imacflow"}
    assert (await admin.put("/api/v1/channels/sms", json=channel)).status_code == HTTPStatus.OK
    await admin.delete("/api/v1/channels/sms")

    found = [(entry["what"], entry["about"], entry["person"]) for entry in await entries(cut_off)]

    assert found == [
        ("channel_removed", "sms", "p-sommer"),
        ("channel_saved", "sms", "p-sommer"),
        ("key_revoked", made["id"], "p-sommer"),
        ("key_made", made["id"], "p-sommer"),
    ]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("UPDATE door SET person = 'somebody-else'", id="changed"),
        pytest.param("DELETE FROM door", id="removed"),
        pytest.param("TRUNCATE door", id="emptied"),
        pytest.param(
            "INSERT OR REPLACE INTO door (id, at, what, address, count) VALUES (1, 'x', 'x', '', 1)", id="over"
        ),
    ],
)
async def test_what_is_on_record_stays(database: Database, change: str) -> None:
    async with database.writing() as session:
        write_entries(session, [DoorEntry(at=datetime.now(UTC), what=AtDoor.KEY_MADE, person="p-koch")])

    with pytest.raises(DBAPIError):
        async with database.writing() as session:
            await session.execute(text(change))

    async with database.reading() as session:
        (entry,) = await door_entries(session, DoorQuery(customers=None, limit=10))
    assert entry.person == "p-koch"


async def test_when_and_whence_a_key_was_used_last_is_written_in_batches(cut_off: House) -> None:
    key = await cut_off.key(Role.AUDITOR)
    auditor = await cut_off.client({"Authorization": f"Bearer {key}"})
    admin = await cut_off.caller(Role.ADMIN)

    async def last_use() -> object:
        listed = body(await admin.get(KEYS))
        return next(one["last_used_at"] for one in listed if one["id"] == key_id_of(key))

    before = datetime.now(UTC)
    for _ in range(5):
        await auditor.get(ORDERS)
    unwritten = await last_use()
    await cut_off.app.state.book.write()
    written = await last_use()

    assert unwritten is None
    assert datetime.fromisoformat(str(written)) >= before


async def test_every_answer_bears_the_id_of_its_request(cut_off: House) -> None:
    caller = await cut_off.caller(Role.AUDITOR)
    answers = [await caller.get(path) for path in (ORDERS, "/health/live", "/nowhere", "/p/x", "/k/x", "/docs")]

    ids = [answer.headers.get("X-Request-Id") for answer in answers]

    assert all(ids)
    assert len(set(ids)) == len(ids)


async def test_the_documentation_page_keeps_no_key_in_the_browser(cut_off: House) -> None:
    started: httpx2.Response = await (await cut_off.client()).get("/docs/start.js")

    assert "persistAuthorization: false" in started.text


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        pytest.param("198.51.100.7", "198.51.100.7", id="an address"),
        pytest.param("::ffff:198.51.100.7", "198.51.100.7", id="written as IPv6"),
        pytest.param("2001:DB8:0::1", "2001:db8::1", id="written otherwise"),
        pytest.param("fe80::1%" + "a" * 300, "fe80::1", id="with a zone"),
        pytest.param("_hidden", "unknown", id="no address"),
        pytest.param("<script>", "unknown", id="markup"),
        pytest.param("x" * 5000, "unknown", id="long"),
        pytest.param("1.2.3.4:" + "9" * 5000, "unknown", id="a long port"),
        pytest.param("a\tb\x85\u2028c", "unknown", id="signs that end lines"),
        pytest.param("", "unknown", id="nothing"),
    ],
)
async def test_whatever_a_proxy_hands_on_as_an_address_can_be_written_down(house: House, said: str, kept: str) -> None:
    async with from_address(house, said, f"imac_{secrets.token_hex(5)}_{secrets.token_urlsafe(32)}") as stranger:
        refused = await stranger.get("/api/v1/orders")
    await house.app.state.book.write()

    async with house.database.reading() as session:
        entries = await door_entries(session, DoorQuery(customers=None, limit=50))

    assert refused.status_code == HTTPStatus.UNAUTHORIZED
    assert [entry.address for entry in entries if entry.what == AtDoor.REFUSED] == [kept]
