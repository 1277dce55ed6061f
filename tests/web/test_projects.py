"""Move projects by pages: how far they are, who has to say something, and telling them."""

import re
from http import HTTPStatus
from typing import get_args

import httpx2
import pytest

from documents.wording import LANGUAGES, wording
from domain.cases.move_commands import ProjectCommand, WaveCommand
from domain.people import Language, Role
from tests.api.house import body
from tests.api.test_launches import WAVES, planned, until
from tests.api.test_projects import FLOORS, HEADINGS
from tests.web.test_orders import hidden
from tests.web.visitors import Site
from web.forms import flat, shapes_of
from web.move_forms import PROJECT_COMMANDS, WAVE_COMMANDS
from web.words import page_wording

HOSTILE = "<script>alert(1)</script>{{7*7}}'\"><img src=x onerror=alert(1)>"


async def prepared(site: Site) -> tuple[str, httpx2.AsyncClient, httpx2.AsyncClient]:
    """The address of a project's page, and who plans and who approves it over the API."""
    url, desk, approver = await planned(site.house)
    return url.removeprefix("/api/v1"), desk, approver


async def launched(site: Site) -> tuple[str, httpx2.AsyncClient]:
    """It waits for the go of its approver, p-huber."""
    await site.house.worker()
    page, desk, approver = await prepared(site)
    await approver.post(f"/api/v1{page}/plans/1/approval", json={})
    assert (await desk.post(f"/api/v1{page}/launch")).status_code == HTTPStatus.ACCEPTED
    return page, desk


async def approving(site: Site) -> httpx2.AsyncClient:
    return await site.signed_in(Role.APPROVER, "p-huber", "adler")


async def told(browser: httpx2.AsyncClient, address: str, **said: str) -> httpx2.Response:
    path = address.partition("?")[0]
    page = await browser.get(address)
    assert page.status_code == HTTPStatus.OK, page.text
    return await browser.post(path, data=hidden(page.text, path) | said)


async def test_a_project_in_preparation_says_how_far_it_is(site: Site) -> None:
    address, _, _ = await prepared(site)
    browser = await site.signed_in()

    listed, page = await browser.get("/projects"), await browser.get(address)
    over = await browser.get("/projects?only=over")

    assert f'href="{address}"' in listed.text
    assert "in preparation" in page.text
    assert "waits for its approval" in page.text
    assert f'href="{address}"' not in over.text


async def test_whom_a_gate_names_gives_the_go_on_the_board_and_nobody_else_is_offered_it(site: Site) -> None:
    address, desk = await launched(site)
    coordinator, approver = await site.signed_in(), await approving(site)

    asked, mine = await coordinator.get(address), await approver.get(address)
    said = hidden(mine.text, f"{address}/go")
    answers = [await approver.post(f"{address}/go", data=said) for _ in range(2)]
    await until(desk, f"/api/v1{address}", "in_flight")
    board = await coordinator.get(address)

    assert "w1 waits for its go-ahead" in asked.text
    assert f'action="{address}/go"' not in asked.text
    assert [answer.status_code for answer in answers] == [HTTPStatus.SEE_OTHER] * 2
    assert [answer.headers["Location"] for answer in answers] == [address] * 2
    assert "w1 waits for its go-ahead" not in board.text
    assert "0 of 1 at the target" in board.text
    assert "Anna Vogel" in board.text
    happened = [event["what"] for event in body(await desk.get(f"/api/v1{address}/timeline"))]
    assert happened.count("go") == 1


async def test_a_project_is_held_and_goes_on_and_what_was_typed_wrong_is_kept(site: Site) -> None:
    address, _ = await launched(site)
    browser = await site.signed_in()

    wrong = await told(browser, f"{address}/hold", code="site_closed", reason="Flooded", max_until="2001-01-01T08:00")
    held = await told(browser, f"{address}/hold", code="site_closed", reason="Flooded", max_until="2099-01-01T08:00")
    board = await browser.get(address)
    resumed = await told(browser, f"{address}/resume", reason="Dry again")
    again = await browser.get(address)

    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert 'value="Flooded"' in wrong.text
    assert held.status_code == resumed.status_code == HTTPStatus.SEE_OTHER
    assert "on hold" in board.text
    assert f'href="{address}/resume"' in board.text
    assert f'href="{address}/resume"' not in again.text


async def test_before_a_project_is_called_off_the_page_says_what_becomes_of_each_row(site: Site) -> None:
    address, desk = await launched(site)
    browser = await site.signed_in()

    page = await browser.get(f"{address}/call_off?in_flight=roll_back")
    answer = await told(browser, f"{address}/call_off?in_flight=roll_back", reason="The floor is flooded")
    await until(desk, f"/api/v1{address}", "skipped")
    board = await browser.get(address)

    assert "will not be moved" in page.text
    assert '<option value="roll_back" selected>' in page.text
    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert "The floor is flooded" in board.text
    assert f'href="{address}/hold"' not in board.text


async def test_a_row_is_taken_out_of_a_wave_that_has_not_opened(site: Site) -> None:
    address, desk = await launched(site)
    browser = await site.signed_in()

    form = f"{address}/waves/w1/withdraw_rows"
    page = await browser.get(f"{form}?row=2")
    answer = await browser.post(form, data=hidden(page.text, form) | {"rows": "2", "reason": "He stays"})
    happened = [event["what"] for event in body(await desk.get(f"/api/v1{address}/timeline"))]

    assert re.search(r'value="2" checked><bdi class="mono">2 Anna Vogel', page.text)
    assert answer.status_code == HTTPStatus.SEE_OTHER, answer.text
    assert "withdraw_rows" in happened


async def test_with_no_row_ticked_none_is_meant(site: Site) -> None:
    address, _ = await launched(site)
    browser = await site.signed_in()

    for command in ("retry_rows", "withdraw_rows"):
        form = f"{address}/waves/w1/{command}"
        page = await browser.get(form)
        answer = await browser.post(form, data=hidden(page.text, form) | {"reason": "A slip"})
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert "too few entries" in answer.text


async def test_a_form_of_yesterday_says_what_has_happened_to_the_project(site: Site) -> None:
    address, desk = await launched(site)
    browser = await site.signed_in()
    page = await browser.get(f"{address}/hold")
    refused = {"type": "refuse_go", "wave": "w1", "reason": "Not today"}
    approver = await site.house.caller(Role.APPROVER, "p-huber", "adler")
    assert (await approver.post(f"/api/v1{address}/commands", json=refused)).status_code == HTTPStatus.OK

    said = {"code": "site_closed", "reason": "Flooded", "max_until": "2099-01-01T08:00"}
    answer = await browser.post(f"{address}/hold", data=hidden(page.text, f"{address}/hold") | said)
    board = await browser.get(address)

    assert answer.status_code == HTTPStatus.CONFLICT
    assert "Not today" in answer.text
    assert 'value="Flooded"' in answer.text
    assert "Not today" in board.text
    assert desk


PATHS = ["", "/hold", "/go?wave=w1", "/waves/w1/withdraw_rows", "/nothing", "?wave=w1&state=waiting"]


@pytest.mark.parametrize("path", PATHS)
async def test_a_project_of_another_customer_is_as_unknown_as_none(site: Site, path: str) -> None:
    address, _, _ = await prepared(site)
    await site.house.second_customer()
    browser = await site.signed_in(Role.COORDINATOR, "p-koch", "falke")

    answers = [await browser.get(f"{one}{path}") for one in (address, "/projects/none")]
    listed = await browser.get("/projects")

    assert [answer.status_code for answer in answers] == [HTTPStatus.NOT_FOUND] * 2
    ours = address.removeprefix("/projects/")
    assert answers[0].text.replace(ours, "") == answers[1].text.replace("none", "")
    assert address not in listed.text


@pytest.mark.parametrize(
    "role", [Role.AUDITOR, Role.TECHNICIAN, Role.REQUESTER, Role.APPROVER, Role.BRM, Role.COORDINATOR]
)
async def test_no_button_of_a_board_is_there_that_the_role_would_be_refused(site: Site, role: Role) -> None:
    address, _ = await launched(site)
    customer = "adler" if role in (Role.REQUESTER, Role.APPROVER) else None
    browser = await site.signed_in(role, "p-huber" if customer else "p-koch", customer)

    page = (await browser.get(address)).text
    offered = set(re.findall(rf'(?:href|action)="({address}/[^"#]+)"', page))

    statuses = {one: (await browser.get(one.replace("&amp;", "&"))).status_code for one in offered}
    assert set(statuses.values()) <= {HTTPStatus.OK}, statuses


async def test_hostile_text_of_a_project_stays_text(site: Site) -> None:
    await site.house.worker()
    desk = await site.house.coordinator()
    named = FLOORS | {"id": "hostile", "name": HOSTILE}
    assert (await desk.put("/api/v1/projects/hostile", json=named)).status_code == HTTPStatus.OK
    content = f"{HEADINGS}\nAnna Vogel;;{HOSTILE[:40].replace(';', '')};7;;".encode("cp1252")
    await desk.post("/api/v1/projects/hostile/lists", files={"file": ("liste.csv", content)})
    browser = await site.signed_in()

    for page in [await browser.get(one) for one in ("/projects", "/projects/hostile")]:
        assert page.status_code == HTTPStatus.OK
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text


async def test_rows_are_narrowed_by_the_address_and_a_foreign_cursor_is_refused(site: Site) -> None:
    address, _ = await launched(site)
    browser = await site.signed_in()

    waiting, none = await browser.get(f"{address}?state=waiting"), await browser.get(f"{address}?wave=w9")
    wrong = await browser.get(f"{address}?cursor=b3JkZXJz")
    cleaned = await browser.get(f"{address}?wave=&state=waiting")

    assert "1 of 1" in waiting.text
    assert "No workplace fits this selection." in none.text
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert cleaned.headers["Location"] == f"{address}?state=waiting"


async def test_many_who_look_at_one_board_cost_one_render(site: Site) -> None:
    address, desk = await launched(site)
    await until(desk, f"/api/v1{address}", "waiting")
    browsers = [await site.signed_in(Role.AUDITOR, person) for person in ("p-koch", "p-sommer", "p-lang")]
    for browser in browsers:
        await browser.get(address)
    before = site.house.app.state.renders.count

    for browser in browsers:
        await browser.get(address)

    assert site.house.app.state.renders.count <= before + len(browsers)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [*PROJECT_COMMANDS.values(), *WAVE_COMMANDS.values()], ids=lambda kind: kind.__name__)
def test_every_field_of_a_move_is_called_something(kind: type, language: Language) -> None:
    known = page_wording(language).fields.keys() | wording(language).words["field"].keys()

    assert {shape.last for shape in flat(shapes_of(kind))} - known == set()


def test_a_page_can_say_all_that_a_project_and_its_waves_can_be_told() -> None:
    by_name = {
        kind.model_fields["type"].default
        for kinds in (ProjectCommand, WaveCommand)
        for kind in get_args(get_args(kinds)[0])
    }

    assert by_name == PROJECT_COMMANDS.keys() | WAVE_COMMANDS.keys()


def test_the_example_asks_the_approver_for_the_go() -> None:
    assert WAVES[0]["gate"] == {"by": "p-huber"}
