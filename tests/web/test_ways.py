"""Each role's way through its day by pages alone, from signing in to done: in both languages, on desk and phone."""

import re
from asyncio import to_thread
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, Locator, Page, ViewportSize, expect

from cli.orders.sheet import next_visit
from connectors.contract_files import read_customer_file
from connectors.holidays import with_holidays
from documents.wording import word
from domain.people import Language, Role
from tests.patience import until
from tests.web.browsers import EXAMPLE, MODEL, Running
from tests.web.hostile import CUSTOMER
from tests.web.sights import DESK, INSTALL, PHONE, Things, looking, moving
from web.words import say

pytestmark = pytest.mark.asyncio(loop_scope="session")
read_as = pytest.mark.parametrize(
    ("language", "size"),
    [
        pytest.param("de", PHONE, id="de-phone"),
        pytest.param("en", DESK, id="en-desk"),
        pytest.param("de", DESK, id="de-desk", marks=pytest.mark.slow),
        pytest.param("en", PHONE, id="en-phone", marks=pytest.mark.slow),
    ],
)
MOST_PRESSES = 80


class Day:
    """Somebody before their browser. What they press is called as in their language."""

    def __init__(self, page: Page, language: Language) -> None:
        self.page = page
        self.language = language

    async def goes_to(self, entry: str) -> None:
        """By the menu, which a phone shows when it is asked to."""
        opener = self.page.get_by_role("button", name=self.says("menu"))
        if await opener.is_visible():
            await opener.click()
        await self.page.get_by_role("link", name=self.says(entry), exact=True).click()

    async def opens(self, no: str) -> None:
        await self.page.locator(f"main a[href$='/{no}']").first.click()
        await expect(self.page.locator("main .crumbs")).to_contain_text(no)

    async def presses(self, command: str) -> None:
        await self.button(command).first.click()

    async def decides(self, command: str) -> None:
        """About a move."""
        name = word("move_command", command, self.language)
        await self.page.get_by_role("button", name=f"{name[:1].upper()}{name[1:]}", exact=True).first.click()

    def button(self, command: str) -> Locator:
        return self.page.get_by_role("button", name=word("command", command, self.language), exact=False)

    async def sees(self, noun: str, state: str) -> None:
        await expect(self.page.locator(".chip")).to_have_text(word(noun, state, self.language))

    def says(self, name: str) -> str:
        return say(name, self.language)


@asynccontextmanager
async def day_of(
    browser: Browser, running: Running, role: Role, language: Language, size: ViewportSize, key: str | None = None
) -> AsyncIterator[Day]:
    """From signing in with a key, that of the role at the example or another, to signing out."""
    async with looking(browser, running, None, language=language, viewport=size) as page:
        day = Day(page, language)
        await page.goto("/")
        await page.get_by_label(day.says("api_key")).fill(key or running.key(role))
        await page.get_by_role("button", name=day.says("sign_in_do")).click()
        await expect(page).to_have_url(f"{running.url}/")
        yield day
        await page.goto("/me")
        await page.get_by_role("button", name=day.says("sign_out")).click()
        await expect(page).to_have_url(re.compile("/sign-in"))


@read_as
async def test_an_order_goes_its_way_from_being_asked_for_to_being_accepted(
    browser: Browser, running: Running, language: Language, size: ViewportSize
) -> None:
    async with day_of(browser, running, Role.REQUESTER, language, size) as day:
        no = await places(day)
    async with day_of(browser, running, Role.APPROVER, language, size) as day:
        await day.opens(no)
        await day.presses("approve")
        await day.sees("order_state", "approved")
    async with day_of(browser, running, Role.COORDINATOR, language, size) as day:
        await day.opens(no)
        await books(day)
        await day.sees("order_state", "scheduled")
    async with day_of(browser, running, Role.TECHNICIAN, language, size) as day:
        await day.goes_to("menu_orders")
        await day.opens(no)
        await day.presses("start")
        await day.sees("order_state", "in_progress")
        await day.presses("complete")
        await day.sees("order_state", "awaiting_acceptance")
    async with day_of(browser, running, Role.REQUESTER, language, size) as day:
        await day.opens(no)
        await day.presses("accept")
        await day.sees("order_state", "completed")
    async with day_of(browser, running, Role.AUDITOR, language, size) as day:
        await day.goes_to("menu_orders")
        await day.opens(no)
        await expect(day.page.locator("#history")).to_contain_text("Max Huber")
        await expect(day.page.locator("form[method=post]")).to_have_count(0)


async def places(day: Day) -> str:
    page, wanted = day.page, INSTALL["target"]
    await page.get_by_role("link", name=day.says("place_order")).first.click()
    await page.locator("[name=kind]").select_option("install")
    await page.get_by_role("button", name=day.says("go_on")).click()
    for part in ("building", "floor", "room", "desk"):
        await page.locator(f"[name='target.{part}']").fill(wanted[part])
    await page.locator("[name='wanted.0.model']").fill(MODEL)
    await page.locator("[name=holder]").fill("Nora Falk")
    await page.get_by_role("button", name=day.says("place_order")).click()
    await expect(page.locator("h1")).to_contain_text("Nora Falk")
    return page.url.rpartition("/")[2]


async def books(day: Day) -> None:
    now, site = datetime.now(UTC), read_customer_file(EXAMPLE.read_bytes()).sites[0]
    opens = site.but(access=with_holidays(site.access, now))
    for name, at in zip(("start", "end"), next_visit(opens, now), strict=True):
        local = at.astimezone(ZoneInfo(site.access.zone))
        await day.page.locator(f"#questions [name='window.{name}']").fill(f"{local:%Y-%m-%dT%H:%M}")
    await day.page.locator("#questions [name=technician]").select_option("p-lang")
    await day.presses("book")


@read_as
async def test_an_incident_goes_its_way_from_the_desk_to_the_customers_word(
    browser: Browser, running: Running, language: Language, size: ViewportSize
) -> None:
    report = {"contract": "adler-2026", "site": "adler-hq", "reporter": "p-vogel", "title": "Printer eats paper"}
    no = running.say(Role.REQUESTER, "/incidents", report)["no"]
    async with day_of(browser, running, Role.SERVICE_DESK, language, size) as day:
        await day.goes_to("menu_incidents")
        await day.opens(no)
        await day.presses("respond")
        await day.sees("incident_state", "in_progress")
    async with day_of(browser, running, Role.TEAM_LEAD, language, size) as day:
        await day.goes_to("menu_incidents")
        await day.opens(no)
        await day.page.locator("#questions [name=solution]").fill("The roller is new.")
        await day.presses("resolve")
        await day.sees("incident_state", "resolved")
    async with day_of(browser, running, Role.REQUESTER, language, size) as day:
        await day.goes_to("menu_incidents")
        await day.opens(no)
        await day.presses("confirm")
        await day.sees("incident_state", "closed")


async def presses_alone(page: Page, target: Locator) -> None:
    """With nothing but the keyboard, seeing all the way where one is."""
    for _ in range(MOST_PRESSES):
        await page.keyboard.press("Tab")
        focused = page.locator(":focus")
        assert await focused.evaluate("one => getComputedStyle(one).outlineStyle !== 'none'"), "nobody sees the focus"
        if await focused.and_(target).count():
            await page.keyboard.press("Enter")
            return
    pytest.fail(f"{target} is not reached with {MOST_PRESSES} presses")


async def test_an_approver_needs_nothing_but_the_keyboard(browser: Browser, running: Running) -> None:
    no = running.say(Role.REQUESTER, "/orders", INSTALL)["no"]
    async with looking(browser, running, Role.APPROVER) as page:
        day = Day(page, "en")
        await page.goto("/")
        await presses_alone(page, page.locator(f"main a[href='/orders/{no}']").first)
        await expect(page.locator("main .crumbs")).to_contain_text(no)
        await presses_alone(page, day.button("approve"))

        await day.sees("order_state", "approved")


async def test_what_is_stuck_is_tried_again_with_the_keyboard_alone(
    browser: Browser, running: Running, things: Things
) -> None:
    async with looking(browser, running, Role.COORDINATOR, CUSTOMER) as page:
        day = Day(page, "en")
        await page.goto("/exceptions")
        await presses_alone(page, page.locator(f"main a[href='/orders/{things.stuck}']").first)
        tried = page.locator("#history li").filter(has_text=word("happening", "retry", "en"))
        await expect(page.locator("#questions .alarm")).to_be_visible()
        before = await tried.count()
        await presses_alone(page, day.button("retry"))

        await expect(tried).to_have_count(before + 1)


async def test_an_incident_is_answered_with_the_keyboard_alone(browser: Browser, running: Running) -> None:
    report: dict[str, Any] = {"contract": "adler-2026", "site": "adler-hq", "title": "Nobody can print"}
    no = running.say(Role.SERVICE_DESK, "/incidents", report)["no"]
    async with looking(browser, running, Role.SERVICE_DESK) as page:
        day = Day(page, "en")
        await page.goto("/incidents")
        await presses_alone(page, page.locator(f"main a[href='/incidents/{no}']"))
        await expect(page.locator("main .crumbs")).to_contain_text(no)
        await presses_alone(page, day.button("respond"))

        await day.sees("incident_state", "in_progress")


async def test_a_go_is_given_with_the_keyboard_alone(browser: Browser, running: Running) -> None:
    no = moving(running)
    async with looking(browser, running, Role.APPROVER, CUSTOMER) as page:
        await page.goto("/projects")
        await presses_alone(page, page.locator(f"main a[href='/projects/{no}']").first)
        await expect(page.locator("main .crumbs")).to_contain_text(no)
        asked = page.locator("#needs").get_by_text(say("go_asked", "en", wave="w1"))
        await expect(asked).to_be_visible()
        go = word("move_command", "go", "en")
        await presses_alone(page, page.get_by_role("button", name=f"{go[:1].upper()}{go[1:]}", exact=True))

        await expect(asked).to_have_count(0)
    assert "go" in [event["what"] for event in running.asks(Role.COORDINATOR, f"/projects/{no}/timeline", CUSTOMER)]


def last_night() -> datetime:
    """The last time that it was three in the morning in Augsburg, more or less an hour."""
    now = datetime.now(UTC)
    three = now.replace(hour=2, minute=0, second=0, microsecond=0)
    return three if three <= now else three - timedelta(days=1)


async def test_a_page_is_acknowledged_with_the_keyboard_alone(browser: Browser, running: Running) -> None:
    report = {"contract": "adler-2026", "site": "adler-hq", "title": "Nobody can log in", "priority": "blocker"}
    # In the service hours the desk sees to it, and nobody is called.
    night = {"received_at": last_night().isoformat()}
    no = running.say(Role.SERVICE_DESK, "/incidents", report | night)["no"]
    await until(
        lambda: to_thread(running.asks, Role.SERVICE_DESK, f"/pages?incident={no}"), lambda found: found["items"]
    )
    async with looking(browser, running, Role.SERVICE_DESK) as page:
        await page.goto("/on-call")
        ringing = page.locator(".ringing").filter(has=page.locator(f"a[href='/incidents/{no}']"))
        await presses_alone(page, ringing.get_by_role("button"))

        await expect(ringing).to_contain_text(word("page_state", "acknowledged", "en"))
