"""Whatever somebody has written somewhere: it runs nothing, turns nothing round, breaks no page, and is kept."""

from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from api.policy import ALLOWED, Operation
from domain.people import Role
from tests.web.browsers import Running
from tests.web.hostile import CUSTOMER, HOSTILE, HUGE
from tests.web.sights import PLACE, SIGHTS, Things, looking, moving, prepared, reported, waiting
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
TEXTS = "input:not([type=hidden], [type=checkbox], [type=number], [type=datetime-local], [type=file]), textarea"
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
    *(pytest.param("project", command, id=f"project {command}") for command in ("hold", "refuse_go", "call_off")),
    *(pytest.param("wave", command, id=f"wave {command}") for command in ("withdraw_rows", "reschedule")),
]
# With one of them everybody meets each kind of field: a line, a long text, lines, rows, a number at somebody else.
OFTEN_TYPED = {
    "order hold",
    "order log_work",
    "order cancel",
    "incident resolve",
    "incident promise",
    "incident answer",
    "project refuse_go",
    "wave reschedule",
}


def whereabouts(running: Running, kind: str, command: str) -> str:
    """Of a form of a case that no other test has."""
    match kind:
        case "order":
            return f"/orders/{waiting(running)}/{command}"
        case "incident":
            return f"/incidents/{reported(running)}/{command}"
        case "project":
            return f"/projects/{moving(running)}/{command}"
    return f"/projects/{moving(running)}/waves/w1/{command}"


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
    address = whereabouts(running, kind, command)
    # A go is refused by whom it is asked of.
    role = Role.APPROVER if command == "refuse_go" else Role.COORDINATOR
    async with looking(browser, running, role, CUSTOMER, viewport=NARROW) as page:
        for text in (HOSTILE, HUGE):
            await page.goto(address)
            await send(page, text)

            assert await seen(page) == []


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.APPROVER])
async def test_what_is_typed_while_a_move_is_prepared_is_taken_or_kept_and_nothing_else(
    browser: Browser, running: Running, role: Role
) -> None:
    """In each form of the page in turn, as long as it is there."""
    address, tried = f"/projects/{prepared(running)}/prepare", 0
    async with looking(browser, running, role, CUSTOMER, viewport=NARROW) as page:
        await page.goto(address)
        actions = await page.locator("form[method=post]").evaluate_all("all => all.map((one) => one.action)")
        for action in actions:
            for text in (HUGE, HOSTILE):
                await page.goto(address)
                form = page.locator(f"form[method=post][action$='{urlsplit(action).path}']")
                await page.locator("details").evaluate_all("all => all.forEach((one) => { one.open = true; })")
                if await form.count() and await form.locator(TEXTS).count():
                    await send(page, text, form)
                    tried += 1

                assert await seen(page) == []
    assert tried > 0


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


async def send(page: Page, text: str, form: Locator | None = None) -> None:
    """What no limit of a field and no rule of a form has kept anybody from typing; into the last form, or another."""
    form = form or page.locator("form[method=post]").last
    fields = form.locator(TEXTS)
    await fields.evaluate_all(
        "(all, text) => all.forEach((one) => { one.removeAttribute('maxlength'); one.value = text; })", text
    )
    await form.evaluate("form => { form.noValidate = true; }")
    async with page.expect_navigation():
        await form.locator("button").click()
