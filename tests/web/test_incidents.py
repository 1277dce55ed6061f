"""Incidents, what waits for somebody, and what runs out, by pages."""

import re
from datetime import UTC, datetime

import pytest

from db.contracts import save_contract
from domain.cases.holders import Stint
from domain.cases.incident_commands import HolderKind
from domain.incidents.incident import Incident
from domain.incidents.progress import IncidentState
from domain.people import Role
from tests.api.house import write_incident
from tests.web.test_orders import hidden, written
from tests.web.visitors import Site
from tests.world import CONTRACT, PAGED, incident, trouble

HOSTILE = "<script>alert(1)</script>'\"><img src=x onerror=alert(1)>"


async def reported(site: Site) -> Incident:
    made = incident(trouble(title="Printer is on fire", description=HOSTILE), datetime.now(UTC))
    await write_incident(site.house.database, made)
    return made


async def test_an_incident_is_found_and_read_with_what_comes_next_first(site: Site) -> None:
    made = await reported(site)
    browser = await site.signed_in(Role.SERVICE_DESK, "p-koch")

    listed, page = await browser.get("/incidents?text=fire"), await browser.get(f"/incidents/{made.no}")

    assert made.no in listed.text
    assert page.text.index('id="questions"') < page.text.index('id="history"')
    assert f'action="/incidents/{made.no}/respond"' in page.text
    assert "<script>alert" not in page.text


async def test_what_does_not_rest_is_not_asked_to_go_on(site: Site) -> None:
    made = await reported(site)
    browser = await site.signed_in(Role.SERVICE_DESK, "p-koch")

    page = (await browser.get(f"/incidents/{made.no}")).text

    assert f"/incidents/{made.no}/hold" in page
    assert f"/incidents/{made.no}/resume" not in page


@pytest.mark.parametrize("path", ["", "/respond", "/nothing"])
async def test_an_incident_of_another_customer_is_as_unknown_as_none(site: Site, path: str) -> None:
    made = await reported(site)
    await site.house.second_customer()
    browser = await site.signed_in(Role.SERVICE_DESK, "p-koch", "falke")

    assert (await browser.get(f"/incidents/{made.no}{path}")).status_code == 404


async def test_what_was_typed_for_an_incident_is_kept(site: Site) -> None:
    made = await reported(site)
    browser = await site.signed_in(Role.SERVICE_DESK, "p-koch")
    page = await browser.get(f"/incidents/{made.no}/promise")

    said = hidden(page.text, f"/incidents/{made.no}/promise") | {"date": "tomorrow", "reason": "Spare part"}
    answer = await browser.post(f"/incidents/{made.no}/promise", data=said)

    assert answer.status_code == 422
    assert "Spare part" in answer.text
    assert 'aria-invalid="true"' in answer.text


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.TECHNICIAN, Role.REQUESTER])
async def test_no_button_of_an_incident_is_there_that_the_role_would_be_refused(site: Site, role: Role) -> None:
    made = await reported(site)
    browser = await site.signed_in(role, "p-lang", "adler")
    page = (await browser.get(f"/incidents/{made.no}")).text

    for command in set(re.findall(rf"/incidents/{made.no}/(\w+)", page)):
        assert (await browser.get(f"/incidents/{made.no}/{command}")).status_code == 200, command


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.TECHNICIAN, Role.APPROVER, Role.AUDITOR, Role.REQUESTER])
async def test_everybody_has_a_first_page(site: Site, role: Role) -> None:
    await written(site)
    browser = await site.signed_in(role, "p-lang", "adler")

    today, exceptions, mine = [await browser.get(path) for path in ("/", "/exceptions", "/exceptions?mine=true")]

    assert [page.status_code for page in (today, exceptions, mine)] == [200, 200, 200]


REPORT = f"/incidents/new?contract={PAGED.id}"


async def takes_incidents(site: Site) -> None:
    async with site.house.database.writing() as session:
        await save_contract(session, PAGED)


async def test_the_service_desk_reports_for_a_caller_and_stands_before_the_incident(site: Site) -> None:
    await takes_incidents(site)
    browser = await site.signed_in(Role.SERVICE_DESK, "p-koch")
    listed, form = await browser.get("/incidents"), await browser.get(REPORT)
    said = hidden(form.text, REPORT) | {"title": "Printer is on fire", "site": "adler-hq", "reporter": "p-vogel"}

    unanswered = await browser.post(REPORT, data=said | {"title": "", "description": HOSTILE})
    reported_at = [await browser.post(REPORT, data=said | {"priority": "major"}) for _ in range(2)]
    page = await browser.get(reported_at[0].headers["Location"])

    assert 'href="/incidents/new"' in listed.text
    assert unanswered.status_code == 422
    assert "&lt;script&gt;" in unanswered.text
    assert [one.status_code for one in reported_at] == [303, 303]
    assert len({one.headers["Location"] for one in reported_at}) == 1
    assert "Printer is on fire" in page.text


async def test_a_customers_own_report_for_themselves_and_under_their_own_contracts(site: Site) -> None:
    await takes_incidents(site)
    await site.house.second_customer()
    own = await site.signed_in(Role.REQUESTER, "p-vogel", "adler")
    other = await site.signed_in(Role.REQUESTER, "p-falk", "falke")
    form = await own.get(REPORT)
    said = hidden(form.text, REPORT) | {"title": "No network", "site": "adler-hq", "priority": "minor"}

    reported_ = await own.post(REPORT, data=said)
    for_others = await own.post(REPORT, data=said | {"key": "another", "reporter": "p-huber"})
    page = await own.get(reported_.headers["Location"])

    assert [name for name in ("reporter", "received_at", "parent") if f'name="{name}"' in form.text] == []
    assert page.status_code == 200
    assert for_others.status_code == 422
    assert (await other.get(REPORT)).status_code == 404
    assert (await other.post(REPORT, data=said)).status_code == 404


async def test_an_order_that_is_to_end_an_incident_is_placed_from_its_page_and_both_lead_to_each_other(
    site: Site,
) -> None:
    await takes_incidents(site)
    await site.house.worker()
    browser = await site.signed_in()
    said = hidden((await browser.get(REPORT)).text, REPORT)
    typed = {"title": "Printer is on fire", "site": "adler-hq", "reporter": "p-vogel", "priority": "minor"}
    trouble_at = (await browser.post(REPORT, data=said | typed)).headers["Location"]
    no = trouble_at.rpartition("/")[2]
    place = f"/orders/new?contract={CONTRACT.id}&kind=break_fix&incident={no}"

    page = await browser.get(trouble_at)
    choice, form = await browser.get(f"/orders/new?contract={CONTRACT.id}&incident={no}"), await browser.get(place)
    asked = hidden(form.text, place.replace("&", "&amp;")) | {
        "requester": "p-vogel",
        "site": "adler-hq",
        "assets": "NB-200",
    }
    placed = [await browser.post(place, data=asked) for _ in range(2)]
    order = await browser.get(placed[0].headers["Location"])

    assert f"incident={no}" in page.text
    assert f'<input type="hidden" name="incident" value="{no}">' in choice.text
    assert 'name="incident"' not in form.text
    assert placed[0].headers["Location"] == placed[1].headers["Location"]
    assert f'href="{trouble_at}"' in order.text
    assert f'href="{placed[0].headers["Location"]}"' in (await browser.get(trouble_at)).text


async def test_an_auditor_reports_nothing(site: Site) -> None:
    await takes_incidents(site)
    auditor = await site.signed_in(Role.AUDITOR, "p-audit")

    assert "/incidents/new" not in (await auditor.get("/incidents")).text
    assert (await auditor.get(REPORT)).status_code == 403


async def test_the_customers_own_it_gives_an_incident_back_by_its_page_and_nobody_else_of_theirs_does(
    site: Site,
) -> None:
    named = CONTRACT.but(team=CONTRACT.team | {Role.CONTACT: ("p-huber",)})
    made = incident(trouble(), datetime.now(UTC), named)
    stint = Stint(kind=HolderKind.CUSTOMER, holder="contact", since=made.received_at)
    await write_incident(site.house.database, made, stints=(stint,), state=IncidentState.IN_PROGRESS)
    own_it = await site.signed_in(Role.CONTACT, "p-huber", "adler")
    other = await site.signed_in(Role.APPROVER, "p-brandt", "adler")
    place = f"/incidents/{made.no}/hand_over"

    seen, form = [(await own_it.get(address)).text for address in (f"/incidents/{made.no}", place)]
    others, refused = await other.get(f"/incidents/{made.no}"), await other.get(place)

    assert "Customer&#39;s own IT" in seen
    assert place in seen
    assert 'value="service_desk"' in form
    assert 'value="p-lang"' not in form
    assert 'value="vendor"' not in form
    assert place not in others.text
    assert refused.status_code == 403
