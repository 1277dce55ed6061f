"""Photos and signatures by pages: handed in by a form or from the outbox, shown to whoever sees the order."""

import re
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import pytest
from playwright.async_api import Browser, FilePayload, Locator, Page, expect

from cli.orders.sheet import next_visit
from connectors.contract_files import read_customer_file
from connectors.holidays import with_holidays
from domain.people import Role
from tests import photos
from tests.api.house import INSTALL as ASKED
from tests.patience import until
from tests.web.browsers import EXAMPLE, Running
from tests.web.sights import INSTALL, PHONE, looking
from tests.web.visitors import Site

TOMORROW = (datetime.now(UTC) + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)


async def booked(site: Site) -> str:
    """An order at which something can be shown."""
    await site.house.worker()
    desk = await site.house.coordinator()
    order = str((await desk.post("/api/v1/orders", json=ASKED)).headers["Location"])
    approver = await site.house.caller(Role.APPROVER, "p-huber", "adler")
    assert (await approver.post(f"{order}/commands", json={"type": "approve"})).is_success
    window = {"start": TOMORROW.isoformat(), "end": (TOMORROW + timedelta(hours=1)).isoformat()}
    book = {"type": "book", "window": window, "technician": "p-lang"}
    answer = await desk.post(f"{order}/commands", json=book)
    assert answer.is_success, answer.text
    return order.rpartition("/")[2]


async def hand_in(browser: httpx2.AsyncClient, address: str, content: bytes, **said: str) -> httpx2.Response:
    return await browser.post(address, data=said, files={"file": ("a.jpg", content)})


async def listed(site: Site, no: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await (await site.house.coordinator()).get(f"/api/v1/orders/{no}/papers")).json()
    return found


@pytest.mark.parametrize("address", ["/orders/{no}/add_paper", "/my-day/{no}/add_paper"])
async def test_a_file_sent_twice_by_a_form_is_attached_once_and_on_the_page(site: Site, address: str) -> None:
    no = await booked(site)
    browser = await site.signed_in(Role.TECHNICIAN, "p-lang")
    said = {"key": "photo-1", "kind": "signature", "step": "acceptance", "reason": "Frau Vogel"}

    answers = [await hand_in(browser, address.format(no=no), photos.png(), **said) for _ in range(2)]
    page = (await browser.get(f"/orders/{no}")).text
    (paper,) = await listed(site, no)
    shown = await browser.get(f"/orders/{no}/papers/{paper['digest']}")

    assert [answer.status_code for answer in answers] == [HTTPStatus.SEE_OTHER] * 2, answers[0].text
    assert (paper["kind"], paper["step"], paper["reason"]) == ("signature", "acceptance", "Frau Vogel")
    assert f'href="/orders/{no}/papers/{paper["digest"]}"' in page
    assert paper["digest"][:12] in page
    assert (shown.content, shown.headers["Content-Type"]) == (photos.png(), "image/png")
    assert "sandbox" in shown.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "The file is empty"), (b"<script>alert(1)</script>", "neither JPEG"), (photos.png() + b"PK", "follows")],
)
async def test_what_is_refused_is_said_beside_the_file(site: Site, content: bytes, sentence: str) -> None:
    no = await booked(site)
    browser = await site.signed_in(Role.TECHNICIAN, "p-lang")

    answer = await hand_in(browser, f"/my-day/{no}/add_paper", content, key="photo-1", kind="photo")
    (complaint,) = re.findall(r'class="complaint"[^>]*>(.*?)</span></span>', answer.text)

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert sentence in complaint
    assert await listed(site, no) == []


async def test_too_large_a_file_is_refused_while_it_comes(site: Site) -> None:
    no = await booked(site)
    browser = await site.signed_in(Role.TECHNICIAN, "p-lang")

    answer = await hand_in(browser, f"/my-day/{no}/add_paper", b"\x11" * 6_000_000)

    assert answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


async def test_another_customers_paper_is_as_unknown_as_none(site: Site) -> None:
    no = await booked(site)
    await site.house.second_customer()
    mine = await site.signed_in(Role.TECHNICIAN, "p-lang")
    await hand_in(mine, f"/orders/{no}/add_paper", photos.png())
    (paper,) = await listed(site, no)
    other = await site.signed_in(Role.TECHNICIAN, "p-lang", "falke")

    assert (await other.get(f"/orders/{no}/papers/{paper['digest']}")).status_code == HTTPStatus.NOT_FOUND
    assert (await hand_in(other, f"/orders/{no}/add_paper", photos.png())).status_code == HTTPStatus.NOT_FOUND
    assert (await hand_in(other, f"/my-day/{no}/add_paper", photos.png())).status_code == HTTPStatus.NOT_FOUND


async def test_who_only_reads_has_no_form_and_sees_what_is_there(site: Site) -> None:
    no = await booked(site)
    await hand_in(await site.signed_in(Role.TECHNICIAN, "p-lang"), f"/orders/{no}/add_paper", photos.png())
    reader = await site.signed_in(Role.REQUESTER, "p-vogel", "adler")

    page = (await reader.get(f"/orders/{no}")).text

    assert "/add_paper" not in page
    assert f"/orders/{no}/papers/" in page
    assert (await hand_in(reader, f"/orders/{no}/add_paper", photos.webp())).status_code == HTTPStatus.FORBIDDEN


def stop_of(running: Running) -> tuple[str, str]:
    """An order with a visit, and its day."""
    now, site = datetime.now(UTC), read_customer_file(EXAMPLE.read_bytes()).sites[0]
    start, end = next_visit(site.but(access=with_holidays(site.access, now)), now + timedelta(days=1))
    no = str(running.say(Role.COORDINATOR, "/orders", INSTALL)["no"])
    running.say(Role.APPROVER, f"/orders/{no}/commands", {"type": "approve"})
    window = {"start": start.isoformat(), "end": end.isoformat()}
    book = {"type": "book", "window": window, "technician": "p-lang"}
    running.say(Role.COORDINATOR, f"/orders/{no}/commands", book)
    return no, f"{start.astimezone(ZoneInfo(site.access.zone)):%Y-%m-%d}"


async def sign(page: Page, no: str) -> None:
    canvas = page.locator(f"#stop-{no} canvas")
    await canvas.scroll_into_view_if_needed()
    box = await canvas.bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + 20, box["y"] + 20)
    await page.mouse.down()
    for step in range(5):
        await page.mouse.move(box["x"] + 30 + 20 * step, box["y"] + 20 + 10 * (step % 2))
    await page.mouse.up()


@pytest.mark.asyncio(loop_scope="session")
async def test_what_was_photographed_and_signed_without_a_network_arrives_in_order(
    browser: Browser, running: Running
) -> None:
    no, day = stop_of(running)
    async with looking(browser, running, Role.TECHNICIAN, viewport=PHONE, quiet=False) as page:
        await page.goto(f"/my-day?day={day}")
        stop = page.locator(f"#stop-{no}")
        await page.locator("body.can-sign").wait_for()
        await stop.evaluate("one => one.querySelectorAll('details').forEach((each) => { each.open = true; })")
        await page.context.set_offline(True)
        photo = FilePayload(name="IMG_1.png", mimeType="image/png", buffer=photos.png(width=9, height=9))
        await stop.locator("input[type=file]").set_input_files(photo)
        await stop.get_by_role("button", name="Attach the photo").click()
        await expect(stop.locator("[data-paper=photo] [role=status]")).not_to_be_empty()
        # Without a line there is no signature.
        await stop.get_by_role("button", name="Attach the signature").click()
        await sign(page, no)
        await stop.get_by_role("button", name="Attach the signature").click()
        await expect(stop.locator("[data-paper=signature] [role=status]")).not_to_be_empty()
        await expect(page.locator("#outbox .quiet")).to_have_count(2)

        await page.context.set_offline(False)
        await expect(page.locator("#outbox")).to_be_hidden()
        await page.goto(f"/orders/{no}")
        await expect(page.locator(f"a[href^='/orders/{no}/papers/']")).to_have_count(2)

    key = {"Authorization": f"Bearer {running.key(Role.AUDITOR)}"}
    where = f"{running.url}/api/v1/orders/{no}/papers"
    photo_kept, signature = httpx2.get(where, headers=key).json()
    assert (photo_kept["kind"], photo_kept["media_type"]) == ("photo", "image/jpeg")
    assert (signature["kind"], signature["media_type"]) == ("signature", "image/png")
    assert httpx2.get(f"{where}/{signature['digest']}", headers=key).content.startswith(b"\x89PNG")


async def test_files_that_come_after_the_end_are_handed_in_by_the_page_and_shown_on_it(site: Site) -> None:
    no = await booked(site)
    desk = await site.house.coordinator()
    address = f"/api/v1/orders/{no}"
    await desk.post(f"{address}/commands", json={"type": "cancel", "reason": "Doch nicht"})
    await until(lambda: desk.get(address), lambda sheet: sheet.json()["state"] == "cancelled")
    browser = await site.signed_in(Role.TECHNICIAN, "p-lang")
    place = f"/orders/{no}/add_paper"

    keys = []
    for content, reason in ((photos.png(), "Lieferschein vorn"), (photos.webp(), "Lieferschein hinten")):
        form = (await browser.get(place)).text
        keys += re.findall(r'name="key" value="([^"]*)"', form)
        answer = await hand_in(browser, place, content, key=keys[-1], kind="document", step="", reason=reason)
        assert answer.status_code == HTTPStatus.SEE_OTHER, answer.text
    page = (await browser.get(f"/orders/{no}")).text

    assert f'href="{place}"' in page
    assert len(set(keys)) == 2
    assert [one["reason"] for one in await listed(site, no)] == ["Lieferschein vorn", "Lieferschein hinten"]
    assert "Lieferschein vorn" in page
    assert "Lieferschein hinten" in page


# Twice as wide as high, the left half red and the right half blue, as base64.
LYING = """
() => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [400, 200];
  const pen = canvas.getContext("2d");
  ["#f00", "#00f"].forEach((colour, at) => { pen.fillStyle = colour; pen.fillRect(200 * at, 0, 200, 200); });
  return canvas.toDataURL("image/jpeg").split(",")[1];
}
"""
# How wide and how high a picture is, and how red and how blue a point near its upper edge.
LOOKED_AT = """
async (content) => {
  const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
  const picture = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [picture.width, picture.height];
  canvas.getContext("2d").drawImage(picture, 0, 0);
  const [red, , blue] = canvas.getContext("2d").getImageData(picture.width / 2, 20, 1, 1).data;
  return [picture.width, picture.height, red, blue];
}
"""


@asynccontextmanager
async def at_a_stop(browser: Browser, running: Running, no: str, day: str) -> AsyncIterator[tuple[Page, Locator]]:
    async with looking(browser, running, Role.TECHNICIAN, viewport=PHONE, quiet=False) as page:
        await page.goto(f"/my-day?day={day}")
        stop = page.locator(f"#stop-{no}")
        await page.locator("body.can-sign").wait_for()
        await stop.evaluate("one => one.querySelectorAll('details').forEach((each) => { each.open = true; })")
        yield page, stop


async def photographed(stop: Locator, content: bytes) -> Locator:
    """What is said beside the photo."""
    photo = FilePayload(name="IMG_1.jpg", mimeType="image/jpeg", buffer=content)
    await stop.locator("input[type=file]").set_input_files(photo)
    await stop.get_by_role("button", name="Attach the photo").click()
    return stop.locator("[data-paper=photo] [role=status]")


@pytest.mark.asyncio(loop_scope="session")
async def test_a_photo_taken_upright_is_kept_upright_and_says_nothing_of_where_it_was_taken(
    browser: Browser, running: Running
) -> None:
    no, day = stop_of(running)
    async with at_a_stop(browser, running, no, day) as (page, stop):
        lying = b64decode(await page.evaluate(LYING))
        # Held upright: what is the left side in the file is up.
        told = await photographed(stop, lying[:2] + photos.exif(6) + lying[2:])
        await expect(told).to_contain_text("The photo is attached")
        await expect(page.locator("#outbox")).to_be_hidden()
        (kept,) = await eventually_kept(running, no)
        width, height, red, blue = await page.evaluate(LOOKED_AT, b64encode(kept).decode())

    assert (width, height) == (200, 400)
    assert red > 200
    assert blue < 50
    assert b"Exif" not in kept
    assert b"GPS" not in kept


async def eventually_kept(running: Running, no: str) -> list[bytes]:
    """What is kept at an order, as soon as there is something."""
    key = {"Authorization": f"Bearer {running.key(Role.AUDITOR)}"}
    where = f"{running.url}/api/v1/orders/{no}/papers"

    async def papers() -> list[dict[str, str]]:
        return list(httpx2.get(where, headers=key).json())

    await until(papers)
    return [httpx2.get(f"{where}/{one['digest']}", headers=key).content for one in await papers()]


@pytest.mark.asyncio(loop_scope="session")
async def test_a_picture_that_cannot_be_drawn_is_refused_at_once_and_nothing_is_attached(
    browser: Browser, running: Running
) -> None:
    no, day = stop_of(running)
    async with at_a_stop(browser, running, no, day) as (page, stop):
        told = await photographed(stop, photos.undrawable())

        await expect(told).to_contain_text("no picture that can be drawn here, and nothing is attached")
        await expect(page.locator("#outbox")).to_be_hidden()


async def test_the_page_of_an_order_shows_and_files_the_papers_that_can_be_made_of_it(site: Site) -> None:
    no = await booked(site)
    browser = await site.signed_in(Role.TECHNICIAN, "p-lang")
    reader = await site.signed_in(Role.AUDITOR, "p-brandt")
    place = f"/orders/{no}/protocols/time_sheet"
    before = (await browser.get(f"/orders/{no}")).text
    lang = await site.house.caller(Role.TECHNICIAN, "p-lang")
    done = await lang.post(f"/api/v1/orders/{no}/commands", json={"type": "complete", "minutes": 30})
    assert done.is_success, done.text

    page, read = [(await visitor.get(f"/orders/{no}")).text for visitor in (browser, reader)]
    shown = await browser.get(place)
    filed = [await browser.post(place) for _ in range(2)]
    refused = await reader.post(place)
    (paper,) = await listed(site, no)

    assert place not in before
    assert f'href="{place}"' in page
    assert f'action="{place}"' in page
    assert f'href="{place}"' in read
    assert f'action="{place}"' not in read
    assert shown.headers["Content-Type"] == "application/pdf"
    assert [(answer.status_code, answer.headers["Location"]) for answer in filed] == [
        (HTTPStatus.SEE_OTHER, f"/orders/{no}")
    ] * 2
    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert (paper["kind"], paper["step"]) == ("document", "work")
    assert (await browser.get(f"/orders/{no}/protocols/acceptance_protocol")).status_code == HTTPStatus.CONFLICT
