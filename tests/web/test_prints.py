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

    assert found.status_code == HTTPStatus.OK
    assert '<h1><bdi class="mono">NB-100</bdi></h1>' in found.text
    assert (await mine.get("/assets/NB-404")).status_code == HTTPStatus.NOT_FOUND
    assert (await theirs.get("/assets/NB-100")).status_code == HTTPStatus.NOT_FOUND


async def test_door_sheets_are_on_the_board_of_a_move_that_has_a_plan(site: Site) -> None:
    await planned_project(site.house)
    browser = await site.signed_in(Role.COORDINATOR)

    assert f'href="{HERE}/doors.pdf"' in (await browser.get(HERE)).text
    assert (await browser.get(f"{HERE}/doors.pdf")).content.startswith(b"%PDF-")
    assert (await browser.get(f"{HERE}/doors.pdf?room=none")).content.startswith(b"%PDF-")


async def test_of_whose_devices_labels_are_is_asked_where_that_is_not_clear(site: Site) -> None:
    everybodys, own = await site.signed_in(Role.COORDINATOR), await site.signed_in(customer="adler")

    asked, kept = await everybodys.get("/assets/labels"), await everybodys.get("/assets/labels?tag=NB-100")
    mine = await own.get("/assets/labels")
    typed = await everybodys.get("/assets/labels", params={"customer": "adler", "tags": "NB-100,\r\n NB-200 ;\nNB-100"})
    shown = await everybodys.get(typed.headers["Location"])

    assert [page.status_code for page in (asked, kept, mine)] == [HTTPStatus.OK] * 3
    assert '<option value="adler">' in asked.text
    assert ">NB-100</textarea>" in kept.text
    assert "<select" not in mine.text
    assert typed.headers["Location"] == "/assets/labels?customer=adler&tag=NB-100&tag=NB-200"
    assert "2 labels" in shown.text


async def test_what_is_no_tag_is_refused_on_the_way(site: Site) -> None:
    browser = await site.signed_in(customer="adler")

    typed = await browser.get("/assets/labels", params={"tags": "<script>\nNB-100"})
    refused = await browser.get(typed.headers["Location"])

    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "<script>\n" not in refused.text
