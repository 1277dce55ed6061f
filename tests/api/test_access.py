"""Keys, roles and scope: who may do what, and that other customers' things do not exist."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import get_args

import httpx2
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from api.app import create_app
from api.dependencies import May
from api.policy import ALLOWED, INCIDENT_COMMANDS, ORDER_COMMANDS, Operation
from db.access.keys import ensure_admin_key, list_keys, revoke_key
from db.engine import Database
from domain.cases.incident_commands import IncidentCommand
from domain.cases.order_commands import Command
from domain.keys import key_id_of
from domain.kinds import OrderKind
from domain.people import Role
from settings import Settings
from tests.api.house import INCIDENTS, INSTALL, ORDERS, TROUBLE, House, body, write_incident, write_order
from tests.world import DESK, incident, order, request, trouble

KEYS = "/api/v1/keys"
# They tell no customer's data, or ask for a link's token themselves.
OPEN = {
    *("/health/live", "/health/ready", "/docs", "/docs/start.js", "/docs/{name}", "/openapi.json"),
    *("/p/{token}", "/a/{token}", "/k/{token}", "/c/{token}"),
}
MARCH = "from=2026-03-01&to=2026-03-31"
WINDOW = {"start": "2027-03-01T09:00:00+01:00", "end": "2027-03-01T10:00:00+01:00"}


def operations(dependant: Dependant) -> set[Operation]:
    mine = {dependant.call.operation} if isinstance(dependant.call, May) else set()
    return mine.union(*(operations(below) for below in dependant.dependencies))


def test_every_route_says_what_it_does_and_all_of_it_is_in_the_policy(tmp_path: Path) -> None:
    app = create_app(Settings(data_dir=tmp_path))
    asked = {
        (context.path, tuple(sorted(context.methods or ()))): operations(context.original_route.dependant)
        if isinstance(context.original_route, APIRoute)
        else set()
        for context in iter_route_contexts(app.routes)
    }

    assert len(asked) > 100
    assert {path for (path, _), does in asked.items() if not does} == OPEN
    assert [route for route, does in asked.items() if len(does) > 1] == []
    assert set(Operation) == set(ALLOWED)


@pytest.mark.parametrize(
    ("commands", "allowed"),
    [(Command, ORDER_COMMANDS), (IncidentCommand, INCIDENT_COMMANDS)],
    ids=["order", "incident"],
)
def test_every_command_is_in_the_policy(commands: object, allowed: dict[str, frozenset[Role]]) -> None:
    union, _ = get_args(commands)
    names = {command.model_fields["type"].default for command in get_args(union)}

    assert names == set(allowed)


YES, NO = HTTPStatus.OK, HTTPStatus.FORBIDDEN


@pytest.mark.parametrize(
    ("role", "sees_prices", "places", "imports", "manages"),
    [
        pytest.param(Role.REQUESTER, True, True, False, False, id="requester"),
        pytest.param(Role.APPROVER, True, False, False, False, id="approver"),
        pytest.param(Role.CONTACT, True, False, False, False, id="contact"),
        pytest.param(Role.SERVICE_DESK, True, True, True, False, id="service desk"),
        pytest.param(Role.COORDINATOR, True, True, True, False, id="coordinator"),
        pytest.param(Role.TECHNICIAN, False, False, False, False, id="technician"),
        pytest.param(Role.SDM, True, True, True, False, id="SDM"),
        pytest.param(Role.BRM, True, False, False, False, id="BRM"),
        pytest.param(Role.AUDITOR, True, False, False, False, id="auditor"),
        pytest.param(Role.SYSTEM, False, True, True, False, id="system"),
        pytest.param(Role.ADMIN, True, True, True, True, id="administrator"),
    ],
)
async def test_what_a_role_may_do(
    house: House, role: Role, *, sees_prices: bool, places: bool, imports: bool, manages: bool
) -> None:
    caller = await house.caller(role, "p-vogel", "adler")

    answers = {
        "reads": await caller.get(ORDERS),
        "sees_prices": await caller.get("/api/v1/contracts/adler-2026"),
        "places": await caller.post(ORDERS, json=INSTALL),
        "imports": await caller.get("/api/v1/imports/none"),
        "manages": await caller.get(KEYS),
    }

    allowed = {what for what, answer in answers.items() if answer.status_code != HTTPStatus.FORBIDDEN}
    expected = {"sees_prices": sees_prices, "places": places, "imports": imports, "manages": manages}
    assert allowed == {"reads", *(what for what, may in expected.items() if may)}


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(None, id="no key"),
        pytest.param("Basic aW1hYzppbWFj", id="another scheme"),
        pytest.param("Bearer imac_0123456789_" + "x" * 43, id="a key nobody made"),
        pytest.param("Bearer imac", id="no key at all"),
        pytest.param("Bearer ü", id="letters no key has"),
    ],
)
async def test_without_a_valid_key_nothing_is_shown(cut_off: House, header: str | None) -> None:
    nobody = await cut_off.client()

    answer = await nobody.get(ORDERS, headers=[(b"Authorization", header.encode("latin-1"))] if header else None)

    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (HTTPStatus.UNAUTHORIZED, "Bearer")


async def test_a_key_is_shown_once_and_ends_when_it_is_revoked(cut_off: House) -> None:
    admin = await cut_off.caller(Role.ADMIN)
    asked = {"role": "coordinator", "person": "p-koch", "customer": "adler"}

    made = await admin.post(KEYS, json=asked)
    holder = await cut_off.client({"Authorization": f"Bearer {body(made)['key']}"})
    before = await holder.get(ORDERS)
    listed = await admin.get(KEYS)
    revoked = await admin.delete(f"{KEYS}/{body(made)['id']}")
    after = await holder.get(ORDERS)

    assert (made.status_code, before.status_code) == (HTTPStatus.CREATED, HTTPStatus.OK)
    assert body(made)["key"].startswith(f"imac_{body(made)['id']}_")
    assert body(made)["key"] not in listed.text
    assert "digest" not in listed.text
    assert (revoked.status_code, after.status_code) == (HTTPStatus.NO_CONTENT, HTTPStatus.UNAUTHORIZED)


async def test_a_key_expires(cut_off: House) -> None:
    admin = await cut_off.caller(Role.ADMIN)
    # Long enough for a busy machine to make the key before.
    soon = datetime.now(UTC) + timedelta(seconds=3)
    made = await admin.post(KEYS, json={"role": "auditor", "expires_at": soon.isoformat()})
    holder = await cut_off.client({"Authorization": f"Bearer {body(made)['key']}"})

    answer = await holder.get(ORDERS)
    while answer.status_code == HTTPStatus.OK:
        answer = await holder.get(ORDERS)

    assert datetime.now(UTC) >= soon
    assert answer.status_code == HTTPStatus.UNAUTHORIZED


@pytest.mark.parametrize(
    ("grant", "code"),
    [
        pytest.param({"role": "auditor"}, "scope_too_wide", id="for all customers"),
        pytest.param({"role": "auditor", "customer": "falke"}, "scope_too_wide", id="for another customer"),
        pytest.param({"role": "requester", "customer": "adler", "person": "nobody"}, "person_unknown", id="for nobody"),
        pytest.param(
            {"role": "auditor", "customer": "adler", "expires_at": "2020-01-01T00:00:00Z"},
            "in_the_past",
            id="that has expired",
        ),
    ],
)
async def test_nobody_gives_a_key_that_opens_more_than_their_own(
    cut_off: House, grant: dict[str, str], code: str
) -> None:
    admin = await cut_off.caller(Role.ADMIN, customer="adler")

    answer = await admin.post(KEYS, json=grant)

    assert (answer.status_code, body(answer)["errors"][0]["code"]) == (422, code)


async def test_a_customers_own_people_have_keys_for_that_customer_only(cut_off: House) -> None:
    admin = await cut_off.caller(Role.ADMIN)

    answer = await admin.post(KEYS, json={"role": "requester", "person": "p-vogel"})

    assert (answer.status_code, body(answer)["errors"][0]["code"]) == (422, "customer_needed")


async def test_the_first_admin_key_is_private_and_stays_until_it_is_revoked(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "data" / "admin.key"

    first = await ensure_admin_key(database, file)
    again = await ensure_admin_key(database, file)
    async with database.writing() as session:
        await revoke_key(session, key_id_of(first) or "", datetime.now(UTC))
    renewed = await ensure_admin_key(database, file)

    assert first == again != renewed == file.read_text().strip()
    assert file.stat().st_mode & 0o777 == 0o600
    async with database.reading() as session:
        assert [key.role for key in await list_keys(session)] == [Role.ADMIN, Role.ADMIN]


async def others(house: House) -> httpx2.AsyncClient:
    """A customer with all rights over their own things; the first customer's order and incident are in the tables."""
    await house.second_customer()
    asked = request(OrderKind.INSTALL, target=DESK, assets=["NB-100"])
    await write_order(house.database, order(asked, datetime.now(UTC)).but(no="O-ADLER-00001"))
    await write_incident(house.database, incident(trouble(), datetime.now(UTC)).but(no="I-ADLER-00001"))
    return await house.caller(Role.ADMIN, customer="falke")


ADLERS = "/api/v1/orders/O-ADLER-00001"
ADLERS_TROUBLE = "/api/v1/incidents/I-ADLER-00001"


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        pytest.param("GET", ADLERS, None, id="order"),
        pytest.param("GET", f"{ADLERS}/timeline", None, id="timeline"),
        pytest.param("GET", f"{ADLERS}/chain", None, id="chain"),
        pytest.param("GET", f"{ADLERS}/charges", None, id="charges"),
        pytest.param("GET", f"{ADLERS}/notices", None, id="notices"),
        pytest.param("POST", f"{ADLERS}/commands", {"type": "cancel", "reason": "mine now"}, id="command"),
        pytest.param("POST", ORDERS, INSTALL, id="placing an order"),
        pytest.param("GET", ADLERS_TROUBLE, None, id="incident"),
        pytest.param("GET", f"{ADLERS_TROUBLE}/timeline", None, id="an incident's timeline"),
        pytest.param("GET", f"{ADLERS_TROUBLE}/charges", None, id="an incident's charges"),
        pytest.param("GET", f"{ADLERS_TROUBLE}/notices", None, id="an incident's notices"),
        pytest.param("POST", f"{ADLERS_TROUBLE}/commands", {"type": "confirm"}, id="command to an incident"),
        pytest.param("POST", f"{ADLERS_TROUBLE}/orders", INSTALL, id="order for an incident"),
        pytest.param("POST", INCIDENTS, TROUBLE, id="reporting an incident"),
        pytest.param("GET", f"{INCIDENTS}?customer=adler", None, id="list of incidents"),
        pytest.param("GET", f"{ORDERS}?customer=adler", None, id="list of orders"),
        pytest.param("GET", "/api/v1/assets?customer=adler", None, id="list of assets"),
        pytest.param("GET", "/api/v1/assets/NB-100?customer=adler", None, id="asset"),
        pytest.param("GET", "/api/v1/assets/NB-100", None, id="asset by tag alone"),
        pytest.param("GET", "/api/v1/assets/NB-100/life?customer=adler", None, id="an asset's life"),
        pytest.param("GET", "/api/v1/contracts/adler-2026", None, id="contract"),
        pytest.param("GET", "/api/v1/contracts/adler-2026/chains/move", None, id="promised chain"),
        pytest.param("GET", f"/api/v1/contracts/adler-2026/cost?{MARCH}", None, id="what a contract costs"),
        pytest.param("GET", f"/api/v1/contracts/falke-2026/cost?{MARCH}&like=adler-2026", None, id="beside another"),
        pytest.param("GET", "/api/v1/sites/adler-hq", None, id="site"),
        pytest.param("GET", "/api/v1/people/p-vogel", None, id="person"),
        pytest.param("GET", "/api/v1/people/p-koch", None, id="the provider's person"),
        pytest.param("PUT", "/api/v1/customers/adler", {"id": "adler", "name": "Mine"}, id="renaming"),
    ],
)
async def test_another_customers_things_do_not_exist(house: House, method: str, path: str, sent: object) -> None:
    falke = await others(house)

    answer = await falke.request(method, path, json=sent, headers={"Idempotency-Key": "mine"})

    assert answer.status_code == HTTPStatus.NOT_FOUND, answer.text


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        pytest.param("people/p-vogel", {"name": "Mine", "email": "a@b.example"}, id="a person"),
        pytest.param("people/p-koch", {"name": "Mine", "email": "a@b.example"}, id="the provider's person"),
        pytest.param("sites/adler-hq", {"name": "x", "access": {"zone": "UTC", "always": True}}, id="a site"),
    ],
)
async def test_a_name_that_another_has_is_not_free_and_that_is_all_one_learns(
    house: House, path: str, sent: dict[str, object]
) -> None:
    falke = await others(house)
    _, name = path.split("/")

    answer = await falke.put(f"/api/v1/{path}", json=sent | {"id": name, "customer": "falke"})

    faults = [(fault["code"], fault["at"], fault["message"]) for fault in body(answer)["errors"]]
    assert answer.status_code == HTTPStatus.CONFLICT
    assert faults == [("name_taken", "/id", "This id is already taken. Choose another one.")]


NOUNS = ("orders", "incidents", "assets", "people", "keys")


async def test_lists_show_the_callers_own_customer_only(house: House) -> None:
    falke = await others(house)

    answers = [await falke.get(f"/api/v1/{nouns}") for nouns in NOUNS]
    contracts = await falke.get("/api/v1/contracts")

    assert all("adler" not in answer.text for answer in answers)
    assert [contract["id"] for contract in body(contracts)] == ["falke-2026"]


async def test_another_customers_imports_do_not_exist(house: House) -> None:
    falke, desk = await others(house), await house.coordinator()
    sent = {"file": ("list.csv", b"tag;model\nNB-500;T14\n")}
    done = await desk.post("/api/v1/imports/assets", params={"customer": "adler"}, files=sent)

    answers = [
        await falke.get(f"/api/v1/imports/{body(done)['id']}"),
        await falke.post("/api/v1/imports/assets", params={"customer": "adler"}, files=sent),
    ]

    assert [answer.status_code for answer in answers] == [HTTPStatus.NOT_FOUND] * 2


async def test_another_customers_revoked_key_is_unknown_too(house: House) -> None:
    falke = await others(house)
    key = await house.key(Role.AUDITOR, customer="adler")

    answer = await falke.delete(f"{KEYS}/{key_id_of(key)}")

    assert answer.status_code == HTTPStatus.NOT_FOUND


async def test_a_requester_orders_and_steers_for_nobody_else(house: House) -> None:
    huber = await house.caller(Role.REQUESTER, "p-huber", "adler")
    await others(house)

    placed = await huber.post(ORDERS, json=INSTALL)
    cancelled = await huber.post(f"{ADLERS}/commands", json={"type": "cancel", "reason": "no"})

    assert (placed.status_code, body(placed)["errors"][0]["code"]) == (NO, "requester_only_self")
    assert (cancelled.status_code, body(cancelled)["errors"][0]["code"]) == (NO, "not_your_order")
