"""What people call customers, sites and contracts stands on pages; what machines call them, where it is typed."""

import html
import re
from datetime import UTC, datetime

import httpx2
import pytest

from db.contracts import save_site
from domain.kinds import OrderKind
from domain.people import Role
from domain.places import Place
from tests.api.house import write_order
from tests.web.test_page_policy import PROJECT, reading, things
from tests.web.visitors import Site
from tests.world import CONTRACT, DESK, HQ, order, request

# Texts of people hold the customer's id too: as the name of a computer in their addresses.
_IDS = re.compile(r"(?<![\w@./-])(adler|adler-hq)(?![\w./-])")
_CONTRACT = re.compile(rf"(?<![\w./-]){CONTRACT.id}(?![\w./-])")
# Where it is read to be typed.
_TYPED = ("/contracts", "/projects/new")


async def walked(browser: httpx2.AsyncClient) -> dict[str, str]:
    """The text of every page that is led to from the first one, by its address."""
    left, found = ["/"], dict[str, str]()
    while left and len(found) < 100:
        address = left.pop(0)
        answer = await browser.get(address)
        if address in found or not answer.headers.get("Content-Type", "").startswith("text/html"):
            continue
        found[address] = html.unescape(re.sub(r"<[^>]*>", "\n", answer.text))
        led_to = re.findall(r'href="(/[^"#]*)"', answer.text)
        left += [html.unescape(one) for one in led_to if not one.startswith("/static/")]
    return found


@pytest.mark.parametrize(
    "role", [Role.COORDINATOR, Role.SERVICE_DESK, Role.TECHNICIAN, Role.REQUESTER, Role.APPROVER, Role.AUDITOR]
)
async def test_customers_sites_and_contracts_are_called_by_their_names(site: Site, role: Role) -> None:
    await things(site)
    await site.house.second_customer()
    pages = await walked(await reading(site, role))

    assert {address: found for address, text in pages.items() if (found := _IDS.findall(text))} == {}
    shows_contracts = role != Role.TECHNICIAN
    said = {address: text for address, text in pages.items() if not address.startswith(_TYPED)}
    assert [address for address, text in said.items() if shows_contracts and _CONTRACT.search(text)] == []
    assert "Adler Maschinenbau" in said["/orders"]
    assert HQ.name in said[f"/projects/{PROJECT}"]
    assert (CONTRACT.name in said[f"/projects/{PROJECT}"]) == shows_contracts


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.REQUESTER, Role.AUDITOR])
async def test_nobody_reads_the_name_of_a_customer_whom_they_do_not_see(site: Site, role: Role) -> None:
    await things(site)
    await site.house.second_customer()
    pages = await walked(await reading(site, role))

    assert [address for address, text in pages.items() if "Falke" in text] == []


async def test_whoever_sees_several_customers_reads_the_name_of_each(site: Site) -> None:
    await things(site)
    await site.house.second_customer()

    listed = await (await site.signed_in(Role.AUDITOR, "p-sommer")).get("/contracts")

    assert "Adler Maschinenbau" in listed.text
    assert "Falke" in listed.text


async def test_a_place_at_another_site_is_named_with_it(site: Site) -> None:
    made = order(request(OrderKind.INSTALL, holder="Max Huber", assets=["NB-100"], target=DESK), datetime.now(UTC))
    there = Place(site="adler-south", building="S", room="0.1")
    async with site.house.database.writing() as session:
        await save_site(session, HQ.but(id=there.site, name="Werk Sonthofen"))
    await write_order(site.house.database, made, assets=tuple(one.but(place=there) for one in made.assets))
    browser = await site.signed_in()

    shown = (await browser.get(f"/orders/{made.no}")).text

    assert "<bdi>Werk Sonthofen S 0.1</bdi>" in shown
    assert "<bdi>A 2.14·1</bdi>" in shown
