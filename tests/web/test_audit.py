"""Looking into cases afterwards: everything that is kept of one, explained, and nothing can be changed from there."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http import HTTPStatus

import httpx2
import pytest
from fastapi.routing import iter_route_contexts

from db.cases.notices import Attempt, note
from db.ledger import Ledger
from domain.cases.events import Event
from domain.cases.notices import DeliveryOutcome
from domain.cases.order_commands import Found, Hold, Verify
from domain.clocks.holds import HoldReason
from domain.contracts.prices import Charges, time_line
from domain.ids import order_workflow_id, project_workflow_id
from domain.incidents.incident import Incident
from domain.orders.order import Order
from domain.people import MACHINE, Role
from domain.places import Place
from settings import Settings
from tests.api.house import body, happened, write_incident
from tests.patience import until
from tests.web.test_contracts import words
from tests.web.test_orders import HOSTILE, written
from tests.web.test_projects import launched, prepared
from tests.web.visitors import Site
from tests.world import COORDINATOR, TECHNICIAN, incident, trouble
from web.site import create_site
from web.words import say


async def auditor(site: Site) -> httpx2.AsyncClient:
    return await site.signed_in(Role.AUDITOR, "p-sommer")


async def with_a_history(site: Site) -> str:
    """An order that was put on hold and had a letter sent about it, and one that reached nobody."""
    made = await written(site)
    now = datetime.now(UTC)
    hold = Hold(code=HoldReason.WAITING_CUSTOMER, reason=HOSTILE, max_until=now + timedelta(days=2))
    held = Event(seq=2, at=now, what="hold", actor=COORDINATOR, reason=HOSTILE, command=hold)
    ended = Event(seq=3, at=now, what="hold_ended", actor=MACHINE, values={"technician": TECHNICIAN.person})
    await happened(site.house.database, made, held, ended)
    case = order_workflow_id(made.no)
    async with site.house.database.writing() as session:
        for person, outcome in (("p-vogel", DeliveryOutcome.SENT), ("role:brm", DeliveryOutcome.NOBODY)):
            await note(session, Attempt(f"k/{person}", case, "order_held", person, "mail"), outcome, now)
    return made.no


def test_nothing_under_audit_writes() -> None:
    addresses = {
        (context.path_format or "", method)
        for context in iter_route_contexts(create_site(Settings()).routes)
        for method in context.methods or ()
        if (context.path_format or "").startswith("/audit")
    }

    assert {address for address, _ in addresses} >= {"/audit", "/audit/{case}", "/audit/{case}/history.json"}
    assert {method for _, method in addresses} <= {"GET", "HEAD"}


async def test_a_case_is_read_whole_and_nothing_on_its_page_can_be_sent(site: Site) -> None:
    no = await with_a_history(site)
    browser = await auditor(site)

    page = await browser.get(f"/audit/{no}")
    said = words(page.text)

    assert 'method="post"' not in page.text
    assert "Fulfilment time" in said
    assert "how it was counted" in said.lower()
    assert "Put on hold Eva Koch coordinator" in said
    assert "reason : waiting for the customer" in said
    assert "technician : Tom Lang" in said
    assert re.search(r"Order on hold Anna Vogel mail 1 delivered", said)
    assert re.search(r"Order on hold business relationship manager mail 1 nobody found", said)
    assert "<script>alert" not in page.text


async def test_a_journal_has_no_notation_of_machines(site: Site) -> None:
    """Whatever a command consists of is read with the names of its fields."""
    made = await written(site)
    place = Place(site="adler-hq", building="A", room="2.14")
    found = Verify(found=(Found(tag="NB-1", serial="PF1", place=place), Found(tag="MO-2")))
    event = Event(seq=2, at=datetime.now(UTC), what="verified", actor=TECHNICIAN, command=found)
    await happened(site.house.database, made, event)

    said = words((await (await auditor(site)).get(f"/audit/{made.no}")).text)

    assert (
        "found : Device number NB-1, serial PF1, place Site Adler Maschinenbau, Werk Augsburg, Building A, Room 2.14; "
        "Device number MO-2"
    ) in said


@pytest.mark.parametrize(
    ("asked", "happenings"),
    [
        ("", ["order received", "put on hold", "hold ended"]),
        ("?said=people", ["order received", "put on hold"]),
        ("?said=machine", ["hold ended"]),
        ("?page=2", []),
    ],
)
async def test_a_journal_is_narrowed_to_what_people_said(site: Site, asked: str, happenings: list[str]) -> None:
    no = await with_a_history(site)
    page = (await (await auditor(site)).get(f"/audit/{no}{asked}")).text
    journal = words("<main" + page.partition('id="journal"')[2].partition("</section>")[0]).lower()

    found = [one for one in ("order received", "put on hold", "hold ended") if one in journal]
    assert found == happenings


async def test_the_history_for_machines_says_what_the_api_says(site: Site) -> None:
    no = await with_a_history(site)
    caller = await site.house.caller(Role.AUDITOR, "p-sommer")

    answer = await (await auditor(site)).get(f"/audit/{no}/history.json")
    history = body(answer)

    told = {name: body(await caller.get(f"/api/v1/orders/{no}/{name}")) for name in ("timeline", "notices", "charges")}
    assert answer.headers["Content-Disposition"] == f'attachment; filename="history-{no}.json"'
    assert history["notices"] == told["notices"]
    assert history["charges"] == told["charges"]
    assert [event["what"] for event in history["timeline"]] == [event["what"] for event in told["timeline"]]
    assert history["sheet"]["no"] == no


@pytest.mark.parametrize("kind", ["order", "incident"])
async def test_what_a_case_costs_can_be_worked_out_from_its_page(site: Site, kind: str) -> None:
    made: Order | Incident = await written(site)
    if kind == "incident":
        made = incident(trouble(), datetime.now(UTC))
        await write_incident(site.house.database, made)
    line = time_line("time-0", "break_fix", minutes=40, charged=45, hourly=Decimal(96), factor=Decimal("1.5"))
    charges = Charges(order_no=made.no, customer=made.customer, contract=made.terms.contract, lines=(line,))
    await Ledger(site.house.database).charge(charges, datetime.now(UTC))

    said = words((await (await auditor(site)).get(f"/audit/{made.no}")).text)

    assert "working time Break/fix 45 minutes €96.00 / 60 1.5 €108.00" in said


async def test_cases_of_each_kind_are_listed_and_a_number_leads_straight_to_its_case(site: Site) -> None:
    order = (await written(site)).no
    made = incident(trouble(title="Printer is on fire"), datetime.now(UTC))
    await write_incident(site.house.database, made)
    browser = await auditor(site)

    orders, incidents = await browser.get("/audit"), await browser.get("/audit?kind=incident")
    straight, nothing = await browser.get(f"/audit?no={order}"), await browser.get("/audit/O-NONE0-NONE0")

    assert f'href="/audit/{order}"' in orders.text
    assert f'href="/audit/{made.no}"' in incidents.text
    assert straight.headers["Location"] == f"/audit/{order}"
    assert (await browser.get(f"/audit/{made.no}")).status_code == HTTPStatus.OK
    assert nothing.status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    ("asked", "is_there"),
    [
        ("?missed=true", False),
        ("?customer=adler", True),
        ("?customer=falke", False),
        ("?since=2020-01-01&until=2020-12-31", False),
        ("?since=2020-01-01", True),
        ("?kind=incident", False),
        ("?kind=project", False),
    ],
)
async def test_what_is_looked_for_narrows_the_list(site: Site, asked: str, is_there: bool) -> None:
    no = (await written(site)).no
    await site.house.second_customer()

    answer = await (await auditor(site)).get(f"/audit{asked}")

    assert answer.status_code == HTTPStatus.OK
    assert (no in answer.text) == is_there
    assert is_there or say("no_such_cases", "en") in answer.text


@pytest.mark.parametrize(
    "asked", ["?kind=project&cursor=a", "?kind=nothing", "?since=yesterday", "?customer=", "?page=2"]
)
async def test_a_strange_question_is_refused_or_its_empty_part_is_left_out(site: Site, asked: str) -> None:
    answer = await (await auditor(site)).get(f"/audit{asked}")

    assert answer.status_code in (HTTPStatus.SEE_OTHER, HTTPStatus.UNPROCESSABLE_ENTITY)


async def test_a_project_is_looked_into_before_its_launch(site: Site) -> None:
    address, _, _ = await prepared(site)
    browser, case = await auditor(site), f"/audit/{address.rpartition('/')[2]}"

    page, history = [await browser.get(f"{case}{part}") for part in ("", "/history.json")]

    assert "in preparation" in words(page.text)
    assert body(history)["timeline"] == []
    assert "/report.pdf" not in page.text


async def test_a_project_is_looked_into_after_its_launch(site: Site) -> None:
    address, desk = await launched(site)
    await until(lambda: desk.get(f"/api/v1{address}/timeline"), lambda answer: answer.json())
    browser, case = await auditor(site), f"/audit/{address.rpartition('/')[2]}"

    page, history, report = [await browser.get(at) for at in (case, f"{case}/history.json", f"{address}/report.pdf")]

    assert f'href="{address}/report.pdf"' in page.text
    assert "Project launched" in words(page.text)
    assert "launched" in [event["what"] for event in body(history)["timeline"]]
    assert report.content.startswith(b"%PDF-")


async def test_who_was_told_what_of_a_move_is_kept_with_it_and_its_waves(site: Site) -> None:
    address, desk = await launched(site)
    project = address.rpartition("/")[2]
    now = datetime.now(UTC)
    async with site.house.database.writing() as session:
        await note(
            session,
            Attempt("k/1", project_workflow_id(project), "project_gate_asked", "p-huber", "mail"),
            DeliveryOutcome.SENT,
            now,
        )
    browser, technician = await auditor(site), await site.house.caller(Role.TECHNICIAN, "p-lang")
    other = await site.house.caller(Role.COORDINATOR, "p-koch", "falke")

    page = await browser.get(f"/audit/{project}")
    told = await desk.get(f"/api/v1{address}/notices")

    assert ("k/1", "p-huber", "sent") in {(one["key"], one["person"], one["outcome"]) for one in body(told)}
    assert "Max Huber" in words(page.text)
    assert (await technician.get(f"/api/v1{address}/notices")).status_code == HTTPStatus.FORBIDDEN
    assert (await other.get(f"/api/v1{address}/notices")).status_code == HTTPStatus.NOT_FOUND
