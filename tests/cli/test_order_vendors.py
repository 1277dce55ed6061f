"""Vendors on an order's sheet at the command line: who was asked, who had it for how long, and what is typed next."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from rich.console import Console

from cli.orders.sheet import OrderPapers, next_lines, picture
from domain.cases.holders import Burnt, Stint
from domain.cases.incident_commands import HolderKind
from domain.kinds import OrderKind
from domain.orders.progress import StepStatus, begin
from domain.orders.promises import order_clock
from domain.orders.sheets import sheet
from domain.people import Language, Role
from domain.refusals import Problem
from domain.vendors.jobs import JobStatus, VendorJob
from domain.vendors.promises import vendor_clocks
from domain.vendors.vendor import UcVerdict, VendorTerms
from tests.stories.vendor_scripts import OFFERING, PICK_UP, TAL
from tests.world import HQ, order, request

NOW = datetime(2027, 11, 22, 8, tzinfo=UTC)
DUE = NOW + timedelta(hours=20)
TERMS = VendorTerms(vendor=TAL.id, name=TAL.name, version=1, people=TAL.people, answer_minutes=60, uc=PICK_UP)
LATE = UcVerdict(
    respond_by=DUE, resolve_by=DUE, deadline=NOW, response_late=timedelta(0), resolution_late=timedelta(hours=20)
)
ASKED = VendorJob(no=1, step="handover", asked_at=NOW, status=JobStatus.OFFERED, terms=TERMS, offered_at=NOW)
TAKEN = ASKED.but(status=JobStatus.ACCEPTED, accepted_at=NOW, ticket="LR-7", verdict=LATE)
NOBODY = VendorJob(no=1, step="handover", asked_at=NOW, status=JobStatus.NOBODY, ended_at=NOW)


def papers(job: VendorJob, status: StepStatus = StepStatus.OPEN) -> OrderPapers:
    made = order(request(OrderKind.DISPOSE, assets=["NB-900"]), NOW, OFFERING)
    problem = Problem(code="no_vendor_left") if status == StepStatus.STUCK else None
    progress = begin(made, (order_clock(made), *vendor_clocks(job, {}).values())).but(
        jobs=(job,),
        stints=(
            Stint(kind=HolderKind.TEAM, holder=Role.COORDINATOR, since=NOW, until=NOW + timedelta(hours=1)),
            Stint(kind=HolderKind.VENDOR, holder=TAL.id, since=NOW + timedelta(hours=1)),
        ),
        burnt=(Burnt(kind=HolderKind.VENDOR, holder=TAL.id, minutes=4711),),
    )
    progress = progress.settled("approval", NOW).settled("erasure", NOW).opened("handover", NOW)
    progress = progress.with_step("handover", status=status, problem=problem)
    return OrderPapers(sheet(made, progress, deadline=None, now=NOW), made.chain, HQ)


@pytest.mark.parametrize(
    ("job", "status", "typed"),
    [
        pytest.param(ASKED, StepStatus.OPEN, "imac order vendor {no} --status accepted --ticket TICKET", id="asked"),
        pytest.param(TAKEN, StepStatus.OPEN, "imac order custody {no} --side giver --serial SN900", id="accepted"),
        pytest.param(NOBODY, StepStatus.STUCK, "imac order dispatch {no} --vendor VENDOR", id="nobody left"),
    ],
)
def test_what_the_sheet_says_to_type_next_follows_from_what_vendors_said(
    job: VendorJob, status: StepStatus, typed: str
) -> None:
    about = papers(job, status)

    lines = [line for awaited, line in next_lines(about) if awaited.step == "handover"]

    assert lines[0] == typed.format(no=about.sheet.no)


@pytest.mark.parametrize(
    ("language", "says"),
    [
        pytest.param("en", ("accepted", "too late by", "UC", "Promised minutes"), id="en"),
        pytest.param("de", ("angenommen", "zu spät um", "UC", "Minuten der Zusage"), id="de"),
    ],
)
def test_the_sheet_says_who_has_it_under_which_number_and_for_how_long(
    language: Language, says: tuple[str, ...]
) -> None:
    shown = StringIO()

    Console(file=shown, width=200).print(picture(papers(TAKEN), language))

    assert [word for word in (*says, "LR-7", TAL.id, "4711") if word not in shown.getvalue()] == []
