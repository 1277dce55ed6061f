"""Whatever somebody has written somewhere: it runs nothing, turns nothing round, breaks no page, and is kept."""

import pytest
from playwright.async_api import Browser, Page, expect

from api.policy import ALLOWED, Operation
from domain.people import Role
from tests.web.browsers import Running
from tests.web.hostile import CUSTOMER, HOSTILE, HUGE
from tests.web.sights import PLACE, SIGHTS, Things, looking, reported, waiting
from web.incidents import COMMANDS as OF_INCIDENTS
from web.order_forms import COMMANDS as OF_ORDERS

pytestmark = pytest.mark.asyncio(loop_scope="session")
NARROW = {"width": 320, "height": 700}
ADDRESSES = sorted({sight.address for sight in SIGHTS})
# A browser for each of these takes a while; whoever sees most comes first.
OFTEN = {Role.COORDINATOR, Role.APPROVER, Role.REQUESTER}
READERS = [
    pytest.param(role, marks=() if role in OFTEN else pytest.mark.slow)
    for role in sorted(ALLOWED[Operation.SIGN_IN] | {Role.ADMIN})
]
TEXTS = "input:not([type=hidden], [type=checkbox], [type=number], [type=datetime-local]), textarea"
# All that markup can do besides a script, and texts that turn round what stands beside them. Each text of a picture is
# a paragraph of its own, as SVG has it.
LOOK = """() => {
  const found = [...document.querySelectorAll("[style], [onerror], [onload], [onclick], script:not([src]), main img")];
  const led = [...document.querySelectorAll("a, form")].filter((one) => /^javascript:/i.test(one.href || one.action));
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const { data, parentElement } = texts.currentNode;
    const stands_apart = parentElement.closest("bdi, textarea, option, svg text");
    if (data.includes("\\u202e") && !stands_apart) found.push(parentElement);
    // What is left open in it ends only with the paragraph.
    let depth = 0;
    for (const sign of data) {
      if ("\\u2066\\u2067\\u2068".includes(sign)) depth += 1;
      else if (sign === "\\u2069" && depth) depth -= 1;
    }
    if (depth && parentElement.closest("bdi")) found.push(parentElement);
  }
  const wide = document.documentElement.scrollWidth > innerWidth ? ["wider than the window"] : [];
  return [...[...found, ...led].map((one) => one.outerHTML.slice(0, 200)), ...wide];
}"""


async def seen(page: Page) -> list[str]:
    found: list[str] = await page.evaluate(LOOK)
    return found


@pytest.mark.parametrize("role", READERS)
async def test_pages_full_of_hostile_texts_let_nothing_run_and_stay_in_shape(
    browser: Browser, running: Running, things: Things, role: Role
) -> None:
    wrong = {}
    async with looking(browser, running, role, CUSTOMER, viewport=NARROW) as page:
        for address in ADDRESSES:
            await page.goto(things.at(address))
            if found := await seen(page):
                wrong[address] = found

    assert wrong == {}


FORMS = [
    *(pytest.param("order", command, id=f"order {command}") for command in OF_ORDERS),
    *(pytest.param("incident", command, id=f"incident {command}") for command in OF_INCIDENTS),
]
# With one of them everybody meets each kind of field: a line, a long text, lines, rows, a number at somebody else.
OFTEN_TYPED = {
    "order hold",
    "order log_work",
    "order cancel",
    "incident resolve",
    "incident promise",
    "incident answer",
}


@pytest.mark.parametrize(
    ("kind", "command"),
    [
        pytest.param(*form.values, id=form.id, marks=() if form.id in OFTEN_TYPED else pytest.mark.slow)
        for form in FORMS
    ],
)
async def test_what_is_typed_into_a_form_is_taken_or_kept_and_nothing_else(
    browser: Browser, running: Running, kind: str, command: str
) -> None:
    """First as long as a field may be, then as much as a browser can hold."""
    no = waiting(running) if kind == "order" else reported(running)
    async with looking(browser, running, Role.COORDINATOR, CUSTOMER, viewport=NARROW) as page:
        for text in (HOSTILE, HUGE):
            await page.goto(f"/{kind}s/{no}/{command}")
            await send(page, text)

            assert await seen(page) == []


async def test_an_order_is_refused_with_all_that_was_typed(browser: Browser, running: Running) -> None:
    async with looking(browser, running, Role.COORDINATOR, CUSTOMER, viewport=NARROW) as page:
        await page.goto(PLACE)
        await send(page, HOSTILE)

        assert await seen(page) == []
        typed = page.locator("form[method=post]").last.locator(TEXTS)
        assert {await one.input_value() for one in await typed.all()} == {HOSTILE}


@pytest.mark.parametrize("text", [HOSTILE, HUGE], ids=["short", "64 kB"])
async def test_signing_in_shows_nothing_of_what_was_typed(browser: Browser, running: Running, text: str) -> None:
    async with looking(browser, running, None, viewport=NARROW) as page:
        await page.goto("/sign-in")
        await send(page, text)

        await expect(page.locator(".alarm")).to_be_visible()
        assert await seen(page) == []
        assert text[:20] not in await page.content()


async def send(page: Page, text: str) -> None:
    """What no limit of a field and no rule of a form has kept anybody from typing."""
    form = page.locator("form[method=post]").last
    fields = form.locator(TEXTS)
    await fields.evaluate_all(
        "(all, text) => all.forEach((one) => { one.removeAttribute('maxlength'); one.value = text; })", text
    )
    await form.evaluate("form => { form.noValidate = true; }")
    async with page.expect_navigation():
        await form.locator("button").click()
