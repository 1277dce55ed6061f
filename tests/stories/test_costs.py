"""What a contract costs under its own terms is what real orders and incidents have in the ledger."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlmodel import col

from connectors.holidays import with_holidays
from db.cases.case import EndedWithin, ended_after
from db.incidents import IncidentRow
from db.orders import OrderRow
from domain.contracts.contract import Contract
from domain.costs.comparison import CostGround, compare
from domain.costs.reading import charged_incident, charged_order
from domain.costs.terms import CostSpan
from domain.incidents.progress import OVER
from domain.kinds import FINAL, OrderKind
from domain.times import DAY
from tests.stories import incident_scripts, scripts
from tests.stories.stage import IncidentDesk, OrderDesk, Stage
from tests.world import CONTRACT


async def in_ledger(*desks: OrderDesk | IncidentDesk) -> Decimal:
    entries = [entry for desk in desks for entry in await desk.ledger()]
    return sum((Decimal(amount) for _, amount in entries), Decimal(0))


async def own_cost(stage: Stage, contract: Contract, since: datetime) -> Decimal:
    """Of all that has ended, under the contract's own terms."""
    place = ZoneInfo(contract.calendar.zone)
    until = await stage.environment.get_current_time()
    span = CostSpan(since.astimezone(place).date() - DAY, until.astimezone(place).date() + DAY)
    async with stage.database.reading() as session:
        wanted = EndedWithin(contract.id, tuple(FINAL), since, until + DAY)
        orders = await ended_after(session, OrderRow, col(OrderRow.order), wanted, "", 100)
        wanted = wanted._replace(states=OVER)
        incidents = await ended_after(session, IncidentRow, col(IncidentRow.incident), wanted, "", 100)
    cases = [charged_order(order, progress) for _, order, progress in orders]
    cases += [charged_incident(incident, progress) for _, incident, progress in incidents]
    dated = contract.but(calendar=with_holidays(contract.calendar, since))
    return compare(CostGround(contract.id, contract.calendar.zone, span, cases, (dated,))).own


async def test_orders_of_each_kind_cost_what_the_ledger_charged(stage: Stage) -> None:
    since = await stage.environment.get_current_time()
    kinds = (OrderKind.INSTALL, OrderKind.MOVE, OrderKind.CHANGE, OrderKind.ASSIST)
    desks = [await scripts.fulfilled(stage, kind) for kind in kinds]

    assert await own_cost(stage, CONTRACT, since) == await in_ledger(*desks) > 0


async def test_work_on_an_incident_costs_what_the_ledger_charged(stage: Stage) -> None:
    since = await stage.environment.get_current_time()
    desk = await incident_scripts.charged(stage)
    await desk.ended()

    assert await own_cost(stage, incident_scripts.CHARGING, since) == await in_ledger(desk) > 0
