"""What is printed from pages, and where the codes on labels lead."""

from http import HTTPStatus

from domain.people import Role
from tests.api.contenders import planned_project
from tests.api.test_projects import PROJECT
from tests.web.visitors import Site

HERE = PROJECT.removeprefix("/api/v1")


async def test_labels_are_chosen_on_a_page_and_printed_by_their_millimetres(site: Site) -> None:
    browser = await site.signed_in(Role.COORDINATOR)

    page = await browser.get("/assets/labels?customer=adler&tag=NB-100&tag=NB-200&format=roll-62x29")
    printed = await browser.get("/assets/labels.pdf?customer=adler&tag=NB-100&format=a4-63.5x38.1&start=21")
    beyond = await browser.get("/assets/labels.pdf?customer=adler&tag=NB-100&format=a4-63.5x38.1&start=22")

    assert '<option value="roll-62x29" selected>Roll: 62 × 29 mm</option>' in page.text
    assert "A4 sheet: 63.5 × 38.1 mm, 21 labels" in page.text
    assert printed.content.startswith(b"%PDF-")
    assert beyond.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


async def test_the_code_on_a_label_leads_to_the_asset_for_whoever_may_see_it(site: Site) -> None:
    await site.house.second_customer()
    mine, theirs = await site.signed_in(Role.TECHNICIAN, "p-lang"), await site.signed_in(customer="falke")

    found = await mine.get("/assets/NB-100")

    assert (found.status_code, found.headers["Location"]) == (HTTPStatus.SEE_OTHER, "/search?q=NB-100")
    assert (await mine.get("/assets/NB-404")).status_code == HTTPStatus.NOT_FOUND
    assert (await theirs.get("/assets/NB-100")).status_code == HTTPStatus.NOT_FOUND


async def test_door_sheets_are_on_the_board_of_a_move_that_has_a_plan(site: Site) -> None:
    await planned_project(site.house)
    browser = await site.signed_in(Role.COORDINATOR)

    assert f'href="{HERE}/doors.pdf"' in (await browser.get(HERE)).text
    assert (await browser.get(f"{HERE}/doors.pdf")).content.startswith(b"%PDF-")
    assert (await browser.get(f"{HERE}/doors.pdf?room=none")).content.startswith(b"%PDF-")
