"""Open pages: news comes by itself, leaves alone what somebody has in hand, and comes over one line for all tabs."""

import os
import re
import signal
from functools import partial

import pytest
from playwright.async_api import Browser, Page, Request, Route, expect

from domain.people import Role
from tests.patience import eventually
from tests.web.browsers import Running, answers
from tests.web.sights import INSTALL, looking

pytestmark = pytest.mark.asyncio(loop_scope="session")


def placed(running: Running) -> str:
    return str(running.say(Role.REQUESTER, "/orders", INSTALL)["no"])


def said(running: Running, role: Role, no: str, command: str, **fields: object) -> None:
    running.say(role, f"/orders/{no}/commands", {"type": command, **fields})


async def is_live(page: Page) -> None:
    await expect(page.locator("#live[data-state=on]")).to_be_visible()


async def test_news_comes_by_itself_and_leaves_alone_what_is_in_somebodys_hand(
    browser: Browser, running: Running
) -> None:
    no = placed(running)
    said(running, Role.APPROVER, no, "approve")
    async with looking(browser, running, Role.COORDINATOR, viewport={"width": 800, "height": 400}) as page:
        await page.goto(f"/orders/{no}")
        await is_live(page)
        await page.locator("#questions input[type=datetime-local]").first.fill("2027-03-01T09:00")
        await page.locator("details.others summary").click()
        await page.evaluate("scrollTo(0, 300)")
        # Somebody else stops it.
        said(
            running,
            Role.SERVICE_DESK,
            no,
            "hold",
            code="site_closed",
            reason="Fire drill",
            max_until="2027-03-01T09:00:00Z",
        )

        await expect(page.locator("#history")).to_contain_text("Fire drill")
        await expect(page.locator("#newer")).to_be_visible()
        await expect(page.locator("#questions input[type=datetime-local]").first).to_have_value("2027-03-01T09:00")
        await expect(page.locator("details.others ul")).to_be_visible()
        assert await page.evaluate("scrollY") == 300


async def test_what_happens_before_a_page_has_its_line_is_seen_all_the_same(browser: Browser, running: Running) -> None:
    no = placed(running)

    async def late(route: Route) -> None:
        said(running, Role.APPROVER, no, "approve")
        await route.continue_()

    async with looking(browser, running, Role.COORDINATOR) as page:
        await page.route("**/live", late)
        await page.goto(f"/orders/{no}")

        await expect(page.locator("#history")).to_contain_text("Max Huber")


async def test_many_tabs_of_one_browser_share_one_stream_and_hand_it_on(browser: Browser, running: Running) -> None:
    no, streams = placed(running), []

    def note(request: Request) -> None:
        if request.url.endswith("/live"):
            streams.append(request)

    async with looking(browser, running, Role.COORDINATOR) as first:
        first.context.on("request", note)
        tabs = [first, *[await first.context.new_page() for _ in range(8)]]
        for tab in tabs:
            await tab.goto(f"/orders/{no}")
        for tab in tabs:
            await is_live(tab)
        assert len(streams) == 1

        said(running, Role.APPROVER, no, "approve")
        for tab in tabs:
            await expect(tab.locator("#history")).to_contain_text("Max Huber")
        await first.close()
        await expect(tabs[1].locator("#live[data-state=on]")).to_be_visible()
        said(running, Role.COORDINATOR, no, "cancel", reason="Not needed any more")

        for tab in tabs[1:]:
            await expect(tab.locator("#history")).to_contain_text("Not needed any more")
    assert len(streams) == 2


async def test_pages_catch_up_by_themselves_when_the_server_has_been_away(browser: Browser, running: Running) -> None:
    no = placed(running)
    async with looking(browser, running, Role.COORDINATOR, quiet=False) as page:
        await page.goto(f"/orders/{no}")
        await is_live(page)
        os.kill(running.program("api"), signal.SIGKILL)
        await expect(page.locator("#live[data-state=off]")).to_have_text(re.compile(r"not live since \d\d:\d\d"))
        eventually(partial(answers, running.url))
        said(running, Role.APPROVER, no, "approve")

        await expect(page.locator("#history")).to_contain_text("Max Huber")
        await is_live(page)


async def test_news_that_could_not_be_fetched_is_asked_for_until_it_comes(browser: Browser, running: Running) -> None:
    no, refused = placed(running), list[Route]()

    async def busy(route: Route) -> None:
        if route.request.headers.get("x-live") and len(refused) < 2:
            refused.append(route)
            await (route.fulfill(status=503) if len(refused) == 1 else route.abort())
        else:
            await route.continue_()

    async with looking(browser, running, Role.COORDINATOR, quiet=False) as page:
        await page.goto(f"/orders/{no}")
        await is_live(page)
        await page.route(f"**/orders/{no}", busy)
        said(running, Role.APPROVER, no, "approve")

        await expect(page.locator("#history")).to_contain_text("Max Huber")
    assert len(refused) == 2
