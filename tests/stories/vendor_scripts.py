"""Vendors in orders: a recycler that is asked to take goods, and one that is asked to work on site."""

from datetime import UTC, date, datetime

from db.vendors.directories import save_directory
from db.vendors.vendor import save_vendor
from domain.cases.lookups import CustodianFound
from domain.cases.order_commands import Accept, Approve, Complete, ConfirmCustody, Dispatch, ReportVendor
from domain.clocks.calendars import Calendar, Weekly
from domain.contracts.chains import VendorDispatch
from domain.contracts.tailoring import Insertion, Tailoring
from domain.kinds import OrderKind
from domain.orders.departures import custodian_found
from domain.orders.progress import Progress
from domain.people import Actor, Role
from domain.vendors.certificates import CertificateKind
from domain.vendors.directories import Directory, Responsibility
from domain.vendors.jobs import JobStatus
from domain.vendors.vendor import UnderpinningContract, Vendor, VendorWork
from tests.patience import until
from tests.stories import scripts
from tests.stories.scripts import CERTIFYING, LINDNER, PROOF
from tests.stories.stage import OrderDesk, Stage
from tests.world import APPROVER, COORDINATOR, REQUESTER, TECHNICIAN

# In London it is an hour earlier: its day ends at six in Augsburg.
LONDON = Calendar(
    zone="Europe/London",
    weekly=Weekly.model_validate({day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}),
)
ON_SITE = UnderpinningContract(
    id="on-site", calendar=LONDON, response_minutes=120, resolution_minutes=960, valid_from=date(2026, 1, 1)
)
PICK_UP = ON_SITE.but(id="pick-up", work=VendorWork.DISPOSAL)
BERG = LINDNER.but(id="berg", name="Berg Recycling", people=("p-sommer",), contracts=(PICK_UP,))
TAL = LINDNER.but(contracts=(PICK_UP,))
# Stands first in the directory, and may not take what is asked for with a certificate.
UNCERTIFIED = Vendor(id="schrott", name="Schrott & Söhne", people=("p-lang",), contracts=(PICK_UP,))
CABLES = Vendor(id="cables", name="Kabelbau", people=("p-wolf",), contracts=(ON_SITE,))
ROWS = tuple(Responsibility(vendor=name) for name in ("schrott", "lindner", "berg", "cables"))
_OFFERED = {"handover": {"offered": True}}
OFFERING = CERTIFYING.but(chains={OrderKind.DISPOSE: Tailoring.model_validate({"set": _OFFERED})})
CABLING = CERTIFYING.but(
    chains={
        OrderKind.CHANGE: Tailoring(
            add=(Insertion(step=VendorDispatch(id="cabling", offered=True, after=("appointment",)), before=("work",)),)
        )
    }
)


async def with_vendors(stage: Stage, *rows: Responsibility) -> None:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    async with stage.database.writing() as session:
        for vendor in (UNCERTIFIED, TAL, BERG, CABLES):
            await save_vendor(session, vendor, by="p-sommer", at=at)
        await save_directory(session, Directory(rows=rows or ROWS), by="p-sommer", at=at)


async def offered(stage: Stage, *rows: Responsibility) -> OrderDesk:
    """Goods are proven erased, and the first recycler of the directory is asked to take them."""
    await with_vendors(stage, *rows)
    desk = await scripts.placed(stage, OrderKind.DISPOSE, OFFERING)
    await ready(desk)
    await until(desk.progress, lambda progress: bool(progress.jobs) and not _seeking(progress))
    return desk


def _seeking(progress: Progress) -> bool:
    return all(job.status == JobStatus.SEEKING for job in progress.jobs)


async def ready(desk: OrderDesk) -> None:
    await desk.say(APPROVER, Approve())
    await scripts.erased(desk, "SN900")


def found(vendor: Vendor) -> CustodianFound:
    return custodian_found(vendor, CertificateKind.WASTE_SPECIALIST, "Europe/Berlin")


async def taken(desk: OrderDesk, vendor: Vendor) -> None:
    driver = Actor(person=vendor.people[0], role=Role.TECHNICIAN)
    for actor, side in ((TECHNICIAN, "giver"), (driver, "taker")):
        told = ConfirmCustody.model_validate({"side": side, "serials": ["SN900"]})
        await desk.say(actor, told, looked_up=found(vendor))


async def taken_by_the_first_after_all(desk: OrderDesk) -> None:
    """The first does not answer, the second declines, and then the first comes late."""
    await with_vendors(desk.stage)
    await ready(desk)
    await desk.later(minutes=61)
    await desk.say(COORDINATOR, ReportVendor(status="declined"))
    await desk.say(COORDINATOR, ReportVendor(status="accepted", vendor="lindner", ticket="LR-7"))
    await desk.later(hours=5)
    await taken(desk, TAL)
    await desk.say(COORDINATOR, PROOF)


async def turned_away_after_all(desk: OrderDesk) -> None:
    """The first comes late, when the second is asked, and then cannot take it: the second is asked again."""
    await with_vendors(desk.stage)
    await ready(desk)
    await desk.later(minutes=61)
    await until(desk.progress, lambda progress: [job.status for job in progress.jobs][1:] == [JobStatus.OFFERED])
    await desk.say(COORDINATOR, ReportVendor(status="accepted", vendor="lindner"))
    await desk.later(minutes=5)
    await desk.say(COORDINATOR, ReportVendor(status="declined", vendor="lindner", reason="no room in the van"))
    await until(desk.progress, lambda progress: [job.status for job in progress.jobs][2:] == [JobStatus.OFFERED])
    await desk.say(COORDINATOR, ReportVendor(status="accepted", ticket="B-1"))
    await taken(desk, BERG)
    await desk.say(COORDINATOR, PROOF)


async def cabled(desk: OrderDesk) -> None:
    """Nobody is left after the only one has declined, so it is given out by name."""
    await with_vendors(desk.stage)
    await scripts.booked(desk)
    await desk.say(COORDINATOR, ReportVendor(status="declined"))
    await desk.say(COORDINATOR, Dispatch(vendor="cables", reason="has agreed on the phone"))
    await desk.say(COORDINATOR, ReportVendor(status="accepted", ticket="K-1"))
    await desk.later(hours=2)
    await desk.say(TECHNICIAN, ReportVendor(status="done"))
    await desk.say(TECHNICIAN, Complete(minutes=50))
    await desk.say(REQUESTER, Accept())
