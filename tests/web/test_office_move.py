"""The office move of the README by pages alone: from its list to its report, by the people it takes."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from playwright.async_api import Browser, expect

from documents.wording import word
from domain.people import Role
from tests.web.browsers import Running
from tests.web.sights import DESK, PHONE
from tests.web.test_ways import Day, day_of

pytestmark = pytest.mark.asyncio(loop_scope="session")
HEADINGS = "Mitarbeiter;von Gebäude;von Etage;von Raum;von Platz;nach Gebäude;nach Etage;nach Raum;nach Platz;Bemerkung"
# A name with a slip, and a note that has to be agreed with somebody. No other test moves these two.
ROWS = ("Jonas Albrech;A;2;2.18;1;B;1;1.04;1;", "Maria Bauer;A;2;2.18;2;B;1;1.04;2;nur Monitor")
LATER = timedelta(days=20)


@pytest.mark.slow
async def test_an_office_moves_by_pages_alone(browser: Browser, running: Running) -> None:
    project = f"haus-{uuid4().hex[:8]}"
    second = running.ask(
        Role.ADMIN, "/keys", method="POST", json={"role": "technician", "person": "p-yilmaz", "customer": "adler"}
    )["key"]
    async with day_of(browser, running, Role.COORDINATOR, "en", DESK) as day:
        await begins(day, project)
        await puts_right(day)
        await plans(day)
        await rehearses(day)
    async with day_of(browser, running, Role.APPROVER, "de", DESK) as day:
        await approves(day, project)
    async with day_of(browser, running, Role.COORDINATOR, "en", DESK) as day:
        await launches(day, project)
        first, other = await orders(day, project)
    async with (
        day_of(browser, running, Role.TECHNICIAN, "de", PHONE) as lang,
        day_of(browser, running, Role.TECHNICIAN, "en", PHONE, key=second) as yilmaz,
    ):
        await fails(lang, first)
        await carries_out(lang, yilmaz, other)
        async with day_of(browser, running, Role.COORDINATOR, "en", DESK) as day:
            again = await tries_again(day, project, first)
        await carries_out(lang, yilmaz, again)
    async with day_of(browser, running, Role.COORDINATOR, "en", DESK) as day:
        await closes(day, project)


async def begins(day: Day, project: str) -> None:
    page = day.page
    await day.goes_to("menu_projects")
    await page.get_by_role("link", name=day.says("begin_project")).click()
    await page.locator("[name=id]").fill(project)
    await page.locator("[name=name]").fill("Umzug Haus C")
    await page.locator("[name=contract]").select_option("adler-2026")
    await page.locator("[name=sites]").first.check()
    await page.get_by_role("button", name=day.says("begin_project")).click()
    await expect(page.locator("h1")).to_have_text("Umzug Haus C")
    content = "\n".join((HEADINGS, *ROWS)).encode()
    await page.locator("#file").set_input_files({"name": "list.csv", "mimeType": "text/csv", "buffer": content})
    await page.get_by_role("button", name=day.says("import_do")).click()


async def puts_right(day: Day) -> None:
    """A slip in its cell, which becomes the next version; what has been agreed, with its reason."""
    slip = day.page.locator("form[action$='/rows/2']")
    await slip.locator("input[value='Jonas Albrech']").fill("Jonas Albrecht")
    await slip.get_by_role("button").click()
    await expect(slip).to_have_count(0)
    agreed = day.page.locator("form[action$='/conflicts/3']")
    await agreed.locator("[name=reason]").fill("The rest stays where it is")
    await agreed.get_by_role("button").click()
    await expect(agreed).to_have_count(0)


async def plans(day: Day) -> None:
    page, first = day.page, f"{datetime.now(UTC) + LATER:%Y-%m-%d}"
    await page.locator("#plan [name=first]").fill(first)
    await page.locator("#plan [name=minutes]").fill("60")
    await page.get_by_role("button", name=day.says("plan_do"), exact=True).click()
    await page.locator("#plan [name=go_by]").select_option("p-koch")
    await page.get_by_role("button", name=day.says("plan_again")).click()
    await expect(page.locator("#plan")).to_contain_text(day.says("changes_since").format(version=1))


async def rehearses(day: Day) -> None:
    """And sees it come without asking."""
    page = day.page
    await page.locator("#rehearsal [name=runs]").fill("2")
    await page.get_by_role("button", name=day.says("rehearse_do")).click()
    await expect(page.locator("#rehearsal")).to_contain_text(day.says("rehearsed_times").format(runs=2, finished=2))


async def approves(day: Day, project: str) -> None:
    page = day.page
    await page.locator(f"main a[href^='/projects/{project}']").first.click()
    await page.locator(f"a[href='/projects/{project}/prepare']").first.click()
    await page.get_by_role("button", name=day.says("approve_plan")).click()
    await expect(page.locator("#approval")).to_contain_text("Max Huber")


async def launches(day: Day, project: str) -> None:
    page = day.page
    await day.goes_to("menu_projects")
    await page.locator(f"main a[href='/projects/{project}']").click()
    await page.locator(f"a[href='/projects/{project}/prepare']").first.click()
    await page.get_by_role("button", name=day.says("launch_do")).click()
    await day.decides("go")
    await expect(page.locator("#waves")).to_contain_text(word("wave_state", "running", day.language))


async def orders(day: Day, project: str) -> Sequence[str]:
    """As they stand in the rows of the board, as soon as they are placed."""
    await day.page.goto(f"/projects/{project}")
    links = day.page.locator("#rows a[href^='/orders/']")
    await expect(links).to_have_count(len(ROWS))
    return [await link.inner_text() for link in await links.all()]


async def fails(day: Day, no: str) -> None:
    """On the phone, at its stop."""
    page = day.page
    await page.goto(f"/orders/{no}/complete")
    await page.locator("[name=outcome]").select_option("failed")
    await page.locator("[name=reason]").fill("The arm does not come off")
    await page.locator("main form").last.get_by_role("button").click()


async def carries_out(giver: Day, taker: Day, no: str) -> None:
    """Taken down, handed over to the other, set up, and looked at."""
    for day, command in (
        (giver, "complete"),
        (giver, "confirm_custody"),
        (taker, "confirm_custody"),
        (giver, "complete"),
        (giver, "verify"),
    ):
        await day.page.goto(f"/orders/{no}")
        await day.presses(command)
    await giver.sees("order_state", "completed")


async def tries_again(day: Day, project: str, no: str) -> str:
    """From the list of exceptions; the number of the order that takes the place of the first one."""
    page = day.page
    await day.goes_to("menu_exceptions")
    await page.locator(f"main a[href^='/projects/{project}']").first.click()
    await day.decides("retry_rows")
    link = page.locator("#rows tr", has_text="Jonas Albrecht").locator("a[href^='/orders/']")
    await expect(link).not_to_have_text(no)
    return await link.inner_text()


async def closes(day: Day, project: str) -> None:
    page = day.page
    await page.goto(f"/projects/{project}")
    await expect(page.locator(".chip")).to_have_text(word("project_state", "done", day.language))
    report = await page.request.get(f"/projects/{project}/report.pdf")
    assert (await report.body()).startswith(b"%PDF-")
