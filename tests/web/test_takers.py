"""Goods are given away by pages to vendors that are certified for it now, chosen by name and certificate."""

import re
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import httpx2

from db.vendors.vendor import save_vendor
from domain.cases.order_commands import Book
from domain.kinds import OrderKind
from domain.people import Role
from tests.api.house import body, write_order
from tests.api.test_certificates import SERIALS, erased, held, recycler
from tests.api.test_vendors import VENDORS, sdm
from tests.domain.orders.paper import ASKED, Paper, window
from tests.stories.scripts import CERTIFYING, HELD, LINDNER
from tests.web.test_orders import hidden
from tests.web.visitors import Site
from tests.world import TECHNICIAN, order

ENDED = held(number="EfB-OLD", valid_until="2021-12-31")


def offered(page: str, name: str = "vendor") -> list[str]:
    """The values among which somebody chooses."""
    found = re.search(rf'<select [^>]*name="{name}".*?</select>', page, re.DOTALL)
    return re.findall(r'<option value="([^"]*)"', found[0]) if found else []


async def in_directory(site: Site) -> None:
    boss = await sdm(site.house)
    await site.house.second_customer()
    for one in (
        recycler(held(), ENDED),
        recycler(ENDED, id="late", name="Zu spät GmbH"),
        recycler(held(), id="house", name="Haus Falke", customer="falke"),
    ):
        saved = await boss.put(f"{VENDORS}/{one['id']}", json=one)
        assert saved.status_code == HTTPStatus.OK, saved.text


async def giving(browser: httpx2.AsyncClient, address: str, **said: str) -> httpx2.Response:
    data = {"key": "giving-1", "side": "giver", "serials": SERIALS, "step": "handover"}
    return await browser.post(address, data=data | said)


async def test_whoever_gives_goods_away_chooses_among_whom_is_certified_now(site: Site) -> None:
    await in_directory(site)
    no = (await erased(site.house)).rpartition("/")[2]
    browser = await site.signed_in(Role.TECHNICIAN, "p-lang")
    place = f"/orders/{no}/confirm_custody"

    shown = [(await browser.get(address)).text for address in (f"/orders/{no}", place)]
    unsaid = await giving(browser, place, **hidden(shown[1], place))
    given = await giving(browser, place, **hidden(unsaid.text, place), vendor="lindner")
    sheet = body(await (await site.house.coordinator()).get(f"/api/v1/orders/{no}"))
    after = (await browser.get(place)).text

    assert [offered(page) for page in shown] == [["lindner"]] * 2
    assert all("EfB-1" in page and "EfB-OLD" not in page for page in shown)
    assert (unsaid.status_code, given.status_code) == (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SEE_OTHER)
    (handover,) = [step for step in sheet["steps"] if step["id"] == "handover"]
    assert handover["status"] == "started"
    # Whoever takes them says nothing of it any more.
    assert 'name="vendor"' not in after


async def test_a_page_offers_a_certificate_that_was_saved_after_it_was_first_seen(site: Site) -> None:
    await in_directory(site)
    no = (await erased(site.house)).rpartition("/")[2]
    browser = await site.signed_in(Role.TECHNICIAN, "p-lang")
    before = (await browser.get(f"/orders/{no}")).text
    boss = await sdm(site.house)

    await boss.put(f"{VENDORS}/late", json=recycler(held(), id="late", name="Zu spät GmbH"))
    after = (await browser.get(f"/orders/{no}")).text

    assert offered(before) == ["lindner"]
    # Of several none is chosen for whoever gives the goods.
    assert offered(after) == ["", "late", "lindner"]


async def test_goods_given_on_the_floor_go_to_the_vendor_that_was_chosen_there(site: Site) -> None:
    await in_directory(site)
    no = (await erased(site.house)).rpartition("/")[2]
    browser = await site.signed_in(Role.TECHNICIAN, "p-lang")

    given = await giving(browser, f"/my-day/{no}/confirm_custody?by=p-lang", vendor="lindner")
    wolf = await site.house.caller(Role.TECHNICIAN, "p-wolf")
    taken = {"type": "confirm_custody", "side": "taker", "serials": SERIALS}
    sheet = body(await wolf.post(f"/api/v1/orders/{no}/commands", json=taken))

    assert given.status_code == HTTPStatus.SEE_OTHER, given.text
    (custodian,) = sheet["custodians"]
    assert (custodian["vendor"], custodian["certificate"]["certificate"]["number"]) == ("lindner", "EfB-1")


async def test_my_day_asks_at_once_to_which_certified_vendor_goods_are_given(site: Site) -> None:
    now = datetime.now(UTC)
    certificate = HELD.but(valid_from=(now - timedelta(days=30)).date(), valid_until=(now + timedelta(days=30)).date())
    async with site.house.database.writing() as session:
        await save_vendor(session, LINDNER.but(certificates=(certificate,)), by="p-koch", at=now)
    paper = Paper(order(ASKED[OrderKind.DISPOSE], now - timedelta(days=1), CERTIFYING)).until("handover")
    visit = Book(window=window(now), technician=TECHNICIAN.person)
    kept = {name: getattr(paper.progress, name) for name in ("steps", "given", "assets", "state")}
    await write_order(site.house.database, paper.order, **kept, appointment=visit)
    browser = await site.signed_in(Role.TECHNICIAN, TECHNICIAN.person)

    day = (await browser.get("/my-day")).text

    form = day.split(f'action="/my-day/{paper.order.no}/confirm_custody', 1)[1].split("</form>", 1)[0]
    assert offered(form) == ["lindner"]
    assert HELD.number in form
    assert 'name="vendor"' in form.split("<details", 1)[0]
