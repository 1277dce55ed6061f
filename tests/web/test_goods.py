"""What becomes of goods, on the page of their order: proven, declared, handed over and found again by pages alone."""

import re
from http import HTTPStatus

import httpx2

from domain.people import Role
from tests.api.house import body
from tests.api.test_erasures import erasing
from tests.api.test_recycler_lists import LIST, incidents
from tests.api.test_waste import SERIALS, gone
from tests.erasure_reports import Drive, blancco
from tests.patience import until
from tests.web.test_orders import hidden, written
from tests.web.visitors import Site

OF_REPORT = {"operator": "p-lang", "verifier": "p-koch", "place": "Workshop", "validation": "three disks read back"}


async def handed_in(
    browser: httpx2.AsyncClient, here: str, content: bytes, name: str, **said: str
) -> tuple[httpx2.Response, httpx2.Response]:
    """The form, and what comes of it."""
    form = await browser.get(here)
    typed = hidden(form.text, here) | {"step": _chosen(form.text)} | said
    typed = {name: text for name, text in typed.items() if f'name="{name}"' in form.text}
    return form, await browser.post(here, data=typed, files={"file": (name, content)})


def _chosen(page: str) -> str:
    found = re.search(r'name="step"[^>]*>\s*(?:<option value="">[^<]*</option>\s*)?<option value="([^"]+)"', page)
    return found[1] if found else hidden_step(page)


def hidden_step(page: str) -> str:
    found = re.search(r'type="hidden" name="step" value="([^"]+)"', page)
    return found[1] if found else ""


async def test_a_report_of_a_tool_is_handed_in_at_its_order_and_proves_what_it_names(site: Site) -> None:
    order = (await erasing(site.house)).removeprefix("/api/v1")
    browser = await site.signed_in(Role.TECHNICIAN, "p-lang")
    here, report = f"{order}/add_erasure_report", blancco([Drive("SN900"), Drive("SN901", "Failed")])

    _, nothing = await handed_in(browser, here, b"", "report.xml", **OF_REPORT)
    _, other = await handed_in(browser, here, b"no report at all", "report.xml", **OF_REPORT)
    form, done = await handed_in(browser, here, report, "report.xml", **OF_REPORT)
    page = (await browser.get(order)).text

    assert 'enctype="multipart/form-data"' in form.text
    assert "Blancco XML" in form.text
    for refused in (nothing, other):
        assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert 'value="three disks read back"' in refused.text
    assert done.headers["Location"] == order, done.text
    assert "1 proven" in page
    assert "1 failed" in page
    assert f'href="{here}"' in page


async def test_whoever_has_seen_to_it_is_not_who_did_it_and_is_told_so_beside_the_field(site: Site) -> None:
    order = (await erasing(site.house)).removeprefix("/api/v1")
    browser = await site.signed_in(Role.TECHNICIAN, "p-lang")
    here = f"{order}/add_erasure_report"

    _, refused = await handed_in(
        browser, here, blancco([Drive("SN900")]), "r.xml", **(OF_REPORT | {"verifier": "p-nobody"})
    )

    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert re.search(r'id="page-verifier-wrong"', refused.text), refused.text


async def test_waste_is_declared_device_by_device_with_the_proposed_code_filled_in(site: Site) -> None:
    order = (await erasing(site.house)).removeprefix("/api/v1")
    browser = await site.signed_in(Role.TECHNICIAN, "p-lang")
    here = f"{order}/declare_waste"
    form = await browser.get(here)
    said = hidden(form.text, here)
    for number in range(3):
        said |= {f"items.{number}.battery": "none", f"items.{number}.weighed": "yes"}
    said["items.0.battery"] = "inside"
    weights = {"items.0.grams": "1480", "items.1.grams": "1320", "items.2.grams": "1500"}

    missing = await browser.post(here, data=said | weights | {"items.1.grams": ""})
    other = await browser.post(here, data=said | weights | {"items.2.code": "08 03 18"})
    done = await browser.post(here, data=said | weights)
    page, waste = (
        (await browser.get(order)).text,
        body(await (await site.house.coordinator()).get(f"/api/v1{order}/waste")),
    )

    assert "as proposed (16 02 13* with a battery inside, otherwise 16 02 14)" in form.text
    assert missing.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert 'id="page-items.1.grams-wrong"' in missing.text
    assert 'value="1480"' in missing.text
    assert 'id="page-items.2.code-wrong"' in other.text
    assert done.headers["Location"] == order, done.text
    assert [line["grams"] for line in waste] == [1480, 1320, 1500]
    assert [line["code"] for line in waste] == ["16 02 13*", "16 02 14", "16 02 14"]
    assert "Of all 3 devices it is said as what waste they leave." in page


async def test_what_a_recycler_has_not_received_stands_on_the_page_with_the_incident_that_looks_for_it(
    site: Site,
) -> None:
    order = (await gone(site.house)).removeprefix("/api/v1")
    browser = await site.signed_in()
    before = (await browser.get(order)).text

    form, done = await handed_in(browser, f"{order}/add_recycler_list", LIST, "list.csv")
    (no,) = await until(lambda: incidents(site.house))
    again = await handed_in(browser, f"{order}/add_recycler_list", LIST, "list.csv")
    page = (await browser.get(order)).text

    assert f'href="{order}/add_recycler_list"' in before
    assert 'name="step"' not in form.text
    assert done.headers["Location"] == order, done.text
    assert again[1].headers["Location"] == order
    assert "3 left, 2 received, 1 missing, 1 extra" in page
    assert f'href="/incidents/{no}"' in page
    assert SERIALS[1] in page


async def test_an_order_that_sends_nothing_away_says_nothing_of_goods(site: Site) -> None:
    order = await written(site)
    page = await (await site.signed_in()).get(f"/orders/{order.no}")

    assert 'id="goods"' not in page.text


async def test_a_customers_own_people_read_what_is_proven_and_hand_nothing_in(site: Site) -> None:
    order = (await gone(site.house)).removeprefix("/api/v1")
    own = await site.signed_in(Role.REQUESTER, "p-vogel", "adler")

    page = (await own.get(order)).text

    assert "3 proven" in page
    assert f'href="{order}/add_' not in page
    for command in ("add_erasure_report", "declare_waste", "add_recycler_list"):
        assert (await own.get(f"{order}/{command}")).status_code == HTTPStatus.FORBIDDEN
        assert (await own.post(f"{order}/{command}", data={"seq": "1"})).status_code == HTTPStatus.FORBIDDEN
