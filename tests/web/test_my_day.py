"""A technician's day by pages: stops in order, checked off once however often it is sent, and nobody else's."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from domain.cases.order_commands import Book, Window
from domain.kinds import OrderKind
from domain.orders.order import Order
from domain.orders.progress import StepProgress, StepStatus
from domain.people import Role
from tests.api.house import INSTALL, write_order
from tests.web.test_orders import hidden
from tests.web.visitors import Site
from tests.world import order, request
from web.static_files import static_files

DAY = "/my-day"
TOMORROW = (datetime.now(UTC) + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
ON_THAT_DAY = f"{DAY}?day={TOMORROW:%Y-%m-%d}"
HOSTILE = "<script>alert(1)</script>'\""


async def booked(
    site: Site, *, technician: str = "p-lang", hours: int = 0, holder: str = HOSTILE, begun: bool = True
) -> Order:
    """An order that waits for the work at its stop."""
    asked = request(OrderKind.INSTALL, holder=holder, assets=["NB-100"], target=INSTALL["target"])
    made = order(asked, datetime.now(UTC))
    start = TOMORROW + timedelta(hours=hours)
    work = next(step.id for step in made.chain.steps if step.type == "work")
    before = [step.id for step in made.chain.steps]
    before = before[: before.index(work)]
    steps = tuple(
        StepProgress(
            id=step.id,
            type=step.type,
            round=1 if step.id in before or (begun and step.id == work) else 0,
            status=StepStatus.DONE
            if step.id in before
            else StepStatus.OPEN
            if begun and step.id == work
            else StepStatus.WAITING,
        )
        for step in made.chain.steps
    )
    visit = Book(window=Window(start=start, end=start + timedelta(hours=1)), technician=technician)
    await write_order(site.house.database, made, steps=steps, appointment=visit)
    return made


async def test_stops_are_there_in_order_with_what_is_to_be_done(site: Site) -> None:
    later, first = await booked(site, hours=2), await booked(site, hours=1)
    browser = await site.signed_in(Role.TECHNICIAN, "p-lang")

    page = (await browser.get(ON_THAT_DAY)).text

    assert page.index(f"stop-{first.no}") < page.index(f"stop-{later.no}")
    assert f'action="{DAY}/{first.no}/complete?by=p-lang"' in page
    assert "NB-100" in page
    assert "<script>alert" not in page


async def test_nothing_of_anybody_else_is_on_my_day(site: Site) -> None:
    theirs = await booked(site, technician="p-koch")
    mine = await booked(site)
    browser = await site.signed_in(Role.TECHNICIAN, "p-lang")

    page = (await browser.get(ON_THAT_DAY)).text

    assert mine.no in page
    assert theirs.no not in page
    assert (await browser.get(f"{ON_THAT_DAY}&technician=p-koch")).status_code == 422


async def test_an_order_of_another_customer_is_as_unknown_as_none(site: Site) -> None:
    made = await booked(site)
    await site.house.second_customer()
    browser = await site.signed_in(Role.TECHNICIAN, "p-lang", "falke")

    assert made.no not in (await browser.get(ON_THAT_DAY)).text
    for no in (made.no, "O-NONE"):
        assert (await browser.post(f"{DAY}/{no}/complete", data={"key": "k"})).status_code == 404


async def test_a_day_without_stops_names_the_next_one_that_has_some(site: Site) -> None:
    await booked(site)
    browser = await site.signed_in(Role.TECHNICIAN, "p-lang")

    page = (await browser.get(f"{DAY}?day=2020-01-01")).text

    assert "Nothing is booked for you on this day." in page
    assert f'href="{ON_THAT_DAY}"' in page


async def test_a_stop_that_waits_for_somebody_else_offers_nothing_to_check_off(site: Site) -> None:
    made = await booked(site, begun=False)
    browser = await site.signed_in(Role.TECHNICIAN, "p-lang")

    page = (await browser.get(ON_THAT_DAY)).text

    assert set(re.findall(rf'action="{DAY}/{made.no}/(\w+)\?by=p-lang"', page)) == {"add_paper"}
    assert "Somebody else has to say something first." in page


async def test_who_may_not_say_it_has_no_form_for_it(site: Site) -> None:
    made = await booked(site, technician="p-koch")
    browser = await site.signed_in(Role.AUDITOR, "p-koch")

    assert f'action="{DAY}/{made.no}' not in (await browser.get(ON_THAT_DAY)).text
    assert (await browser.post(f"{DAY}/{made.no}/complete", data={"key": "k"})).status_code == 403


@pytest.mark.parametrize(("role", "is_there"), [(Role.TECHNICIAN, True), (Role.COORDINATOR, False)])
async def test_my_day_is_in_the_menu_of_those_who_have_stops(site: Site, role: Role, is_there: bool) -> None:
    assert (f'href="{DAY}"' in (await (await site.signed_in(role, "p-lang")).get("/me")).text) == is_there


async def test_a_stop_checked_off_without_a_network_and_sent_twice_is_done_once(site: Site) -> None:
    await site.house.worker()
    desk = await site.house.coordinator()
    asked = request(OrderKind.INSTALL, holder="Max Huber", assets=["NB-100"], target=INSTALL["target"])
    no = (await desk.post("/api/v1/orders", json=asked.model_dump(mode="json", exclude_none=True))).json()["no"]
    approver = await site.house.caller(Role.APPROVER, "p-huber", "adler")
    await approver.post(f"/api/v1/orders/{no}/commands", json={"type": "approve"})
    window = {"start": TOMORROW.isoformat(), "end": (TOMORROW + timedelta(hours=1)).isoformat()}
    book = {"type": "book", "window": window, "technician": "p-lang"}
    answer = await desk.post(f"/api/v1/orders/{no}/commands", json=book)
    assert answer.is_success, answer.text
    browser = await site.signed_in(Role.TECHNICIAN, "p-lang")
    address = f"{DAY}/{no}/complete?by=p-lang"
    page = (await browser.get(ON_THAT_DAY)).text
    said = hidden(page, address) | {"minutes": "20"}

    # Somebody has a hand in it before the network is back.
    await desk.post(f"/api/v1/orders/{no}/commands", json={"type": "log_work", "minutes": 5, "reason": "Lift"})
    answers = [await browser.post(address, data=said) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303], answers[0].text
    timeline = (await desk.get(f"/api/v1/orders/{no}/timeline")).json()
    assert [event["what"] for event in timeline].count("complete") == 1
    assert answers[0].headers["location"] == ON_THAT_DAY


@pytest.mark.parametrize("command", ["complete", "add_paper"])
async def test_what_somebody_has_said_is_never_taken_from_whoever_has_signed_in_at_their_phone_since(
    site: Site, command: str
) -> None:
    no = (await booked(site)).no
    other = await site.signed_in(Role.TECHNICIAN, "p-koch")
    said = {"key": "k", "step": "set_up", "minutes": "20", "kind": "photo"}

    answer = await other.post(f"{DAY}/{no}/{command}?by=p-lang", data=said)

    # As after a session has ended: the phone keeps it until the right one signs in.
    assert answer.status_code == 401
    assert "Sign in as that person." in answer.text
    timeline = await (await site.house.coordinator()).get(f"/api/v1/orders/{no}/timeline")
    assert command not in timeline.text


def test_the_worker_may_keep_pages_and_ask_nobody_but_us() -> None:
    worker = static_files()["floor-worker.js"].body.decode()

    assert not re.search(r"https?://|importScripts|eval\(", worker)


async def test_the_worker_comes_with_a_policy_of_its_own(site: Site) -> None:
    answer = await (await site.browser()).get("/static/floor-worker.js")

    assert answer.headers["Service-Worker-Allowed"] == "/"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; connect-src 'self'"


async def test_my_day_can_be_added_to_the_home_screen(site: Site) -> None:
    browser = await site.signed_in(Role.TECHNICIAN, "p-lang")
    page = (await browser.get(DAY)).text
    (manifest,) = re.findall(r'<link rel="manifest" href="([^"]+)"', page)

    answer = await browser.get(manifest)

    assert answer.headers["Content-Type"].startswith("application/manifest+json")
    assert answer.json()["start_url"] == DAY
    assert (await browser.get(answer.json()["icons"][0]["src"])).status_code == 200


async def test_my_day_comes_on_paper_with_nothing_of_anybody_else(site: Site) -> None:
    mine, theirs = await booked(site, holder="Max Huber"), await booked(site, technician="p-koch")
    browser = await site.signed_in(Role.TECHNICIAN, "p-lang")
    caller = await site.house.caller(Role.TECHNICIAN, "p-lang")

    printed = await browser.get(f"{DAY}/run-sheet?day={TOMORROW:%Y-%m-%d}")
    sheet = (await caller.get(f"/api/v1/run-sheets/p-lang?day={TOMORROW:%Y-%m-%d}")).json()

    assert printed.headers["Content-Type"] == "application/pdf"
    assert printed.content.startswith(b"%PDF-")
    assert [stop["no"] for stop in sheet["stops"]] == [mine.no]
    assert theirs.no not in str(sheet)


async def test_a_run_sheet_shows_no_order_of_another_customer(site: Site) -> None:
    await booked(site)
    await site.house.second_customer()
    caller = await site.house.caller(Role.COORDINATOR, "p-koch", "falke")

    sheet = (await caller.get(f"/api/v1/run-sheets/p-lang?day={TOMORROW:%Y-%m-%d}")).json()

    assert sheet["stops"] == []
