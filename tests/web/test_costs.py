"""What a contract costs, by a page: two sets of terms side by side, for those who may see either."""

from decimal import Decimal
from http import HTTPStatus

from db.contracts import save_contract
from domain.people import Role
from tests.api.test_costs import worked
from tests.api.test_plans import PLANS, REQUEST
from tests.api.test_projects import RIGHT, bring, desk_of
from tests.api.test_rehearsals import FOUND
from tests.web.test_contracts import words
from tests.web.visitors import Site
from tests.world import CONTRACT

PAGE = "/contracts/adler-2026/cost"
MARCH = "from=2026-03-01&to=2026-03-31"


async def test_own_and_other_terms_stand_side_by_side_and_what_decides_comes_first(site: Site) -> None:
    no = await worked(site.house)
    async with site.house.database.writing() as session:
        await save_contract(session, CONTRACT.but(prices=CONTRACT.prices.but(travel=Decimal(99))))
    browser = await site.signed_in(Role.SDM, "p-sommer")

    shown = await browser.get(f"{PAGE}?{MARCH}&like=adler-2026@2")
    said = words(shown.text)

    assert "Under the other terms it would be €64.00 more. What makes the difference: travel +€64.00." in said
    assert "Travel 1 / 1 €35.00 €99.00 +€64.00" in said
    assert "€179.00 €243.00 +€64.00" in said
    assert f'href="/orders/{no}"' in shown.text


async def test_alone_it_says_what_its_cases_have_cost(site: Site) -> None:
    await worked(site.house)
    browser = await site.signed_in(Role.REQUESTER, "p-vogel", "adler")

    said = words((await browser.get(f"{PAGE}?{MARCH}")).text)

    assert "Time 2 €144.00" in said
    assert "difference" not in said


async def test_what_cannot_be_asked_is_said_above_what_was_chosen(site: Site) -> None:
    browser = await site.signed_in(Role.SDM, "p-sommer")

    answer = await browser.get(f"{PAGE}?from=2026-03-31&to=2026-03-01")

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "lies before the beginning" in words(answer.text)
    assert 'value="2026-03-31"' in answer.text


async def test_without_days_it_is_the_last_year_and_empty_says_what_will_stand_there(site: Site) -> None:
    browser = await site.signed_in(Role.SDM, "p-sommer")

    answer = await browser.get(PAGE)

    assert answer.status_code == HTTPStatus.OK
    assert "nothing has ended that costs anything" in words(answer.text)


async def test_a_planned_move_costs_what_its_rehearsal_has_taken_on_days_of_its_own(site: Site) -> None:
    desk = await desk_of(site.house)
    await bring(desk, RIGHT)
    await desk.post(PLANS, json=REQUEST)
    browser = await site.signed_in(Role.SDM, "p-sommer")

    early = await browser.get(f"{PAGE}?{MARCH}&project=floors")
    await desk.put(f"{PLANS}/1/rehearsal", json=FOUND | {"minutes_p50": 90})
    shown = await browser.get(f"{PAGE}?{MARCH}&project=floors")

    assert 'value="floors" selected' in early.text
    assert "What the planned move would cost" not in early.text
    assert "What the planned move would cost" in words(shown.text)
    assert "€144.00" in words(shown.text)
    assert f'href="{PAGE}?project=floors"' in (await browser.get("/projects/floors/prepare")).text


async def test_prices_are_not_for_technicians_nor_for_others_customers(site: Site) -> None:
    await site.house.second_customer()
    technician = await site.signed_in(Role.TECHNICIAN, "p-lang")
    stranger = await site.signed_in(Role.REQUESTER, "p-vogel", "falke")

    assert (await technician.get(PAGE)).status_code == HTTPStatus.FORBIDDEN
    assert (await stranger.get(PAGE)).status_code == HTTPStatus.NOT_FOUND
    assert "adler-2026" not in (await stranger.get("/contracts/falke-2026/cost")).text
