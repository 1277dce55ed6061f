"""Every page in a real browser: nobody is shut out of it, and it fits its window."""

from typing import Any, Literal

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from playwright.async_api import Browser, Page, ViewportSize

from tests.web.browsers import Running
from tests.web.sights import DESK, PHONE, SIGHTS, Sight, Things, looking, show

pytestmark = pytest.mark.asyncio(loop_scope="session")
# WCAG 2.0 to 2.2, A and AA, and what the makers of the checker hold to be good practice.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
Look = tuple[ViewportSize, Literal["light", "dark"]]
every_sight = pytest.mark.parametrize("sight", SIGHTS, ids=str)
TAP = 44
STICKS_OUT = """() => [...document.querySelectorAll("main *")]
  .filter((one) => one.getBoundingClientRect().right > innerWidth)
  .map((one) => one.outerHTML.slice(0, 120))"""
# A word that a phone has room for, and that stands on two lines all the same.
BROKEN = """() => {
  const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT), broken = [];
  for (let text = texts.nextNode(); text; text = texts.nextNode())
    for (const word of text.data.matchAll(/(?<!\\S)\\p{L}{2,16}(?!\\S)/gu)) {
      const range = document.createRange();
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      if (text.parentElement.checkVisibility() && new Set([...range.getClientRects()].map((one) => one.top)).size > 1)
        broken.push(word[0]);
    }
  return broken;
}"""
PUSHED = "all => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.outerHTML.slice(0, 120))"


async def findings(page: Page) -> list[tuple[str, str]]:
    found = await Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
    violations: list[dict[str, Any]] = found.response["violations"]
    return [(one["id"], node["html"][:200]) for one in violations for node in one["nodes"]]


@every_sight
@pytest.mark.parametrize(
    "looks",
    [
        pytest.param([(DESK, "light"), (PHONE, "dark")], id="usual"),
        pytest.param([(DESK, "dark"), (PHONE, "light")], id="rarer", marks=pytest.mark.slow),
    ],
)
async def test_nobody_is_shut_out_of_a_page(
    browser: Browser, running: Running, things: Things, sight: Sight, looks: list[Look]
) -> None:
    # The checker comes as a script of its own, which our policy would not let in.
    async with looking(browser, running, sight.role, sight.customer, bypass_csp=True) as page:
        await show(page, sight, things)
        found = {}
        for size, theme in looks:
            await page.set_viewport_size(size)
            await page.emulate_media(color_scheme=theme)
            found[size["width"], theme] = await findings(page)

        assert {look: wrong for look, wrong in found.items() if wrong} == {}


@every_sight
async def test_a_page_fits_every_window(browser: Browser, running: Running, things: Things, sight: Sight) -> None:
    """Also the smallest phone, and whoever has everything twice as large. On phones, fingers meet what they aim at."""
    async with looking(browser, running, sight.role, sight.customer) as page:
        await show(page, sight, things)
        wider, small = [], []
        for width in (320, PHONE["width"], 720, DESK["width"]):
            await page.set_viewport_size({"width": width, "height": 800})
            if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                wider.append((width, await page.evaluate(STICKS_OUT)))
            if width == PHONE["width"]:
                small = await page.locator(
                    ".button, button, summary, select, textarea, input:not([type=hidden], [type=checkbox])"
                ).evaluate_all(
                    "(all, least) => all.filter((one) => one.checkVisibility() && one.offsetHeight < least)"
                    ".map((one) => one.outerHTML.slice(0, 200))",
                    TAP,
                )

        assert (wider, small) == ([], [])


@every_sight
async def test_a_phone_shows_whole_words_and_whole_tables(
    browser: Browser, running: Running, things: Things, sight: Sight
) -> None:
    """In German, which has the longer words."""
    async with looking(browser, running, sight.role, sight.customer, language="de", viewport=PHONE) as page:
        await show(page, sight, things)

        assert await page.evaluate(BROKEN) == []
        assert await page.locator(".scroll:visible").evaluate_all(PUSHED) == []


@pytest.mark.slow
@every_sight
async def test_a_page_is_read_in_two_colours_of_its_readers_own(
    browser: Browser, running: Running, things: Things, sight: Sight
) -> None:
    """Forced colours: what can be pressed or typed into still has an edge or a line, and all of it is told apart."""
    async with looking(browser, running, sight.role, sight.customer, bypass_csp=True, forced_colors="active") as page:
        await show(page, sight, things)
        lost = await page.locator(
            ".button, button, input:not([type=hidden], [type=checkbox]), select, textarea, .card"
        ).evaluate_all(
            "all => all.filter((one) => one.checkVisibility() && getComputedStyle(one).borderTopStyle === 'none')"
            ".map((one) => one.outerHTML.slice(0, 200))"
        )

        assert await findings(page) == []
        assert lost == []
