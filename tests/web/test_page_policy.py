"""Who may see and do what by pages: as the API's own table says, hidden and refused alike; others' cases unknown."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from typing import NamedTuple

import httpx2
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from api.policy import ALLOWED, INCIDENT_COMMANDS, ORDER_COMMANDS, PROJECT_COMMANDS, Operation
from domain.keys import key_id_of
from domain.people import Role
from settings import Settings
from tests.api.house import write_incident
from tests.api.test_projects import FLOORS
from tests.web.test_orders import written
from tests.web.visitors import Site
from tests.world import incident, trouble
from web.incidents import COMMANDS as OF_INCIDENTS
from web.order_forms import COMMANDS as OF_ORDERS
from web.session import Signed
from web.site import create_site

# Whoever may sign in at all; the others have no pages.
READERS = sorted(ALLOWED[Operation.SIGN_IN] | {Role.ADMIN})
# Ends the stream that it opens, and nothing is read of it here.
_ENDLESS = {"/live"}
PROJECT = "p-floors"


class Page(NamedTuple):
    method: str
    path: str
    operation: Operation


def operations(dependant: Dependant) -> Iterator[Operation]:
    if isinstance(dependant.call, Signed):
        yield dependant.call.operation
    for below in dependant.dependencies:
        yield from operations(below)


def pages() -> list[Page]:
    """Every address of a page, with what the policy calls what it does."""
    found: list[Page] = []
    for context in iter_route_contexts(create_site(Settings()).routes):
        route, path = context.original_route, context.path_format or ""
        if not isinstance(route, APIRoute) or path.startswith("/api/") or path in _ENDLESS:
            continue
        for operation in set(operations(route.dependant)):
            found += [Page(method, path, operation) for method in route.methods or ()]
    return found


PAGES = pages()
LOOKS = [page for page in PAGES if page.method == "GET"]
OF_CASES = [page for page in PAGES if "{" in page.path]


async def things(site: Site) -> dict[str, str]:
    """One of each kind, of the customer that everybody here belongs to, by the address below which it stands."""
    order = await written(site)
    trouble_seen = incident(trouble(title="Printer is on fire"), datetime.now(UTC))
    await write_incident(site.house.database, trouble_seen)
    coordinator = await site.house.coordinator()
    made = await coordinator.put(f"/api/v1/projects/{PROJECT}", json=FLOORS | {"id": PROJECT})
    assert made.is_success, made.text
    vendor = {"id": "adler-dienst", "name": "Adler-Dienst", "customer": "adler", "people": ["p-koch"]}
    made = await coordinator.put("/api/v1/vendors/adler-dienst", json=vendor)
    assert made.is_success, made.text
    numbers = {"orders": order.no, "incidents": trouble_seen.no, "projects": PROJECT}
    numbers |= {"assets": "NB-100", "vendors": "adler-dienst", "keys": await theirs(site), "people": "p-vogel"}
    return numbers | {"contracts": order.terms.contract, "audit": order.no}


async def theirs(site: Site) -> str:
    """The id of a key at their customer."""
    return key_id_of(await site.house.key(Role.REQUESTER, "p-vogel", "adler")) or ""


def filled(path: str, numbers: dict[str, str], command: str = "hold") -> str:
    number = numbers.get(path.split("/")[1], "1")
    names = {"command": command, "wave_id": "w1", "incident": numbers["incidents"]}
    return re.sub(r"\{(\w+)(?::path)?\}", lambda found: names.get(found[1], number), path)


async def reading(site: Site, role: Role, customer: str | None = "adler") -> httpx2.AsyncClient:
    return await site.signed_in(
        role, {Role.REQUESTER: "p-vogel", Role.APPROVER: "p-huber"}.get(role, "p-koch"), customer
    )


def test_every_page_says_what_the_policy_calls_it() -> None:
    assert len(LOOKS) > 10
    assert {page.operation for page in PAGES} <= set(Operation)


@pytest.mark.parametrize("role", READERS)
async def test_a_page_is_there_for_whom_the_policy_lets_in_and_in_the_menu_of_nobody_else(
    site: Site, role: Role
) -> None:
    numbers, browser = await things(site), await reading(site, role)
    menu = set(re.findall(r'<li><a href="([^"]+)"', (await browser.get("/")).text.partition("</nav>")[0]))
    wrong = []
    for _, path, operation in LOOKS:
        if "{command}" in path:
            continue
        answer = await browser.get(filled(path, numbers))
        may = role in ALLOWED[operation] | {Role.ADMIN}
        if (answer.status_code == HTTPStatus.FORBIDDEN) == may or (path in menu and not may):
            wrong.append((path, operation, answer.status_code))

    assert wrong == []


@pytest.mark.parametrize("role", READERS)
async def test_a_case_is_told_by_pages_what_the_policy_lets_this_role_tell_it(site: Site, role: Role) -> None:
    numbers, browser = await things(site), await reading(site, role)
    wrong: list[tuple[object, ...]] = []
    for kind, allowed, known in (
        ("orders", ORDER_COMMANDS, OF_ORDERS),
        ("incidents", INCIDENT_COMMANDS, OF_INCIDENTS),
    ):
        shown = (await browser.get(f"/{kind}/{numbers[kind]}")).text
        for command in known:
            address = f"/{kind}/{numbers[kind]}/{command}"
            may = role in allowed[command] | {Role.ADMIN}
            looked = await browser.get(address)
            said = await browser.post(address, data={"seq": "1", "nobody_knows_this": "x"})
            refused = {looked.status_code, said.status_code} == {HTTPStatus.FORBIDDEN}
            offered = f'"{address}"' in shown
            if refused == may and not (may and _is_anothers(role, kind)):
                wrong.append((address, looked.status_code, said.status_code))
            if offered and refused:
                wrong.append((address, "offered", "refused"))

    assert wrong == []


def _is_anothers(role: Role, kind: str) -> bool:
    """A customer's own people tell incidents that they have reported; nobody in particular has reported this one."""
    return kind == "incidents" and role in (Role.REQUESTER, Role.APPROVER, Role.CONTACT)


@pytest.mark.parametrize("role", READERS)
async def test_nothing_that_a_page_leads_to_is_refused_to_whom_it_is_shown(site: Site, role: Role) -> None:
    await things(site)
    browser = await reading(site, role)
    left, seen, wrong = ["/"], {"/"}, []
    while left and len(seen) < 150:
        answer = await browser.get(left.pop(0))
        if answer.status_code != HTTPStatus.OK:
            wrong.append((f"{answer.url}", answer.status_code))
        for address in re.findall(r'href="(/[^"#]*)"', answer.text):
            plain = address.replace("&amp;", "&")
            if not plain.startswith("/static/") and plain not in seen:
                seen.add(plain)
                left.append(plain)

    assert wrong == []
    assert len(seen) > 3


@pytest.mark.parametrize("role", [role for role in READERS if role != Role.ADMIN])
async def test_another_customers_case_is_as_unknown_as_none_in_every_address(site: Site, role: Role) -> None:
    numbers = await things(site)
    await site.house.second_customer()
    browser = await reading(site, role, "falke")
    nothing, wrong = dict.fromkeys(numbers, "x-none"), []
    for method, path, operation in OF_CASES:
        there, not_there = [
            await browser.request(method, filled(path, them, "hold"), data={"seq": "1"} if method == "POST" else None)
            for them in (numbers, nothing)
        ]
        expected = HTTPStatus.NOT_FOUND if role in ALLOWED[operation] else HTTPStatus.FORBIDDEN
        if {there.status_code, not_there.status_code} != {expected} or _said(there) != _said(not_there):
            wrong.append((method, path, there.status_code, not_there.status_code))

    assert wrong == []


def _said(answer: httpx2.Response) -> str:
    """Without the numbers themselves."""
    said = answer.text
    for part in sorted(answer.url.path.split("/")[2:], key=len, reverse=True):
        said = said.replace(part, "")
    return said


@pytest.mark.parametrize("command", sorted(PROJECT_COMMANDS))
@pytest.mark.parametrize("role", [Role.TECHNICIAN, Role.REQUESTER, Role.AUDITOR])
async def test_who_may_not_tell_a_project_anything_is_refused_each_command(
    site: Site, role: Role, command: str
) -> None:
    browser = await reading(site, role)
    await things(site)

    assert (await browser.post(f"/projects/{PROJECT}/{command}", data={"seq": "1"})).status_code == HTTPStatus.FORBIDDEN
