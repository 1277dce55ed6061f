"""Contracts by pages: what is promised is read by whoever may, in each of its versions."""

import re
from datetime import date
from decimal import Decimal
from http import HTTPStatus

import pytest

from db.contracts import save_contract
from domain.clocks.ladders import LadderRow
from domain.clocks.sla import ClockKind
from domain.clocks.thresholds import Threshold
from domain.contracts.contract import Contract
from domain.kinds import OrderKind
from domain.people import Role
from tests.api.house import body
from tests.web.visitors import Site
from tests.world import CONTRACT
from web.words import say

ADLER = "/contracts/adler-2026"
DEARER = CONTRACT.but(prices=CONTRACT.prices.but(flat={OrderKind.INSTALL: Decimal("99.00")}))


async def saved(site: Site, contract: Contract) -> None:
    async with site.house.database.writing() as session:
        await save_contract(session, contract)


def words(page: str) -> str:
    """What stands there, without what is done with it."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.partition("<main")[2]).split())


async def test_whoever_answers_for_a_contract_reads_what_it_promises(site: Site) -> None:
    browser = await site.signed_in(Role.SDM, "p-sommer")
    listed, shown = await browser.get("/contracts"), await browser.get(ADLER)
    said = words(shown.text)

    assert f'href="{ADLER}"' in listed.text
    assert "in force" in words(listed.text)
    assert "Install within 45 h of service time €89.00" in said
    assert "Move within 45 h of service time by time" in said
    assert "ram-16 €62.50" in said
    assert "Ida Sommer" in said


async def test_a_customer_reads_their_contract_and_nothing_of_what_teams_have_promised_each_other(site: Site) -> None:
    internal = LadderRow(clock=ClockKind.EXCEPTION, at=Threshold(percent=40), tell=(Role.MANAGEMENT,))
    await saved(site, CONTRACT.but(ladder=(internal,)))
    pages = {
        role: words((await (await site.signed_in(role, person, customer)).get(ADLER)).text)
        for role, person, customer in (
            (Role.REQUESTER, "p-vogel", "adler"),
            (Role.AUDITOR, "p-sommer", None),
        )
    }

    assert all("Fulfilment time" in said for said in pages.values())
    assert ["Time for the exception 40 % management" in said for said in pages.values()] == [False, True]


async def test_an_earlier_version_is_still_read_and_says_that_it_is_one(site: Site) -> None:
    await saved(site, DEARER)
    browser = await site.signed_in(Role.SDM, "p-sommer")
    caller = await site.house.caller(Role.SDM, "p-sommer")

    newest, older = [words((await browser.get(f"{ADLER}{asked}")).text) for asked in ("", "?version=1")]
    told = [body(await caller.get(f"/api/v1{ADLER}", params={"version": version})) for version in (1, 2)]
    unknown = await browser.get(f"{ADLER}?version=9")

    assert ("€99.00" in newest, "€89.00" in older) == (True, True)
    assert say("earlier_version", "en", version=1) in older
    assert "Different from version 1: Prices" in newest
    assert [one["prices"]["flat"]["install"] for one in told] == ["89.00", "99.00"]
    assert unknown.status_code == HTTPStatus.NOT_FOUND


async def test_an_etag_of_an_earlier_version_saves_nothing_over_the_one_in_force(site: Site) -> None:
    await saved(site, DEARER)
    caller = await site.house.caller(Role.SDM, "p-sommer")
    older = await caller.get(f"/api/v1{ADLER}", params={"version": 1})

    answer = await caller.put(f"/api/v1{ADLER}", json=older.json(), headers={"If-Match": older.headers["ETag"]})

    assert answer.status_code == HTTPStatus.PRECONDITION_FAILED


@pytest.mark.parametrize("paper", ["matrix", "manual"])
async def test_matrix_and_manual_can_be_printed_where_the_contract_is_read(site: Site, paper: str) -> None:
    browser = await site.signed_in(Role.APPROVER, "p-huber", "adler")
    page = await browser.get(ADLER)
    (address,) = set(re.findall(rf'href="(/contracts/[^"]*{paper}\.pdf[^"]*)"', page.text))

    printed = await browser.get(address)

    assert printed.headers["Content-Type"] == "application/pdf"
    assert printed.content.startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("contract", "said"),
    [
        pytest.param(CONTRACT.but(matrix=None), "no_matrix", id="without incidents"),
        pytest.param(CONTRACT.but(targets={}), "nothing_offered", id="without orders"),
        pytest.param(CONTRACT.but(valid_from=date(2090, 1, 1)), "not_yet_in_force", id="of tomorrow"),
        pytest.param(CONTRACT.but(valid_until=date(2021, 1, 1)), "run_out", id="of yesterday"),
    ],
)
async def test_what_a_contract_does_not_hold_is_said(site: Site, contract: Contract, said: str) -> None:
    await saved(site, contract)
    browser = await site.signed_in(Role.SDM, "p-sommer")

    assert say(said, "en") in words((await browser.get(ADLER)).text)
