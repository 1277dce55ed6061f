"""A contract's year of 10,000 facts, read and rated under its own terms and beside a quota."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from time import process_time

from pydantic_core import from_json

from bench.ground.report import Figure
from connectors.holidays import with_holidays
from domain.assets.asset import Asset, AssetStatus
from domain.billing.agreement import Agreement
from domain.cases.instructions import Instruction
from domain.cases.order_commands import Complete, LogWork, PartUse
from domain.clocks.calendars import Calendar
from domain.contracts.contract import Contract
from domain.contracts.prices import PriceList
from domain.costs.comparison import CostGround, compare
from domain.costs.reading import charged_order
from domain.costs.terms import CostSpan
from domain.kinds import OrderKind, OrderState
from domain.orders.order import Order, OrderRequest, Registers, accept
from domain.orders.progress import Progress, StepStatus, begin
from domain.orders.promises import order_clock
from domain.people import Actor, Role
from domain.places import Site

ORDERS = 3_334
START = datetime(2026, 1, 5, 7, tzinfo=UTC)
EVERY = timedelta(hours=2.5)
YEAR = CostSpan(date(2026, 1, 1), date(2026, 12, 31))
HOURS = Calendar.model_validate(
    {
        "zone": "Europe/Berlin",
        "region": "DE-BY",
        "weekly": {day: [["08:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    }
)
CONTRACT = Contract(
    id="bench",
    customer="adler",
    name="Bench",
    valid_from=date(2020, 1, 1),
    calendar=HOURS,
    requesters=("p-vogel",),
    approvers=("p-vogel",),
    targets={OrderKind.CHANGE: 2700},
    prices=PriceList(hourly={Role.TECHNICIAN: Decimal(96)}, parts={"ram-16": Decimal("62.50")}),
)
QUOTA = Agreement.model_validate(
    {
        "currency": "EUR",
        "zone": "Europe/Berlin",
        "anchor": "2026-01-01",
        "months": 1,
        "vat": ["S", "19"],
        "hours": HOURS.weekly.model_dump(mode="json"),
        "terms": [
            {
                "from": "2026-01-01",
                "fees": [{"id": "care", "amount": "900.00"}],
                "hourly": {"technician": "96.00"},
                "rounding": {"step": 15},
                "quota": {"minutes": 6000, "overage": "payg"},
            }
        ],
    }
)


def written(n: int) -> tuple[str, str]:
    """An order with two entries and a part, as tables keep it."""
    at = START + n * EVERY
    site = Site(id="hq", customer="adler", name="HQ", access=HOURS)
    asked = OrderRequest(
        contract="bench", requester="p-vogel", site="hq", kind=OrderKind.CHANGE, assets=("NB-1",), new_model="T14"
    )
    order = _accepted(asked, site, f"O-{n:05}", at)
    actor = Actor(person="p-lang", role=Role.TECHNICIAN)
    step = next(step.id for step in order.chain.steps if step.type == "work")
    told = (
        LogWork(step=step, minutes=20 + n % 50, started_at=at + EVERY, parts=(PartUse(part="ram-16"),)),
        Complete(step=step, minutes=35 + n % 40, started_at=at + 2 * EVERY),
    )
    given = tuple(
        Instruction(command=one, actor=actor, given_at=at + 3 * EVERY, request_id=f"r-{place}")
        for place, one in enumerate(told)
    )
    steps = tuple(one.but(status=StepStatus.DONE, closed_at=at + 4 * EVERY) for one in begin(order, ()).steps)
    progress = Progress(state=OrderState.COMPLETED, steps=steps, clocks=(order_clock(order),), given=given)
    return order.model_dump_json(exclude_none=True), progress.model_dump_json(exclude_none=True)


def _accepted(asked: OrderRequest, site: Site, no: str, at: datetime) -> Order:
    asset = Asset(tag="NB-1", customer="adler", serial="S1", model="T14", status=AssetStatus.DEPLOYED)
    dated = CONTRACT.but(calendar=with_holidays(CONTRACT.calendar, at))
    return accept(dated, asked, Registers((site,), (asset,)), no=no, at=at)


def run() -> list[Figure]:
    rows = [written(n) for n in range(ORDERS)]
    begun = process_time()
    for row in rows:
        for text in row:
            from_json(text)
    bare = process_time() - begun
    dated = CONTRACT.but(calendar=with_holidays(CONTRACT.calendar, START))
    begun = process_time()
    cases = [charged_order(*row) for row in rows]
    told = compare(CostGround("bench", HOURS.zone, YEAR, cases, (dated,), supposed=QUOTA))
    ours = process_time() - begun
    return [Figure(f"cost of {told.facts} facts of a year, twice", ours, bare, bare / ours, "s of CPU")]
