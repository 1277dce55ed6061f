"""What is worth watching in the tables: ages of what waits, and how many cases cannot get on."""

from datetime import UTC, datetime, timedelta

import pytest

from db.cases.faults import mark
from db.cases.notices import NoticeRow
from db.cases.rounds import MINUTE, has_looked, take_round
from db.engine import Database
from db.figures import TableFigures, figures_of
from db.orders import order_row
from domain.cases.faults import CaseFault, FaultKind
from domain.kinds import OrderKind
from tests.api.house import write_order
from tests.world import DESK, furnish, order, request

NOW = datetime.now(UTC)
CASE = "order/O-1"


async def figures(database: Database) -> TableFigures:
    async with database.reading() as session:
        return await figures_of(session, NOW)


def attempt(number: int, outcome: str, hours: float, channel: str = "mail", person: str = "p-koch") -> NoticeRow:
    at = NOW - timedelta(hours=hours)
    return NoticeRow(
        key=f"notice:O-1/{person}",
        case=CASE,
        template="order_completed",
        person=person,
        channel=channel,
        attempt=number,
        outcome=outcome,
        at=at,
    )


@pytest.mark.parametrize(
    ("attempts", "hours"),
    [
        pytest.param([], 0, id="nobody was written to"),
        pytest.param([attempt(1, "failed", 3), attempt(2, "failed", 1)], 3, id="since the first attempt of all"),
        pytest.param([attempt(1, "failed", 3), attempt(2, "claimed", 0)], 3, id="one is under way"),
        pytest.param([attempt(1, "failed", 3), attempt(2, "sent", 1)], 0, id="it was sent at last"),
        pytest.param([attempt(1, "undeliverable", 3)], 0, id="nothing more is tried"),
        pytest.param(
            [attempt(1, "undeliverable", 3, "push"), attempt(2, "failed", 2)], 3, id="one way is none, another may be"
        ),
        pytest.param(
            [attempt(1, "sent", 3), attempt(1, "failed", 2, person="p-lang")], 2, id="one was reached, another was not"
        ),
        pytest.param([attempt(1, "failed", 24 * 30)], 0, id="given up long ago"),
    ],
)
async def test_the_oldest_letter_that_nobody_has(database: Database, attempts: list[NoticeRow], hours: float) -> None:
    async with database.writing() as session:
        session.add_all(NoticeRow(**row.model_dump(exclude={"id"})) for row in attempts)

    found = await figures(database)

    assert found.oldest_unsent == pytest.approx(hours * 3600)


async def test_cases_that_cannot_get_on_are_told_apart_by_what_is_wrong(database: Database) -> None:
    await furnish(database)
    placed = [
        order(request(OrderKind.INSTALL, target=DESK, assets=["NB-100"], holder="Max Huber"), NOW) for _ in range(3)
    ]
    for one in placed:
        await write_order(database, one)
    async with database.writing() as session:
        rows = [await order_row(session, one.no) for one in placed]
        first, second, third = (row for row in rows if row is not None)
        stands = CaseFault(kind=FaultKind.STANDS_STILL, since=NOW, tries=3)
        await mark(session, first, (stands,), NOW)
        await mark(session, second, (stands, CaseFault(kind=FaultKind.UNANSWERED, since=NOW, about="bill")), NOW)
        third.stuck = True

    found = await figures(database)

    assert {name: count for name, count in found.faulty_cases.items() if count} == {
        ("order", "stands_still"): 2,
        ("order", "unanswered"): 1,
    }
    assert {name: count for name, count in found.stuck_cases.items() if count} == {("order",): 1}


async def test_how_long_ago_somebody_compared_rows_with_history(database: Database) -> None:
    before = (await figures(database)).round_age
    await take_round(database, MINUTE, NOW, timedelta(minutes=1))
    await has_looked(database, MINUTE, NOW - timedelta(minutes=7))

    assert (before, (await figures(database)).round_age) == (0, 420)
