"""A technician's phone in a dead spot: nothing is lost, done twice or out of order, and nothing is left behind."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from cli.orders.sheet import next_visit
from connectors.contract_files import read_customer_file
from connectors.holidays import with_holidays
from domain.people import Role
from tests.patience import until
from tests.web.browsers import EXAMPLE, Running
from tests.web.sights import INSTALL, PHONE, looking

pytestmark = pytest.mark.asyncio(loop_scope="session")
KEPT = (
    "(name) => caches.has(name).then((has) => has && caches.open(name).then((c) => c.keys()).then((all) => all.length))"
)


def visit(running: Running) -> tuple[str, date]:
    """An order that waits for its work at the next visit, and on which day that is."""
    now, site = datetime.now(UTC), read_customer_file(EXAMPLE.read_bytes()).sites[0]
    start, end = next_visit(site.but(access=with_holidays(site.access, now)), now)
    no = str(running.say(Role.REQUESTER, "/orders", INSTALL)["no"])
    running.say(Role.APPROVER, f"/orders/{no}/commands", {"type": "approve"})
    window = {"start": start.isoformat(), "end": end.isoformat()}
    running.say(
        Role.COORDINATOR, f"/orders/{no}/commands", {"type": "book", "window": window, "technician": TECHNICIAN}
    )
    return no, start.astimezone(ZoneInfo(site.access.zone)).date()


TECHNICIAN = "p-lang"
NETWORK_BACK = "dispatchEvent(new Event('online'))"


def times_done(running: Running, no: str) -> int:
    timeline = running.ask(Role.COORDINATOR, f"/orders/{no}/timeline")
    return [event["what"] for event in timeline].count("complete")


@asynccontextmanager
async def phone(browser: Browser, running: Running, day: date) -> AsyncIterator[Page]:
    """A technician's, which has seen this day once and keeps it."""
    async with looking(browser, running, Role.TECHNICIAN, viewport=PHONE, quiet=False) as page:
        await page.goto(f"/my-day?day={day}")
        await page.evaluate("navigator.serviceWorker.ready.then(() => null)")
        await page.reload()
        await until(lambda: kept(page, "imac-days"))
        yield page


async def kept(page: Page, name: str) -> int:
    return int(await page.evaluate(KEPT, name))


async def checks_off(page: Page, no: str) -> None:
    stop = page.locator(f"#stop-{no}")
    await opened(stop)
    await stop.locator(".floor:not([hidden]) > form button.first").first.click()


async def opened(stop: Locator) -> None:
    if not await stop.locator("details.stop-card").evaluate("one => one.open"):
        await stop.locator("summary").first.click()


async def test_what_is_checked_off_in_a_dead_spot_is_done_once_when_the_network_is_back(
    browser: Browser, running: Running
) -> None:
    no, day = visit(running)
    async with phone(browser, running, day) as page:
        await page.context.set_offline(True)
        await checks_off(page, no)
        await expect(page.locator("#outbox")).to_contain_text("1 message waits for the network.")
        await page.reload()
        await expect(page.locator("#outbox")).to_contain_text("1 message waits for the network.")
        await expect(page.locator(f"#stop-{no} .sent-later")).to_be_attached()
        assert times_done(running, no) == 0

        await page.context.set_offline(False)
        await expect(page.locator("#outbox")).to_be_hidden()
        await page.reload()

        await expect(page.locator(f"#stop-{no}")).to_contain_text("Done on site")
    assert times_done(running, no) == 1


async def test_what_was_refused_meanwhile_is_listed_with_whoever_said_it_until_that_is_understood(
    browser: Browser, running: Running
) -> None:
    (first, day), (second, _) = visit(running), visit(running)
    async with phone(browser, running, day) as page:
        await page.context.set_offline(True)
        await checks_off(page, first)
        await checks_off(page, second)
        await expect(page.locator("#outbox")).to_contain_text("2 messages wait for the network.")
        running.say(Role.COORDINATOR, f"/orders/{first}/commands", {"type": "cancel", "reason": "Not needed any more"})

        await page.context.set_offline(False)
        refused = page.locator("#outbox .refused")
        await expect(refused).to_contain_text("Not accepted:")
        await expect(refused).to_contain_text(re.compile(r"\(.+\)"))
        # What comes after it is not kept waiting.
        await until(lambda: done(running, second))
        await page.goto("/me")
        await page.get_by_role("button", name="Sign out").click()
        await expect(page).to_have_url(re.compile("/my-day"))
        await page.locator("#outbox .refused button").click()
        await expect(page.locator("#outbox")).to_be_hidden()
    assert (times_done(running, first), times_done(running, second)) == (0, 1)


async def done(running: Running, no: str) -> int:
    return times_done(running, no)


async def test_who_signs_out_leaves_nothing_of_the_day_on_the_phone(browser: Browser, running: Running) -> None:
    no, day = visit(running)
    async with phone(browser, running, day) as page:
        # The session that other tests have is left alone.
        await page.context.clear_cookies(name="imac")
        await page.goto("/sign-in?next=/my-day")
        await page.get_by_label("API key").fill(running.key(Role.TECHNICIAN))
        await page.get_by_role("button", name="Sign in").click()
        await page.goto(f"/my-day?day={day}")
        await expect(page.locator(f"#stop-{no}")).to_be_attached()
        await page.goto("/me")
        await page.get_by_role("button", name="Sign out").click()
        await expect(page).to_have_url(re.compile("/sign-in"))
        await until(lambda: forgotten(page))

        await page.context.set_offline(True)
        with pytest.raises(Exception, match=r"ERR_INTERNET_DISCONNECTED|ERR_FAILED"):
            await page.goto(f"/my-day?day={day}")


async def forgotten(page: Page) -> bool:
    return await kept(page, "imac-days") == 0


@asynccontextmanager
async def signed_in_anew(browser: Browser, running: Running, day: date) -> AsyncIterator[Page]:
    """A phone with a session of its own: the one that other tests have is left alone."""
    async with phone(browser, running, day) as page:
        await signs_in(page, running.key(Role.TECHNICIAN))
        await page.goto(f"/my-day?day={day}")
        await until(lambda: kept(page, "imac-days"))
        yield page


async def signs_in(page: Page, key: str) -> None:
    await page.context.clear_cookies(name="imac")
    await page.goto("/sign-in")
    await page.get_by_label("API key").fill(key)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page).not_to_have_url(re.compile("/sign-in"))


async def test_who_signs_out_without_a_network_is_out_and_stays_so_when_it_is_back(
    browser: Browser, running: Running
) -> None:
    no, day = visit(running)
    async with signed_in_anew(browser, running, day) as page:
        await page.goto("/me")
        await page.context.set_offline(True)
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.locator("body")).to_contain_text("You are signed out.")
        await page.goto(f"/my-day?day={day}")
        await expect(page.locator("body")).to_contain_text("You are signed out.")
        assert no not in await page.content()
        assert await forgotten(page)

        await page.context.set_offline(False)
        await page.goto(f"/my-day?day={day}")
        await expect(page).to_have_url(re.compile("/sign-in"))


async def test_nobody_sends_what_another_has_said_at_the_same_phone(browser: Browser, running: Running) -> None:
    no, day = visit(running)
    async with signed_in_anew(browser, running, day) as page:
        await page.route("**/my-day/**", lambda route: route.abort())
        await checks_off(page, no)
        await expect(page.locator("#outbox")).to_contain_text("1 message waits for the network.")
        # In another tab, while the first one's day is still open.
        other = await page.context.new_page()
        await signs_in(other, running.key(Role.SERVICE_DESK))
        await page.unroute_all()
        await page.evaluate(NETWORK_BACK)
        await expect(page.locator("#outbox")).to_contain_text("Your session has ended")
        await other.goto(f"/my-day?day={day}")
        await expect(other.locator("#outbox")).to_contain_text("wait until Tom Lang signs in here")
        assert times_done(running, no) == 0

        await signs_in(other, running.key(Role.TECHNICIAN))
        await other.goto(f"/my-day?day={day}")

        await until(lambda: done(running, no))
    assert times_done(running, no) == 1
