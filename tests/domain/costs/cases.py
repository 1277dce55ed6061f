"""Cases that have ended, as tables keep them, and what they come to."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from connectors.holidays import with_holidays
from domain.billing.agreement import Agreement
from domain.contracts.contract import Contract
from domain.costs.cases import ChargedCase
from domain.costs.comparison import CostGround, compare
from domain.costs.cost import ContractCost
from domain.costs.reading import charged_order
from domain.costs.terms import CostSpan
from domain.kinds import OrderKind
from tests.domain.orders.paper import HOUR, MONDAY, Paper, placed
from tests.world import CONTRACT

MARCH = CostSpan(date(2026, 3, 1), date(2026, 3, 31))


def agreed(contract: Contract) -> Contract:
    return contract.but(calendar=with_holidays(contract.calendar, MONDAY))


def at_work(kind: OrderKind = OrderKind.CHANGE, **prices: object) -> Paper:
    """Work is open at ten on a Monday in March, under the world's contract with these prices."""
    order = placed(kind)
    paper = Paper(order.but(terms=order.terms.but(prices=order.terms.prices.but(**prices)))).until("work")
    paper.now = MONDAY + HOUR
    return paper


def case_of(paper: Paper) -> ChargedCase:
    """As it is written down; where its workflow would have closed it, so has it here."""
    progress = paper.progress
    if progress.ending is not None:
        progress = progress.but(state=progress.ending.state)
    order = paper.order.model_dump_json(exclude_none=True)
    return charged_order(order, progress.model_dump_json(exclude_none=True))


def priced(paper: Paper) -> Contract:
    return agreed(CONTRACT.but(prices=paper.order.terms.prices))


def cost(
    *cases: ChargedCase,
    contract: Contract = CONTRACT,
    like: Contract | None = None,
    terms: dict[str, Any] | None = None,
    span: CostSpan = MARCH,
) -> ContractCost:
    ground = CostGround(
        contract=contract.id,
        zone=contract.calendar.zone,
        span=span,
        cases=cases,
        versions=(agreed(contract),),
        like=agreed(like) if like else None,
        supposed=supposed(terms) if terms is not None else None,
    )
    return compare(ground)


def supposed(terms: dict[str, Any] | Sequence[dict[str, Any]], **contract: object) -> Agreement:
    """Months of 2026 in Berlin, with the world's hours."""
    versions = [terms] if isinstance(terms, dict) else terms
    written = {
        "currency": "EUR",
        "zone": "Europe/Berlin",
        "anchor": "2026-01-01",
        "months": 1,
        "vat": ["S", "19"],
        "hours": {day: [["08:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
        "terms": [{"from": "2026-01-01", **one} for one in versions],
    }
    return Agreement.model_validate(written | contract)


def total(amounts: Sequence[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))
