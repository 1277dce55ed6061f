"""Search by pages: what is meant exactly is gone to at once, and nobody finds what they may not see."""

from datetime import UTC, datetime
from http import HTTPStatus

import pytest

from domain.kinds import OrderKind
from domain.people import Role
from tests.api.house import INSTALL, write_order
from tests.web.test_orders import HOSTILE
from tests.web.visitors import Site
from tests.world import order, request


async def written(site: Site, reference: str = "PO-4711") -> str:
    asked = request(
        OrderKind.INSTALL, holder="Max Huber", assets=["NB-100"], target=INSTALL["target"], reference=reference
    )
    made = order(asked, datetime.now(UTC))
    await write_order(site.house.database, made)
    return made.no


async def test_the_field_stands_in_the_head_of_every_page_and_finds_by_a_beginning(site: Site) -> None:
    no = await written(site)
    browser = await site.signed_in()

    head = (await browser.get("/orders")).text
    found = await browser.get("/search?q=PO-47")

    assert 'action="/search"' in head.partition("<main")[0]
    assert f'href="/orders/{no}"' in found.text
    assert "found by reference" in found.text


async def test_a_whole_number_leads_straight_to_what_it_names(site: Site) -> None:
    no = await written(site)
    browser = await site.signed_in()

    straight = await browser.get("/search", params={"q": no.lower().replace("-", " ")})
    narrowed = await browser.get("/search", params={"q": no, "kind": "order"})

    assert (straight.status_code, straight.headers["Location"]) == (HTTPStatus.SEE_OTHER, f"/orders/{no}")
    assert f'href="/orders/{no}"' in narrowed.text


async def test_what_has_no_page_leads_to_what_it_has_to_do_with(site: Site) -> None:
    browser = await site.signed_in()

    person, asset = await browser.get("/search?q=Vogel"), await browser.get("/search?q=NB-200")

    assert 'href="/orders?requester=p-vogel"' in person.text
    assert (await browser.get("/orders?requester=p-vogel")).status_code == HTTPStatus.OK
    assert 'href="/assets/NB-200?customer=adler"' in asset.text
    assert (await browser.get("/assets/NB-200?customer=adler")).status_code == HTTPStatus.OK


async def test_nobody_finds_what_is_another_customers(site: Site) -> None:
    no = await written(site)
    await site.house.second_customer()
    browser = await site.signed_in(Role.COORDINATOR, "p-koch", "falke")

    found = await browser.get("/search", params={"q": no})

    assert found.status_code == HTTPStatus.OK
    assert "Nothing of what you may see begins like this." in found.text


@pytest.mark.parametrize(("asked", "status"), [("?q=a", 422), ("?q=--", 422), ("", 200), ("?q=%2e%2e%2f%2e%2e", 422)])
async def test_too_little_to_look_for_is_said_beside_the_field(site: Site, asked: str, status: int) -> None:
    answer = await (await site.signed_in()).get(f"/search{asked}")

    assert answer.status_code == status
    assert ('aria-invalid="true"' in answer.text) == (status == HTTPStatus.UNPROCESSABLE_ENTITY)


async def test_what_is_looked_for_is_never_markup(site: Site) -> None:
    await written(site, reference=HOSTILE[:120])
    browser = await site.signed_in()

    for asked in (HOSTILE[:120], "script"):
        page = (await browser.get("/search", params={"q": asked})).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page


async def test_a_field_that_nobody_knows_and_a_kind_there_is_not_are_refused(site: Site) -> None:
    browser = await site.signed_in()

    answers = [await browser.get(f"/search?{asked}") for asked in ("q=ab&role=admin", "q=ab&kind=key", "q=ab&q=cd")]

    assert [answer.status_code for answer in answers] == [HTTPStatus.UNPROCESSABLE_ENTITY] * 3
