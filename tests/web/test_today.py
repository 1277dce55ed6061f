"""The first page: what waits for its reader, what runs out, what is under way, and what they can begin."""

import pytest

from domain.people import Role
from tests.web.test_page_policy import PROJECT, reading, things
from tests.web.visitors import Site


@pytest.mark.parametrize(
    ("role", "begins"),
    [
        pytest.param(Role.REQUESTER, {"/orders/new", "/incidents/new"}, id="a requester"),
        pytest.param(Role.SERVICE_DESK, {"/orders/new", "/incidents/new"}, id="the service desk"),
        pytest.param(Role.APPROVER, {"/incidents/new"}, id="an approver"),
        pytest.param(Role.AUDITOR, set(), id="an auditor"),
    ],
)
async def test_what_a_reader_can_begin_begins_on_the_first_page(site: Site, role: Role, begins: set[str]) -> None:
    page = (await (await reading(site, role)).get("/")).text

    assert {address for address in ("/orders/new", "/incidents/new") if f'href="{address}"' in page} == begins


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.AUDITOR, Role.APPROVER, Role.MANAGEMENT])
async def test_whoever_waits_for_nothing_sees_what_is_under_way(site: Site, role: Role) -> None:
    numbers, browser = await things(site), await reading(site, role)

    page = (await browser.get("/")).text.partition('id="under-way"')[2]

    assert f"/orders/{numbers['orders']}" in page
    assert "Printer is on fire" in page
    # Management has orders and incidents to see, and no lists of who sits where.
    assert (f"/projects/{PROJECT}" in page) == (role != Role.MANAGEMENT)


async def test_nobody_sees_what_is_under_way_at_another_customer(site: Site) -> None:
    await things(site)
    await site.house.second_customer()

    page = (await (await reading(site, Role.COORDINATOR, "falke")).get("/")).text

    assert "Open projects, orders and incidents stand here" in page
