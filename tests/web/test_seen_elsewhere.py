"""What others have reported of comparable pages, tried here: text lost, things sent twice, times in a wrong zone."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from db.oncall.rotas import save_rota
from domain.people import Role
from tests.web.test_orders import PLACE, hidden
from tests.web.visitors import Site
from tests.world import ROTA

REPORT = "/incidents/new?contract=adler-2026"


@pytest.mark.parametrize(
    ("address", "typed"),
    [
        pytest.param(
            PLACE,
            {"target.room": "2.14", "holder": "Max", "assets": "NB-100", "requester": "p-vogel", "site": "adler-hq"},
            id="an order",
        ),
        pytest.param(REPORT, {"title": "Printer", "site": "adler-hq"}, id="an incident"),
    ],
)
async def test_who_presses_enter_again_and_again_has_said_it_once(
    site: Site, address: str, typed: dict[str, str]
) -> None:
    """zammad/zammad#5326, pluginsGLPI/formcreator#3331: all at once, not one after the other."""
    browser = await site.signed_in()
    form = await browser.get(address)
    said = {**hidden(form.text, address.replace("&", "&amp;")), **typed}

    answers = await asyncio.gather(*(browser.post(address, data=said) for _ in range(4)))

    assert {answer.status_code for answer in answers} == {303}, answers[0].text
    assert len({answer.headers["Location"] for answer in answers}) == 1


@pytest.mark.parametrize(
    ("address", "typed"),
    [
        pytest.param(
            PLACE, {"holder": "Max", "note": "By the window", "answers": "", "risk": "high", "wanted.1.quantity": "3"}
        ),
        pytest.param(
            REPORT,
            {"description": "Since this morning", "impact": "low", "urgency": "high", "category": "printing"},
        ),
    ],
    ids=["an order", "an incident"],
)
async def test_what_was_typed_stands_there_again_where_something_is_missing(
    site: Site, address: str, typed: dict[str, str]
) -> None:
    """glpi-project/glpi#12665, #12713 and #25537: every field, and not the first ones alone."""
    browser = await site.signed_in()
    form = await browser.get(address)
    said = {name: text for name, text in typed.items() if f'name="{name}"' in form.text}

    again = (await browser.post(address, data={**hidden(form.text, address.replace("&", "&amp;")), **said})).text

    lost = [
        name
        for name, text in said.items()
        if not re.search(
            rf'name="{re.escape(name)}"[^>]*value="{text}"|name="{re.escape(name)}"[^>]*>\n{text}</textarea>'
            rf'|<option value="{text}" selected>',
            again,
        )
    ]
    assert len(said) > 3
    assert lost == []


async def test_a_form_about_a_rota_counts_by_the_clock_of_the_rota(site: Site) -> None:
    """target/goalert#2736: not by that of whoever looks at it."""
    rota = ROTA.but(zone="America/New_York")
    async with site.house.database.writing() as session:
        await save_rota(session, rota, by="p-sommer", at=datetime(2026, 1, 1, tzinfo=UTC))
    browser = await site.signed_in(Role.SDM, "p-sommer")

    page = (await browser.get(f"/on-call/{rota.id}/overrides")).text
    now = datetime.now(UTC)

    assert "Times in America/New_York" in page
    (start,) = re.findall(r'name="start"[^>]*value="([^"]*)"', page)
    meant = datetime.fromisoformat(start).replace(tzinfo=ZoneInfo("America/New_York"))
    # The next full hour there, on the night in which the clocks are changed one more.
    assert abs(meant - now) <= timedelta(hours=2)
