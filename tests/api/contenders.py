"""Everything that is saved by name: who saves it, and how it is written for a customer, so that many do at once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import httpx2

from domain.people import Role
from tests.api.house import House
from tests.api.test_alerts import RULE, window
from tests.api.test_channels import KEY
from tests.api.test_plans import PLANS, REQUEST
from tests.api.test_projects import FLOORS, PROJECT, RIGHT, bring, desk_of
from tests.api.test_rehearsals import FOUND
from tests.api.test_rotas import rota
from tests.api.test_vendors import vendor
from tests.world import CONTRACT, HQ

API = "/api/v1"
Written = dict[str, Any]


async def nothing(_: House) -> None: ...


async def planned_project(house: House) -> None:
    desk = await desk_of(house)
    await bring(desk, RIGHT)
    made = await desk.post(PLANS, json=REQUEST)
    assert made.status_code == HTTPStatus.CREATED, made.text


@dataclass(frozen=True)
class Contender:
    """One route that saves something: `written(customer, name, mark)` is its body, different for every mark.

    What is `shared` bears a name that only one customer can have; `at` is where the route is for that name.
    """

    route: str
    role: Role
    written: Callable[[str, str, str], Written]
    at: Callable[[str, str], str]
    read: Callable[[str, str], str] | None = None
    shared: bool = True
    # Whose keys see no customer in particular.
    of_the_house: bool = False
    before: Callable[[House], Awaitable[None]] = field(default=nothing)

    async def caller(self, house: House, customer: str) -> httpx2.AsyncClient:
        return await house.caller(self.role, "p-koch", None if self.of_the_house else customer)

    async def save(
        self, caller: httpx2.AsyncClient, customer: str, name: str, mark: str, **said: str
    ) -> httpx2.Response:
        headers = {key.replace("_", "-"): value for key, value in said.items()}
        return await caller.put(self.at(customer, name), json=self.written(customer, name, mark), headers=headers)

    async def load(self, caller: httpx2.AsyncClient, customer: str, name: str) -> httpx2.Response:
        return await caller.get((self.read or self.at)(customer, name))


def named(noun: str) -> Callable[[str, str], str]:
    return lambda _customer, name: f"{API}/{noun}/{name}"


def contract(customer: str, name: str, mark: str) -> Written:
    """With nobody of the customer's: both customers write the same."""
    written: Written = CONTRACT.but(matrix=None, requesters=("p-koch",), approvers=("p-koch",)).model_dump(mode="json")
    return written | {"id": name, "customer": customer, "name": mark}


def site(customer: str, name: str, mark: str) -> Written:
    return HQ.model_dump(mode="json") | {"id": name, "customer": customer, "name": mark}


def person(customer: str, name: str, mark: str) -> Written:
    return {"id": name, "name": mark, "email": "a@b.example", "customer": customer}


def rule(customer: str, name: str, mark: str) -> Written:
    at = {"contract": f"{customer}-2026", "site": f"{customer}-hq"}
    return RULE.model_dump(mode="json") | {"id": name, "customer": customer, "name": mark} | at


def project(customer: str, name: str, mark: str) -> Written:
    at = {"contract": f"{customer}-2026", "sites": [f"{customer}-hq"]}
    return FLOORS | {"id": name, "customer": customer, "name": mark} | at


def mapping(_customer: str, _name: str, mark: str) -> Written:
    return {"columns": {f"Platz {mark}": "to_room"}}


def sms(_customer: str, name: str, mark: str) -> Written:
    return {"id": name, "name": mark, "type": "seven", "sender": "imac", "key": f"{KEY}{mark[-1]}"}


def directory(customer: str, _name: str, mark: str) -> Written:
    return {"customer": customer, "rows": [{"vendor": "dakota", "manufacturer": mark}]}


async def known_vendor(house: House) -> None:
    caller = await house.caller(Role.SDM, "p-sommer")
    saved = await caller.put(f"{API}/vendors/dakota", json=vendor())
    assert saved.status_code == HTTPStatus.OK, saved.text


CONTENDERS = (
    Contender(f"{API}/contracts/{{contract_id}}", Role.SDM, contract, named("contracts")),
    Contender(f"{API}/sites/{{site_id}}", Role.COORDINATOR, site, named("sites")),
    Contender(f"{API}/people/{{person_id}}", Role.COORDINATOR, person, named("people")),
    Contender(
        f"{API}/rotas/{{rota_id}}",
        Role.COORDINATOR,
        lambda customer, name, mark: rota(id=name, customer=customer, name=mark),
        named("rotas"),
    ),
    Contender(
        f"{API}/vendors/{{vendor_id}}",
        Role.SDM,
        lambda customer, name, mark: vendor(name, customer=customer) | {"name": mark},
        named("vendors"),
    ),
    Contender(f"{API}/alert-rules/{{rule_id}}", Role.SDM, rule, named("alert-rules")),
    Contender(
        f"{API}/maintenance/{{window_id}}",
        Role.SERVICE_DESK,
        lambda customer, name, mark: window(id=name, customer=customer, why=mark),
        named("maintenance"),
    ),
    Contender(f"{API}/projects/{{project_id}}", Role.COORDINATOR, project, named("projects")),
    Contender(
        f"{API}/customers/{{customer_id}}",
        Role.ADMIN,
        lambda _customer, name, mark: {"id": name, "name": mark},
        named("customers"),
        shared=False,
        of_the_house=True,
    ),
    Contender(
        f"{API}/channels/{{channel_id}}",
        Role.ADMIN,
        sms,
        named("channels"),
        shared=False,
        of_the_house=True,
    ),
    Contender(
        f"{API}/directory",
        Role.SDM,
        directory,
        lambda _customer, _name: f"{API}/directory",
        lambda customer, _name: f"{API}/directory?customer={customer}",
        shared=False,
        before=known_vendor,
    ),
    Contender(
        f"{API}/imports/words",
        Role.COORDINATOR,
        lambda customer, _name, mark: {"customer": customer, "columns": {f"Spalte {mark}": "tag"}},
        lambda _customer, _name: f"{API}/imports/words",
        lambda customer, _name: f"{API}/imports/words?customer={customer}",
        shared=False,
    ),
    Contender(
        f"{API}/projects/{{project_id}}/mapping",
        Role.COORDINATOR,
        mapping,
        lambda _customer, _name: f"{PROJECT}/mapping",
        shared=False,
        before=planned_project,
    ),
    Contender(
        f"{API}/projects/{{project_id}}/plans/{{version}}/rehearsal",
        Role.COORDINATOR,
        lambda _customer, _name, mark: FOUND | {"runs": int(mark.rpartition(" ")[2]) + 20},
        lambda _customer, _name: f"{PLANS}/1/rehearsal",
        shared=False,
        before=planned_project,
    ),
)
