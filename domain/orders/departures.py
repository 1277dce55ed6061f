"""What has left our control: frozen when both sides have confirmed it, whatever is said of it later."""

from collections.abc import Iterator
from typing import NamedTuple

from domain.assets.asset import Asset
from domain.cases.lookups import RecyclerListFound
from domain.cases.order_commands import AddRecyclerList, ConfirmCustody
from domain.cases.recycler_lists import SwappedItem
from domain.contracts.chains import Custody
from domain.orders.erasures import name_of
from domain.orders.order import Order
from domain.orders.progress import MissingGoods, Progress, StepStatus
from domain.papers import Digest
from domain.people import Actor
from domain.times import Instant
from domain.values import Line, Slug, Value


class MissingItem(Value):
    """It has left us and is not on the list; `incident` looks for it."""

    tag: Line
    serial: Line | None
    data_bearing: bool
    incident: Slug | None = None


class RecyclerComparison(Value):
    """One list of the recycler, held against what has left. `left` and `received` count; the last list counts."""

    digest: Digest
    step: Slug
    actor: Actor
    at: Instant
    left: int
    received: int
    missing: tuple[MissingItem, ...]
    extra: tuple[Line, ...]
    swapped: tuple[SwappedItem, ...]


class _Heard(NamedTuple):
    said: AddRecyclerList
    found: RecyclerListFound
    actor: Actor
    at: Instant


def leaving_step(order: Order, progress: Progress) -> str | None:
    """The handover by which the goods have left, if they have."""
    done = (
        step.id
        for step in order.chain.steps
        if isinstance(step, Custody) and step.leaves_control and progress.step(step.id).status == StepStatus.DONE
    )
    return next(done, None)


def departed(progress: Progress, step: str) -> tuple[Asset, ...]:
    """As both sides have confirmed it at this handover."""
    names = {serial for _, told in progress.told(ConfirmCustody, step) for serial in told.serials}
    return tuple(asset for asset in progress.assets if name_of(asset) in names)


def comparisons(progress: Progress) -> tuple[RecyclerComparison, ...]:
    """Oldest first."""
    incidents = {serial: goods.incident for goods in progress.missing for serial in goods.data_bearing}
    return tuple(_compared(progress, heard, incidents) for heard in _heard(progress))


def missing_now(progress: Progress) -> frozenset[str]:
    """What the last list says that the recycler does not have."""
    last = next(reversed(comparisons(progress)), None)
    return frozenset(item.serial or item.tag for item in last.missing) if last else frozenset()


def newly_missing(progress: Progress, step: str, received: tuple[str, ...], no: str) -> MissingGoods | None:
    """What no list has missed before; `no` is the incident for what may bear data."""
    known = {serial for goods in progress.missing for serial in goods.serials}
    away = [asset for asset in departed(progress, step) if name_of(asset) not in {*received, *known}]
    bearing = tuple(name_of(asset) for asset in away if asset.data_bearing)
    serials = tuple(map(name_of, away))
    return MissingGoods(serials=serials, data_bearing=bearing, incident=no if bearing else None) if away else None


def _heard(progress: Progress) -> Iterator[_Heard]:
    for given in progress.given:
        if isinstance(given.command, AddRecyclerList) and isinstance(given.looked_up, RecyclerListFound):
            yield _Heard(given.command, given.looked_up, given.actor, given.given_at)


def _compared(progress: Progress, heard: _Heard, incidents: dict[str, str | None]) -> RecyclerComparison:
    step, said = heard.said.step or "", heard.found.said
    left = departed(progress, step)
    received = set(said.received)
    missing = tuple(
        MissingItem(
            tag=asset.tag,
            serial=asset.serial,
            data_bearing=asset.data_bearing,
            incident=incidents.get(name_of(asset)),
        )
        for asset in left
        if name_of(asset) not in received
    )
    return RecyclerComparison(
        digest=heard.said.digest,
        step=step,
        actor=heard.actor,
        at=heard.at,
        left=len(left),
        received=len(left) - len(missing),
        missing=missing,
        extra=said.extra,
        swapped=said.swapped,
    )
