"""What an order's page shows of its goods: who took them, what is proven, what they leave as, what is missing."""

from dataclasses import dataclass
from typing import Literal

from api.policy import check_order_telling
from domain.contracts.chains import Custody, Erasure
from domain.keys import Key
from domain.orders.departures import RecyclerComparison, comparisons, leaving_step
from domain.orders.erasures import ErasureOutcome, ErasureRecord, erasure_records
from domain.orders.progress import MissingGoods
from domain.orders.standing import OrderStanding
from domain.orders.waste import WasteLine, waste_of
from domain.refusals import NotAllowed

# Of so many devices each has a line of its own on a page; of more, the files have them.
MOST_LINES = 50
Proving = Literal["add_erasure_report", "declare_waste", "add_recycler_list"]


@dataclass(frozen=True)
class Goods:
    """`may` are the commands that this reader can say about them now."""

    erasures: tuple[ErasureRecord, ...]
    counts: tuple[tuple[ErasureOutcome, int], ...]
    waste: tuple[WasteLine, ...]
    lists: tuple[RecyclerComparison, ...]
    missing: tuple[MissingGoods, ...]
    may: tuple[Proving, ...]

    @property
    def undeclared(self) -> int:
        return sum(line.code is None for line in self.waste)


def goods_of(standing: OrderStanding, caller: Key, open_now: frozenset[str]) -> Goods | None:
    """None where nothing is erased and nothing leaves for good."""
    steps = standing.order.chain.steps
    leaves = any(isinstance(step, Custody) and step.leaves_control for step in steps)
    if not leaves and not any(isinstance(step, Erasure) for step in steps):
        return None
    order, progress = standing.order, standing.progress
    records = erasure_records(order, progress)
    counted = ((outcome, sum(one.outcome == outcome for one in records)) for outcome in ErasureOutcome)
    return Goods(
        erasures=records,
        counts=tuple((outcome, count) for outcome, count in counted if count),
        waste=waste_of(order, progress) if leaves else (),
        lists=comparisons(progress),
        missing=progress.missing,
        may=_may(standing, caller, open_now),
    )


def _may(standing: OrderStanding, caller: Key, open_now: frozenset[str]) -> tuple[Proving, ...]:
    said: list[Proving] = []
    if "add_erasure_report" in open_now:
        said.append("add_erasure_report")
    if "declare_waste" in open_now and len(standing.progress.assets) <= MOST_LINES:
        said.append("declare_waste")
    # A recycler's list comes when it comes, often long after the end.
    if leaving_step(standing.order, standing.progress) is not None and _is_theirs(standing, caller):
        said.append("add_recycler_list")
    return tuple(said)


def _is_theirs(standing: OrderStanding, caller: Key) -> bool:
    try:
        check_order_telling(caller, "add_recycler_list", standing.order.request.requester)
    except NotAllowed:
        return False
    return True
