"""Rating 100,000 orders, each with two entries and a part, against the bare loop over the same numbers in Decimal."""

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from time import process_time

from bench.ground.report import Figure
from domain.billing.agreement import Agreement
from domain.billing.facts import Fact, OrderDone, PartUsed, WorkDone
from domain.billing.rating import rate

ORDERS = 100_000
EVERY = timedelta(minutes=5)
START = datetime(2026, 1, 1, 7, tzinfo=UTC)
CENT, HOURLY, PART = Decimal("0.01"), Decimal("96.00"), Decimal("62.50")
STEP = 15
AGREED = Agreement.model_validate(
    {
        "currency": "EUR",
        "zone": "Europe/Berlin",
        "anchor": "2026-01-01",
        "months": 1,
        "vat": ["S", "19"],
        "hours": {day: [["08:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
        "terms": [
            {
                "from": "2026-01-01",
                "hourly": {"technician": f"{HOURLY}"},
                "rounding": {"step": STEP},
                "factors": {"after_hours": "1.5"},
                "parts": {"ram-16": f"{PART}"},
            }
        ],
    }
)
MONTHS = 12


def minutes(n: int) -> tuple[int, int]:
    """Of the two entries of an order."""
    return 20 + n % 50, 35 + n % 40


def facts_of(n: int) -> list[Fact]:
    at = START + n * EVERY
    first, second = minutes(n)
    later = at + timedelta(hours=3)
    return [
        OrderDone(type="order", id=f"O{n}", kind="repair", done=at),
        WorkDone(type="work", id=f"A{n}", role="technician", start=at, minutes=first),
        WorkDone(type="work", id=f"B{n}", role="technician", start=later, minutes=second),
        PartUsed(type="part", id=f"P{n}", part="ram-16", at=at),
    ]


def bare() -> Decimal:
    total = Decimal(0)
    for n in range(ORDERS):
        for one in minutes(n):
            total += (Decimal(-(-one // STEP) * STEP) * HOURLY / 60).quantize(CENT, ROUND_HALF_UP)
        total += PART.quantize(CENT, ROUND_HALF_UP)
    return total


def run() -> list[Figure]:
    facts = [fact for n in range(ORDERS) for fact in facts_of(n)]
    begin = process_time()
    bare()
    between = process_time()
    rate(AGREED, facts, range(MONTHS))
    ours, baseline = process_time() - between, between - begin
    return [Figure("rating 100,000 orders", ours, baseline, baseline / ours, "s of CPU")]
