"""Vendors on the page of an order: who was asked, who has it, and what can be said of that."""

from datetime import UTC, datetime, timedelta

from db.vendors.vendor import save_vendor
from domain.cases.holders import Burnt, Stint
from domain.cases.incident_commands import HolderKind
from domain.kinds import OrderKind
from domain.orders.order import Order
from domain.orders.progress import StepProgress, StepStatus
from domain.orders.promises import order_clock
from domain.people import Role
from domain.refusals import Problem
from domain.vendors.jobs import JobStatus, VendorJob
from domain.vendors.promises import vendor_clocks
from domain.vendors.vendor import UcVerdict, VendorTerms
from tests.api.house import write_order
from tests.stories.vendor_scripts import OFFERING, PICK_UP, TAL
from tests.web.visitors import Site
from tests.world import order, request

TERMS = VendorTerms(vendor=TAL.id, name=TAL.name, version=1, people=TAL.people, answer_minutes=60)


async def handing_over(site: Site, status: StepStatus, jobs: tuple[VendorJob, ...], **changes: object) -> Order:
    made = order(request(OrderKind.DISPOSE, assets=["NB-900"]), datetime.now(UTC), OFFERING)
    states = {"approval": StepStatus.DONE, "erasure": StepStatus.DONE, "handover": status}
    problem = Problem(code="no_vendor_left", values={"passed_over": TAL.id}) if status == StepStatus.STUCK else None
    steps = tuple(
        StepProgress(
            id=one.id,
            type=one.type,
            status=states.get(one.id, StepStatus.WAITING),
            problem=problem if one.id == "handover" else None,
        )
        for one in made.chain.steps
    )
    async with site.house.database.writing() as session:
        await save_vendor(session, TAL, by="p-koch", at=made.received_at)
    promised = [(one, one.terms.uc) for one in jobs if one.terms is not None and one.terms.uc is not None]
    clocks = (order_clock(made), *(clock for one, _ in promised for clock in vendor_clocks(one, {}).values()))
    calendars = {one.hours: uc.calendar for one, uc in promised}
    await write_order(site.house.database, made, steps=steps, jobs=jobs, clocks=clocks, calendars=calendars, **changes)
    return made


def job(at: datetime, status: JobStatus, **changes: object) -> VendorJob:
    return VendorJob(no=1, step="handover", asked_at=at, status=status, terms=TERMS, offered_at=at).but(**changes)


async def test_what_a_vendor_says_is_put_down_on_the_page_before_anything_changes_hands(site: Site) -> None:
    now = datetime.now(UTC)
    made = await handing_over(site, StepStatus.OPEN, jobs=(job(now, JobStatus.OFFERED),))
    browser = await site.signed_in()

    page = (await browser.get(f"/orders/{made.no}")).text
    asked = page.partition('id="questions"')[2].partition('id="chain"')[0]

    assert f'action="/orders/{made.no}/report_vendor"' in asked
    assert 'value="accepted"' in asked
    assert 'name="ticket"' in asked
    assert "confirm_custody" not in asked
    assert TAL.name in page


async def test_who_has_accepted_and_who_has_had_the_order_stands_on_its_page(site: Site) -> None:
    now = datetime.now(UTC)
    stints = (
        Stint(kind=HolderKind.TEAM, holder=Role.COORDINATOR, since=now, until=now),
        Stint(kind=HolderKind.VENDOR, holder=TAL.id, since=now),
    )
    taken = job(now, JobStatus.ACCEPTED, accepted_at=now, ticket="LR-<7>")
    made = await handing_over(site, StepStatus.OPEN, jobs=(taken,), stints=stints)
    browser = await site.signed_in()

    page = (await browser.get(f"/orders/{made.no}")).text

    assert "LR-&lt;7&gt;" in page
    assert TAL.id in page
    assert f'action="/orders/{made.no}/confirm_custody"' in page
    assert f'action="/orders/{made.no}/dispatch"' not in page


async def test_what_a_vendor_has_promised_and_whose_minutes_went_stand_on_the_page(site: Site) -> None:
    now = datetime.now(UTC)
    due = now + timedelta(hours=20)
    verdict = UcVerdict(
        respond_by=due, resolve_by=due, deadline=now, response_late=timedelta(0), resolution_late=timedelta(hours=20)
    )
    terms = TERMS.but(uc=PICK_UP)
    taken = job(now, JobStatus.ACCEPTED, accepted_at=now, terms=terms, verdict=verdict)
    made = await handing_over(
        site,
        StepStatus.OPEN,
        jobs=(taken,),
        stints=(Stint(kind=HolderKind.VENDOR, holder=TAL.id, since=now),),
        burnt=(Burnt(kind=HolderKind.VENDOR, holder=TAL.id, minutes=4711),),
    )
    browser = await site.signed_in()

    page = (await browser.get(f"/orders/{made.no}")).text
    promise = page.partition('id="promise"')[2].partition('id="history"')[0]

    assert f"response time, <bdi>{TAL.name}</bdi>" in promise
    assert f"resolution time, <bdi>{TAL.name}</bdi>" in promise
    assert "Cannot keep our promise" in page
    assert "4711" in page


async def test_with_nobody_left_the_page_asks_whom_to_offer_it(site: Site) -> None:
    now = datetime.now(UTC)
    declined = job(now, JobStatus.DECLINED, ended_at=now)
    nobody = VendorJob(no=2, step="handover", asked_at=now, status=JobStatus.NOBODY)
    made = await handing_over(site, StepStatus.STUCK, jobs=(declined, nobody))
    browser = await site.signed_in()

    page = (await browser.get(f"/orders/{made.no}")).text
    asked = page.partition('id="questions"')[2].partition('id="chain"')[0]

    assert f'action="/orders/{made.no}/dispatch"' in asked
    assert 'name="vendor"' in asked
    assert "No vendor is left to ask" in asked
