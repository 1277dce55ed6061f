"""Assets and their life: which way from one status to the next is allowed, and what it asks for."""

from collections import deque
from enum import StrEnum

from pydantic import Field

from domain.places import Place
from domain.refusals import Problem
from domain.times import Instant
from domain.values import AssetTag, Line, Slug, Value

MOST_ASSETS = 200


class AssetStatus(StrEnum):
    ORDERED = "ordered"
    IN_STOCK = "in_stock"
    RESERVED = "reserved"
    DEPLOYED = "deployed"
    IN_REPAIR = "in_repair"
    RETIRED = "retired"
    WIPED = "wiped"
    DISPOSED = "disposed"


class Wanted(Value):
    """So many of a model, to be taken from the customer's stock."""

    model: Line
    quantity: int = Field(default=1, ge=1, le=100)


LIFE: dict[AssetStatus, tuple[AssetStatus, ...]] = {
    AssetStatus.ORDERED: (AssetStatus.IN_STOCK,),
    AssetStatus.IN_STOCK: (AssetStatus.RESERVED, AssetStatus.RETIRED),
    AssetStatus.RESERVED: (AssetStatus.DEPLOYED, AssetStatus.IN_STOCK),
    AssetStatus.DEPLOYED: (AssetStatus.IN_REPAIR, AssetStatus.RETIRED),
    AssetStatus.IN_REPAIR: (AssetStatus.DEPLOYED, AssetStatus.RETIRED),
    AssetStatus.RETIRED: (AssetStatus.WIPED, AssetStatus.IN_STOCK, AssetStatus.DISPOSED),
    AssetStatus.WIPED: (AssetStatus.IN_STOCK, AssetStatus.DISPOSED),
    AssetStatus.DISPOSED: (),
}


class Asset(Value):
    """One registered thing. `erased_by` names the order whose erasure record is still valid for it."""

    tag: AssetTag
    customer: Slug
    serial: Line | None = None
    model: Line | None = None
    manufacturer: Line | None = None
    category: Line | None = None
    status: AssetStatus = AssetStatus.IN_STOCK
    place: Place | None = None
    holder: Line | None = None
    part_of: AssetTag | None = None
    data_bearing: bool = True
    erased_by: Slug | None = None
    reserved_for: Slug | None = None

    def way_to(self, goal: AssetStatus) -> tuple[AssetStatus, ...] | None:
        """The shortest allowed way, or None. Data-bearing media leave service only by way of `wiped`."""
        ways: deque[tuple[AssetStatus, ...]] = deque([(self.status,)])
        while ways:
            way = ways.popleft()
            if way[-1] == goal:
                return way[1:]
            ways.extend((*way, after) for after in LIFE[way[-1]] if after not in way and self._may(way[-1], after))
        return None

    def _may(self, status: AssetStatus, after: AssetStatus) -> bool:
        if status == AssetStatus.RETIRED and after != AssetStatus.WIPED:
            return not self.data_bearing
        if after == AssetStatus.WIPED:
            return self.data_bearing
        return True


class LifeEntry(Value):
    """One change in an asset's life; `source` is the order or import that made it."""

    at: Instant
    source: str
    before: Asset | None
    after: Asset


class AssetChange(Value):
    """What an order writes into the register for one asset. None leaves a field as it is.

    `was` is the status in which the order knows the asset: something else has happened to it if it is another now.
    """

    tag: AssetTag
    status: AssetStatus | None = None
    was: AssetStatus | None = None
    place: Place | None = None
    holder: Line | None = None
    model: Line | None = None
    part_of: AssetTag | None = None
    erased_by: Slug | None = None
    vacate: bool = False
    reserved_for: Slug | None = None

    def applied_to(self, asset: Asset) -> Asset:
        """The asset after the change; the way between the two statuses must be allowed.

        Raises nothing: ask `problem_with` first.
        """
        wanted = {
            name: value
            for name, value in self.model_dump(exclude={"tag", "was", "vacate", "place"}).items()
            if value is not None
        }
        changed = asset.but(**wanted, place=self.place or (None if self.vacate else asset.place))
        if self.vacate:
            changed = changed.but(holder=None, part_of=None)
        if changed.status == AssetStatus.DEPLOYED:
            changed = changed.but(erased_by=None, reserved_for=None)
        return changed.but(reserved_for=None) if changed.status == AssetStatus.IN_STOCK else changed

    def problem_with(self, asset: Asset) -> Problem | None:
        if self.was not in (None, asset.status):
            return Problem(code="asset_changed_since", values={"tag": asset.tag})
        if self.status is None or self.status == asset.status:
            return None
        way = asset.way_to(self.status)
        if way is None:
            return Problem(
                code="asset_status_forbids",
                values={"tag": asset.tag, "status": asset.status, "goal": self.status},
            )
        if AssetStatus.WIPED in way and not (self.erased_by or asset.erased_by):
            return Problem(code="erasure_missing", values={"tag": asset.tag})
        return None
