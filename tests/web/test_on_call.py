"""Who is on call, by pages: taken over, handed on, and changed only over what was looked at."""

import re
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from connectors.links import FEEDS
from db.oncall.rotas import rota_in_force
from domain.keys import Key
from domain.oncall.rota import Rota
from domain.oncall.shifts import Layer
from domain.people import Role
from tests.api.test_pages import on_call, paged
from tests.web.test_orders import hidden
from tests.web.visitors import Site
from tests.world import ROTA, furnish_on_call
from web.live import Gathered

PAGE = "/on-call"
STAND_INS = f"{PAGE}/{ROTA.id}/overrides"


async def in_force(site: Site) -> Rota:
    async with site.house.database.reading() as session:
        found = await rota_in_force(session, ROTA.id)
    assert found is not None
    return found


def standing_in(**changes: str) -> dict[str, str]:
    begins = datetime.now(UTC) + timedelta(days=40)
    usual = {
        "layer": "primary",
        "person": "p-sommer",
        "start": f"{begins:%Y-%m-%dT%H:00}",
        "end": f"{begins + timedelta(days=1):%Y-%m-%dT%H:00}",
        "why": "Weihnachten",
    }
    return usual | changes


async def looked_at(browser: httpx2.AsyncClient, address: str, said: dict[str, str]) -> httpx2.Response:
    """The form filled in and sent once: what it would change is shown."""
    page = await browser.get(address)
    return await browser.post(address, data=hidden(page.text, address) | said)


async def test_who_is_on_call_now_and_next_is_named_by_name(site: Site) -> None:
    await furnish_on_call(site.house.database)
    browser = await site.signed_in(Role.SERVICE_DESK, "p-koch")

    page = (await browser.get(PAGE)).text

    now = page[page.index('id="now"') : page.index('id="pages"')]
    assert {"Tom Lang", "Eva Koch"} <= set(re.findall(r"<bdi>([^<]+)</bdi>", now))
    assert "version 1" in page


async def test_a_stand_in_is_shown_with_what_it_changes_before_anything_is_saved(site: Site) -> None:
    await furnish_on_call(site.house.database)
    browser = await site.signed_in(Role.COORDINATOR)

    shown = await looked_at(browser, STAND_INS, standing_in())
    before = await in_force(site)
    saved = await browser.post(STAND_INS, data=hidden(shown.text, STAND_INS) | standing_in())

    assert shown.status_code == 200
    assert "Ida Sommer" in shown.text[shown.text.index('id="changes"') :]
    assert before.overrides == ()
    assert saved.status_code == 303
    assert [one.person for one in (await in_force(site)).overrides] == ["p-sommer"]


async def test_a_stand_in_sent_twice_is_entered_once(site: Site) -> None:
    await furnish_on_call(site.house.database)
    browser = await site.signed_in(Role.COORDINATOR)
    shown = await looked_at(browser, STAND_INS, standing_in())
    said = hidden(shown.text, STAND_INS) | standing_in()

    answers = [await browser.post(STAND_INS, data=said) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert len((await in_force(site)).overrides) == 1


async def test_what_was_typed_after_looking_is_looked_at_again(site: Site) -> None:
    await furnish_on_call(site.house.database)
    browser = await site.signed_in(Role.COORDINATOR)
    shown = await looked_at(browser, STAND_INS, standing_in())

    other = await browser.post(STAND_INS, data=hidden(shown.text, STAND_INS) | standing_in(layer="backup"))

    assert other.status_code == 200
    assert (await in_force(site)).overrides == ()


async def test_two_who_edit_do_not_overwrite_each_other(site: Site) -> None:
    await furnish_on_call(site.house.database)
    browser, other = await site.signed_in(Role.COORDINATOR), await site.signed_in(Role.SDM, "p-sommer")
    shown = await looked_at(browser, STAND_INS, standing_in())
    begins = datetime.now(UTC) + timedelta(days=20)
    theirs = standing_in(
        layer="backup", start=f"{begins:%Y-%m-%dT%H:00}", end=f"{begins + timedelta(hours=8):%Y-%m-%dT%H:00}"
    )
    between = await looked_at(other, STAND_INS, theirs)
    assert (await other.post(STAND_INS, data=hidden(between.text, STAND_INS) | theirs)).status_code == 303

    refused = await browser.post(STAND_INS, data=hidden(shown.text, STAND_INS) | standing_in())

    assert refused.status_code == 409
    assert "version 2" in refused.text
    assert "Weihnachten" in refused.text
    assert [one.layer for one in (await in_force(site)).overrides] == [Layer.BACKUP]
    saved = await browser.post(STAND_INS, data=hidden(refused.text, STAND_INS) | standing_in())
    assert saved.status_code == 303
    assert len((await in_force(site)).overrides) == 2


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param({"end": "2020-01-01T08:00"}, "end", id="over before it begins"),
        pytest.param({"start": "soon"}, "start", id="no time"),
        pytest.param({"person": "p-nobody"}, "person", id="nobody we know"),
        pytest.param({"layer": "third"}, "layer", id="no layer"),
    ],
)
async def test_a_stand_in_that_cannot_be_is_refused_beside_its_field(
    site: Site, change: dict[str, str], field: str
) -> None:
    await furnish_on_call(site.house.database)
    browser = await site.signed_in(Role.COORDINATOR)

    refused = await looked_at(browser, STAND_INS, standing_in(**change))

    assert refused.status_code == 422
    assert "Weihnachten" in refused.text
    assert f"{field}-wrong" in refused.text
    assert (await in_force(site)).overrides == ()


async def test_a_stand_in_is_ended_after_a_look_and_ending_it_twice_is_once(site: Site) -> None:
    await furnish_on_call(site.house.database)
    browser = await site.signed_in(Role.COORDINATOR)
    shown = await looked_at(browser, STAND_INS, standing_in())
    await browser.post(STAND_INS, data=hidden(shown.text, STAND_INS) | standing_in())
    page = (await browser.get(PAGE)).text
    (address,) = re.findall(rf'href="({STAND_INS}/primary/[^"]+)"', page)

    look = await looked_at(browser, address, {})
    said = hidden(look.text, address)
    ended = [await browser.post(address, data=said) for _ in range(2)]

    assert look.status_code == 200
    assert [answer.status_code for answer in ended] == [303, 303]
    assert (await in_force(site)).overrides == ()


async def test_two_shifts_are_chosen_and_swapped(site: Site) -> None:
    await furnish_on_call(site.house.database)
    browser = await site.signed_in(Role.COORDINATOR)
    address = f"{PAGE}/{ROTA.id}/swaps"
    page = (await browser.get(address)).text
    options = list(dict.fromkeys(re.findall(r'<option value="(\w+\|[^"]+)"', page)))
    # Of the week after this one: both change their places.
    first, second = options[2:4]

    shown = await looked_at(browser, address, {"first": first, "second": second})
    saved = await browser.post(address, data=hidden(shown.text, address) | {"first": first, "second": second})

    assert shown.status_code == 200
    assert saved.status_code == 303
    assert len((await in_force(site)).swaps) == 1


async def test_the_two_layers_change_places(site: Site) -> None:
    await furnish_on_call(site.house.database)
    browser = await site.signed_in(Role.COORDINATOR)
    address = f"{PAGE}/{ROTA.id}/layer-swaps"
    page = (await browser.get(address)).text
    (backup,) = re.findall(r'<option value="([^"]+)"', page)[:1]

    shown = await looked_at(browser, address, {"primary": backup})
    saved = await browser.post(address, data=hidden(shown.text, address) | {"primary": backup})

    assert saved.status_code == 303
    assert (await in_force(site)).on_call_at(datetime.now(UTC)).primary == backup


@pytest.mark.parametrize("role", [Role.TECHNICIAN, Role.AUDITOR, Role.TEAM_LEAD])
async def test_whoever_may_not_change_shifts_sees_no_button_and_no_form(site: Site, role: Role) -> None:
    await furnish_on_call(site.house.database)
    browser = await site.signed_in(role, "p-lang")

    page = await browser.get(PAGE)

    assert page.status_code == 200
    assert STAND_INS not in page.text
    assert (await browser.get(STAND_INS)).status_code == 403


@pytest.mark.parametrize("role", [Role.REQUESTER, Role.APPROVER])
async def test_customers_see_nobodys_rota(site: Site, role: Role) -> None:
    await furnish_on_call(site.house.database)
    browser = await site.signed_in(role, "p-huber", "adler")

    assert (await browser.get(PAGE)).status_code == 403
    assert PAGE not in (await browser.get("/")).text


async def test_a_rota_of_another_customer_is_as_unknown_as_none(site: Site) -> None:
    await furnish_on_call(site.house.database, ROTA.but(customer="adler"))
    await site.house.second_customer()
    browser = await site.signed_in(Role.COORDINATOR, "p-sommer", "falke")

    for name in (ROTA.id, "nothing"):
        assert (await browser.get(f"{PAGE}?rota={name}")).status_code == 404
        assert (await browser.get(f"{PAGE}/{name}/overrides")).status_code == 404


async def test_without_a_rota_the_page_says_how_one_comes_about(site: Site) -> None:
    browser = await site.signed_in(Role.COORDINATOR)

    assert "imac oncall import" in (await browser.get(PAGE)).text


async def test_what_rings_is_taken_over_and_handed_on(site: Site) -> None:
    async with paged(site.house) as night:
        primary, backup = await on_call(night)
        await night.link_of(primary)
        browser, other = await site.signed_in(Role.TECHNICIAN, primary), await site.signed_in(Role.TECHNICIAN, backup)
        take, hand_on = (f"{PAGE}/pages/{night.incident}/1/{answer}" for answer in ("acknowledge", "decline"))

        page = (await browser.get(PAGE)).text
        said = hidden(page, take)
        taken = [await browser.post(take, data=said) for _ in range(2)]
        theirs = (await other.get(PAGE)).text
        mine = await browser.get(hand_on)
        given = await browser.post(hand_on, data=hidden(mine.text, hand_on) | {"reason": "On the train"})

        assert "&lt;b&gt;Mail&lt;/b&gt;" in page
        assert [answer.status_code for answer in taken] == [303, 303]
        assert take not in theirs
        assert "Hand on" in mine.text
        assert given.status_code == 303
        assert take in (await other.get(PAGE)).text


async def test_what_somebody_else_has_taken_meanwhile_is_said(site: Site) -> None:
    async with paged(site.house) as night:
        primary, backup = await on_call(night)
        await night.link_of(primary)
        browser, other = await site.signed_in(Role.TECHNICIAN, primary), await site.signed_in(Role.TECHNICIAN, backup)
        take = f"{PAGE}/pages/{night.incident}/1/acknowledge"
        mine, theirs = [hidden((await one.get(PAGE)).text, take) for one in (browser, other)]
        await browser.post(take, data=mine)

        late = await other.post(take, data=theirs)

        assert late.status_code == 409
        assert "Something has happened meanwhile" in late.text


async def test_a_page_of_another_customer_is_as_unknown_as_none(site: Site) -> None:
    async with paged(site.house) as night:
        await site.house.second_customer()
        browser = await site.signed_in(Role.COORDINATOR, "p-koch", "falke")

        assert night.incident not in (await browser.get(PAGE)).text
        for name in (night.incident, "I-NONE"):
            assert (await browser.get(f"{PAGE}/pages/{name}/1/acknowledge")).status_code == 404


async def test_whoever_has_a_rota_open_hears_at_once_that_it_was_saved_by_page_or_not(site: Site) -> None:
    await furnish_on_call(site.house.database)
    browser, lives = await site.signed_in(Role.COORDINATOR), site.house.app.state.lives
    desk, news, elsewhere = await site.house.coordinator(), Gathered(), Gathered()
    whose = {"id": "k", "person": "p-koch", "role": Role.COORDINATOR, "created_at": datetime.now(UTC)}
    entered = {"layer": "backup", "person": "p-sommer", "why": "Kur"}
    begins = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=50)
    entered |= {"start": begins.isoformat(), "end": (begins + timedelta(days=1)).isoformat()}

    with lives.hearing(Key(**whose, customer="adler"), news), lives.hearing(Key(**whose, customer="falke"), elsewhere):
        shown = await looked_at(browser, STAND_INS, standing_in())
        unsaved = list(news.cases)
        await browser.post(STAND_INS, data=hidden(shown.text, STAND_INS) | standing_in())
        by_page = list(news.cases)
        news.taken()
        answer = await desk.post(f"/api/v1/rotas/{ROTA.id}/overrides", json=entered)
        over_http = list(news.cases)

    assert answer.is_success, answer.text
    assert (unsaved, by_page, over_http) == ([], [f"rota/{ROTA.id}"], [f"rota/{ROTA.id}"])
    assert not elsewhere.cases or ROTA.customer is None
    assert 'data-live="incident rota"' in (await browser.get(PAGE)).text


async def test_a_calendar_follows_ones_own_shifts_by_an_address_that_is_made_and_ended_here(site: Site) -> None:
    await furnish_on_call(site.house.database)
    browser = await site.signed_in(Role.TECHNICIAN, "p-lang")
    here = f"{PAGE}/{ROTA.id}/calendars"

    page = await browser.get(here)
    said = hidden(page.text, here)
    made = [await browser.post(here, data=said) for _ in range(2)]
    shown = (await browser.get(here)).text
    addresses = re.findall(rf"https?://[^<\s]*{FEEDS}[^<\s]+", shown)
    (ending,) = re.findall(rf'action="({here}/[^"]+/end)"', shown)
    others = (await (await site.signed_in(Role.TECHNICIAN, "p-yilmaz")).get(here)).text
    ended = await browser.post(ending)

    assert f'href="{here}"' in (await browser.get(PAGE)).text
    assert {answer.headers["Location"] for answer in made} == {here}
    assert len(addresses) == 1
    assert "There is no address yet." in others
    assert ended.headers["Location"] == here
    assert "There is no address yet." in (await browser.get(here)).text
