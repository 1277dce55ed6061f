"""What people usually say, from request to charge: played by stories, and by whoever records histories."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

from domain.cases.lookups import CustodianFound, RecyclerListFound
from domain.cases.order_commands import (
    Accept,
    AddEvidence,
    Approve,
    Book,
    Cancel,
    Complete,
    ConfirmCustody,
    Found,
    HandOver,
    Hold,
    HolderKind,
    LogWork,
    PartUse,
    RecordErasure,
    Reject,
    Retry,
    Start,
    Verify,
    Window,
)
from domain.cases.recycler_lists import RecyclerList
from domain.clocks.holds import HoldReason
from domain.contracts.catalogue import Item, Pricing
from domain.contracts.contract import Contract
from domain.kinds import OrderKind
from domain.papers import KeptPaper
from domain.people import Actor, Role
from domain.vendors.certificates import CertificateKind, VendorCertificate
from domain.vendors.vendor import Vendor
from tests.stories.stage import OrderDesk, Stage
from tests.world import (
    APPROVER,
    CONTRACT,
    COORDINATOR,
    DESK,
    NEW_DESK,
    RECYCLER,
    REQUESTER,
    SDM,
    TECHNICIAN,
    request,
)

FIELDS: dict[OrderKind, dict[str, object]] = {
    OrderKind.INSTALL: {"target": DESK, "assets": ["NB-100"], "holder": "Max Huber"},
    OrderKind.MOVE: {"target": NEW_DESK, "assets": ["NB-200"]},
    OrderKind.ADD: {"assets": ["NB-200"], "wanted": [{"model": "RAM 16 GB"}]},
    OrderKind.CHANGE: {"assets": ["NB-200"], "new_model": "ThinkPad T14s"},
    OrderKind.REMOVE: {"assets": ["NB-200"]},
    OrderKind.DISPOSE: {"assets": ["NB-900"]},
    OrderKind.BREAK_FIX: {"assets": ["NB-200"], "incident": "I-OVER"},
    OrderKind.ASSIST: {"note": "half a day of training"},
}


ADVICE = Item(id="advice", name={"de": "Rat", "en": "Advice"}, kind=OrderKind.ASSIST, pricing=Pricing.BY_QUOTE)
TRAINING = ADVICE.but(id="training", pricing=None, ask_first=True, estimate_minutes=240)
LISTING = CONTRACT.but(catalogue=(ADVICE, TRAINING))


def visit(start: datetime, **fields: object) -> Book:
    return Book(window=Window(start=start, end=start + timedelta(hours=2))).but(**fields)


async def booked(desk: OrderDesk, **span: float) -> None:
    """Approved, and a visit agreed for tomorrow or when told."""
    await desk.say(APPROVER, Approve(step="approval"))
    await desk.say(COORDINATOR, visit(await desk.now() + timedelta(**(span or {"days": 1}))))


async def erased(desk: OrderDesk, serial: str) -> None:
    await desk.say(
        TECHNICIAN,
        RecordErasure.model_validate(
            {
                "serial": serial,
                "method": "purge",
                "tool": "nwipe",
                "passed": True,
                "verification": "sampled",
                "operator": TECHNICIAN.person,
                "verifier": COORDINATOR.person,
                "place": "Werkstatt",
                "done_at": await desk.now(),
            }
        ),
    )


async def handed_over(desk: OrderDesk, serial: str) -> None:
    await desk.say(TECHNICIAN, ConfirmCustody(side="giver", serials=(serial,)))
    await desk.say(RECYCLER, ConfirmCustody(side="taker", serials=(serial,)))


async def install(desk: OrderDesk) -> None:
    await booked(desk)
    await desk.later(days=1)
    await desk.say(TECHNICIAN, Start())
    await desk.say(TECHNICIAN, Complete(minutes=75))
    await desk.say(REQUESTER, Accept())


async def move(desk: OrderDesk) -> None:
    await booked(desk)
    await desk.say(TECHNICIAN, Complete(minutes=30))
    await handed_over(desk, "SN200")
    await desk.say(TECHNICIAN, Complete(minutes=40))
    await desk.say(REQUESTER, Accept())


async def change(desk: OrderDesk) -> None:
    await booked(desk)
    await desk.say(TECHNICIAN, Complete(minutes=50))
    await desk.say(REQUESTER, Accept())


async def change_at_high_risk(desk: OrderDesk) -> None:
    await desk.say(SDM, Approve(step="change_approval"))
    await change(desk)


async def remove(desk: OrderDesk) -> None:
    await booked(desk)
    await desk.say(TECHNICIAN, Complete(minutes=30))
    await erased(desk, "SN200")
    await handed_over(desk, "SN200")


PROOF = AddEvidence(document="disposal_proof", document_no="EN-2027-1", serials=("SN900",))


def listed(*received: str, digest: str = "a" * 64) -> RecyclerListFound:
    paper = KeptPaper(digest=digest, media_type="text/csv", size=9)
    return RecyclerListFound(paper=paper, said=RecyclerList(rows=len(received), received=received))


async def left(desk: OrderDesk) -> None:
    await desk.say(APPROVER, Approve())
    await erased(desk, "SN900")
    await handed_over(desk, "SN900")


# Ends while goods are away that leave in the week in which stories begin.
HELD = VendorCertificate(
    kind=CertificateKind.WASTE_SPECIALIST,
    number="EfB-1",
    valid_from=date(2026, 1, 1),
    valid_until=date(2027, 11, 30),
    scope="16 02 13*, 16 02 14",
)
LINDNER = Vendor(id="lindner", name="Lindner Recycling GmbH", people=("p-wolf",), certificates=(HELD,))
CERTIFYING = CONTRACT.but(certificate=CertificateKind.WASTE_SPECIALIST)


async def left_to(desk: OrderDesk, found: CustodianFound) -> None:
    """To a vendor of the directory, as it is looked up when each side confirms."""
    await desk.say(APPROVER, Approve())
    await erased(desk, "SN900")
    for actor, side in ((TECHNICIAN, "giver"), (RECYCLER, "taker")):
        told = ConfirmCustody.model_validate({"side": side, "serials": ["SN900"], "vendor": found.vendor})
        await desk.say(actor, told, looked_up=found)


async def dispose(desk: OrderDesk) -> None:
    await left(desk)
    await desk.later(days=20)
    await desk.say(COORDINATOR, PROOF)


async def repair(desk: OrderDesk) -> None:
    await desk.say(COORDINATOR, visit(await desk.now() + timedelta(hours=2)))
    await desk.say(TECHNICIAN, Complete(minutes=50, parts=(PartUse(part="ram-16"),)))
    await desk.say(REQUESTER, Accept())


async def assist(desk: OrderDesk) -> None:
    """Several people teach, and each tells their time."""
    await booked(desk)
    await desk.later(days=1)
    await desk.say(TECHNICIAN, Start())
    await desk.later(hours=4)
    await desk.say(COORDINATOR, LogWork(minutes=60))
    await desk.say(TECHNICIAN, Complete(minutes=240))
    await desk.say(REQUESTER, Accept())


async def priced(desk: OrderDesk, price: str, *, at_most: bool = False) -> None:
    await desk.say(APPROVER, Approve(step="approval"))
    await desk.say(COORDINATOR, Approve(step="quote", price=Decimal(price), at_most=at_most))


async def quoted(desk: OrderDesk) -> None:
    await priced(desk, "450.00")
    await desk.say(REQUESTER, Approve(step="consent"))
    await desk.say(COORDINATOR, visit(await desk.now()))
    await desk.say(TECHNICIAN, Complete(minutes=600))
    await desk.say(REQUESTER, Accept())


async def quoted_too_high(desk: OrderDesk) -> None:
    await priced(desk, "4500.00", at_most=True)
    await desk.say(REQUESTER, Reject(step="consent", reason="too expensive"))


async def held(desk: OrderDesk) -> None:
    hold = Hold(code=HoldReason.WAITING_CUSTOMER, max_until=await desk.now() + timedelta(days=10), reason="on leave")
    await desk.say(COORDINATOR, hold)
    await desk.later(days=11)
    await change(desk)


async def cancelled(desk: OrderDesk) -> None:
    await booked(desk, hours=5)
    await desk.say(REQUESTER, Cancel(reason="changed our mind"))


async def cancelled_after_work(desk: OrderDesk) -> None:
    """Five hours in the workshop before anybody has come, and two memory bars."""
    await booked(desk, hours=8)
    await desk.later(hours=6)
    await desk.say(TECHNICIAN, LogWork(minutes=300, parts=(PartUse(part="ram-16", quantity=2),)))
    await desk.say(REQUESTER, Cancel(reason="changed our mind"))


async def failed(desk: OrderDesk) -> None:
    await booked(desk)
    await desk.say(TECHNICIAN, Start())
    await desk.say(TECHNICIAN, Complete(outcome="failed", minutes=20, reason="the disk is dead"))


async def visited_for_nothing(desk: OrderDesk) -> None:
    await booked(desk)
    await desk.say(TECHNICIAN, Complete(outcome="wasted_visit", minutes=15))
    await desk.say(COORDINATOR, visit(await desk.now() + timedelta(days=2)))
    await desk.say(TECHNICIAN, Complete(minutes=75))
    await desk.say(REQUESTER, Accept())


async def row(desk: OrderDesk) -> None:
    """A workplace of a project: nobody opens at first, then the notebook stands at the wrong desk."""
    await desk.later(hours=3)
    await desk.say(TECHNICIAN, Complete(outcome="wasted_visit", minutes=15))
    await desk.say(COORDINATOR, visit(await desk.now() + timedelta(days=1), technician=TECHNICIAN.person))
    await desk.say(TECHNICIAN, Complete(minutes=30))
    await handed_over(desk, "SN200")
    await desk.say(TECHNICIAN, Complete(minutes=40))
    await desk.say(TECHNICIAN, Verify(found=(Found(tag="NB-200", serial="SN200", place=DESK),)))
    await desk.say(COORDINATOR, Retry())
    await desk.say(TECHNICIAN, Verify(found=(Found(tag="NB-200", serial="SN200", place=NEW_DESK),)))


async def failed_at_the_target(desk: OrderDesk) -> None:
    await desk.say(TECHNICIAN, Complete(minutes=30))
    await handed_over(desk, "SN200")
    await desk.say(TECHNICIAN, Start())
    await desk.say(TECHNICIAN, Complete(outcome="failed", minutes=20, reason="no socket"))


# The customer's own IT, as a contract names it.
OWN_IT = Actor(person="p-huber", role=Role.CONTACT)
NAMED = CONTRACT.but(team=CONTRACT.team | {Role.CONTACT: (OWN_IT.person,)})
THEIRS = HandOver(step="work", kind=HolderKind.CUSTOMER, to="contact")
BACK = HandOver(step="work", kind=HolderKind.TEAM, to="service_desk")


async def with_own_people(desk: OrderDesk, **span: float) -> None:
    """From Tuesday at nine on the work is with the customer's own people, for three hours or as long as told."""
    await booked(desk)
    await desk.later(days=1)
    await desk.say(COORDINATOR, THEIRS)
    await desk.later(**(span or {"hours": 3}))


async def given_back(desk: OrderDesk) -> None:
    await with_own_people(desk)
    await desk.say(OWN_IT, BACK)
    await desk.say(TECHNICIAN, Complete(minutes=50))
    await desk.say(REQUESTER, Accept())


Script = Callable[[OrderDesk], Awaitable[None]]
USUAL: dict[OrderKind, Script] = {
    OrderKind.INSTALL: install,
    OrderKind.MOVE: move,
    OrderKind.ADD: change,
    OrderKind.CHANGE: change,
    OrderKind.REMOVE: remove,
    OrderKind.DISPOSE: dispose,
    OrderKind.BREAK_FIX: repair,
    OrderKind.ASSIST: assist,
}


async def placed(stage: Stage, kind: OrderKind, contract: Contract = CONTRACT, **changes: object) -> OrderDesk:
    return await stage.place(request(kind, **FIELDS[kind] | changes), contract)


async def fulfilled(stage: Stage, kind: OrderKind) -> OrderDesk:
    """An order of which everything went as usual."""
    desk = await placed(stage, kind)
    await USUAL[kind](desk)
    await desk.ended()
    return desk
