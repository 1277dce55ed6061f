"""The world as a rehearsal has it: nothing leaves the process, and it obeys the same rules as the real one."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from activities.assets import Assets
from activities.billing import Billing
from activities.calendars import Calendars, HoursAsked, WorkingDays
from activities.notices import Outgoing
from activities.records import CaseEntry, IncidentEntry, MergedAsked, OrderEntry, PageEntry, ProjectEntry, WaveEntry
from activities.vendors import VendorAsked
from domain.assets.asset import Asset, AssetChange, AssetStatus, Wanted
from domain.clocks.windows import Windows
from domain.contracts.prices import ChargeContradicted, ChargeLine, Charges, charged_as
from domain.places import Place
from domain.refusals import Problem, RegisterRefused
from domain.times import Instant
from domain.values import Slug
from domain.vendors.vendor import VendorTerms
from rehearsal.acts import ActivityFunction

Hear = Callable[[CaseEntry], None]


class Journal:
    """Takes down what cases write, and passes it on to who listens. It may hear the same twice, as tables may."""

    def __init__(self, hear: Hear) -> None:
        self._hear = hear

    async def record(self, entry: OrderEntry) -> int:
        self._hear(entry)
        return entry.progress.seq

    async def record_incident(self, entry: IncidentEntry) -> int:
        self._hear(entry)
        return entry.progress.seq

    async def goes_on_in(self, _asked: MergedAsked) -> Slug | None:
        """Nobody merges incidents meanwhile."""
        return None

    async def record_page(self, entry: PageEntry) -> int:
        self._hear(entry)
        return entry.progress.seq

    async def record_project(self, entry: ProjectEntry) -> int:
        self._hear(entry)
        return entry.progress.seq

    async def record_wave(self, entry: WaveEntry) -> int:
        self._hear(entry)
        return entry.progress.seq


class Postbox:
    """Messages go nowhere; how many there would be is counted by template."""

    def __init__(self) -> None:
        self.posted: dict[str, str] = {}

    async def deliver(self, outgoing: Outgoing) -> None:
        self.posted |= {message.key: message.template for message in outgoing.messages}


class Till:
    """Satisfies `connectors.billing.BillingSystem`."""

    def __init__(self) -> None:
        self._posted: dict[str, tuple[str, ChargeLine]] = {}
        self._taken_back: dict[str, datetime] = {}

    async def charge(self, charges: Charges, at: datetime) -> None:
        before = {key for key, back in self._taken_back.items() if back < at}
        lines = {charges.key(line, before): line for line in charges.lines}
        for key, line in lines.items():
            _, posted = self._posted.get(key, (charges.order_no, line))
            if posted != line:
                raise ChargeContradicted(key, posted, line)
        self._posted |= {key: (charges.order_no, line) for key, line in lines.items() if key not in self._posted}

    async def reverse(self, order_no: str, at: datetime, spared: int | None = None) -> None:
        for key, (charged, line) in list(self._posted.items()):
            if charged != order_no or key.endswith("/reverse"):
                continue
            if spared is None or charged_as(key) < spared:
                self._taken_back.setdefault(key, at)
                back = line.but(quantity=-line.quantity, amount=-line.amount, minutes=-line.minutes)
                self._posted.setdefault(f"{key}/reverse", (order_no, back))

    @property
    def lines(self) -> tuple[tuple[str, ChargeLine], ...]:
        """By order, in the order in which they were posted."""
        return tuple(self._posted.values())


class StandInAway(ConnectionError):
    """What is asked does not answer for now."""


class ShelfRegister:
    """Assets in memory, under the rules of `db.assets.register`. Satisfies `connectors.registers.AssetRegister`."""

    def __init__(self, assets: Iterable[Asset], is_away: Callable[[str], bool] = lambda _: False) -> None:
        """`is_away` is asked under the business key of what is wanted."""
        self.assets: dict[tuple[str, str], Asset] = {}
        self._is_away = is_away
        self._changes: dict[str, list[tuple[Asset, Asset]]] = {}
        self._standing: dict[Place, set[tuple[str, str]]] = {}
        for asset in assets:
            self._put(asset)

    async def reserve(
        self,
        key: str,
        customer: str,
        order_no: str,
        tags: tuple[str, ...],
        wanted: tuple[Wanted, ...],
        at: datetime,
    ) -> tuple[Asset, ...]:
        self._answer(key)
        if self._changes.get(key):
            return self._done(key)
        picked = self._picked(customer, tags, wanted)
        changes = (AssetChange(tag=one.tag, status=AssetStatus.RESERVED, reserved_for=order_no) for one in picked)
        return self._apply(key, order_no, list(zip(picked, changes, strict=True)))

    async def change(
        self, key: str, customer: str, order_no: str, changes: tuple[AssetChange, ...], at: datetime
    ) -> tuple[Asset, ...]:
        self._answer(key)
        if self._changes.get(key):
            return self._done(key)
        return self._apply(key, order_no, [(self._known(customer, change.tag), change) for change in changes])

    async def undo(self, key: str, at: datetime) -> None:
        self._answer(key)
        if self._changes.get(f"{key}/undo"):
            return
        for before, after in reversed(self._changes.get(key, [])):
            now = self._known(after.customer, after.tag)
            if now != after:
                raise RegisterRefused(Problem(code="asset_changed_since", values={"tag": after.tag}))
            self._store(f"{key}/undo", now, before)

    def of(self, customer: str, tags: Iterable[str]) -> tuple[Asset, ...]:
        return tuple(self.assets[customer, tag] for tag in tags if (customer, tag) in self.assets)

    def at(self, customer: str, place: Place) -> list[Asset]:
        standing = sorted(self._standing.get(place, ()))
        return [self.assets[owner, tag] for owner, tag in standing if owner == customer]

    def _answer(self, key: str) -> None:
        if self._is_away(key):
            raise StandInAway

    def _done(self, key: str) -> tuple[Asset, ...]:
        return tuple(after for _, after in self._changes[key])

    def _known(self, customer: str, tag: str) -> Asset:
        if (customer, tag) not in self.assets:
            raise RegisterRefused(Problem(code="asset_unknown", values={"tag": tag}))
        return self.assets[customer, tag]

    def _picked(self, customer: str, tags: tuple[str, ...], wanted: tuple[Wanted, ...]) -> list[Asset]:
        picked = [self._known(customer, tag) for tag in tags]
        for asset in picked:
            if asset.status != AssetStatus.IN_STOCK:
                raise RegisterRefused(_not_free(asset))
        for item in wanted:
            stock = [one for one in self._stock(customer, item.model) if one not in picked][: item.quantity]
            if len(stock) < item.quantity:
                values = {"model": item.model, "quantity": str(item.quantity), "in_stock": str(len(stock))}
                raise RegisterRefused(Problem(code="out_of_stock", values=values))
            picked += stock
        return picked

    def _stock(self, customer: str, model: str) -> list[Asset]:
        mine = sorted((key, asset) for key, asset in self.assets.items() if key[0] == customer)
        free = (asset for _, asset in mine if asset.status == AssetStatus.IN_STOCK)
        return [asset for asset in free if asset.model is not None and asset.model.lower() == model.lower()]

    def _apply(self, key: str, order_no: str, changes: Sequence[tuple[Asset, AssetChange]]) -> tuple[Asset, ...]:
        for asset, change in changes:
            problem = change.problem_with(asset)
            if asset.reserved_for not in (None, order_no):
                problem = _not_free(asset)
            if problem is not None:
                raise RegisterRefused(problem)
        for asset, change in changes:
            self._store(key, asset, change.applied_to(asset))
        return tuple(after for _, after in self._changes.get(key, []))

    def _store(self, key: str, before: Asset, after: Asset) -> None:
        self._put(after)
        self._changes.setdefault(key, []).append((before, after))

    def _put(self, asset: Asset) -> None:
        key = (asset.customer, asset.tag)
        before = self.assets.get(key)
        if before is not None and before.place is not None:
            self._standing[before.place].discard(key)
        if asset.place is not None:
            self._standing.setdefault(asset.place, set()).add(key)
        self.assets[key] = asset


def _not_free(asset: Asset) -> Problem:
    values = {"tag": asset.tag, "status": asset.status, "order": asset.reserved_for or ""}
    return Problem(code="asset_not_free", values=values)


class SharedCalendars:
    """The real ones; cases that begin together ask the same questions, which are answered once."""

    def __init__(self) -> None:
        self._real = Calendars()
        self._hours: dict[HoursAsked, Windows] = {}
        self._days: dict[WorkingDays, datetime] = {}

    async def service_hours(self, asked: HoursAsked) -> Windows:
        if asked not in self._hours:
            self._hours[asked] = await self._real.service_hours(asked)
        return self._hours[asked]

    async def after_working_days(self, asked: WorkingDays) -> Instant:
        if asked not in self._days:
            self._days[asked] = await self._real.after_working_days(asked)
        return self._days[asked]


# Whom a step is offered to of which the chain names no vendor.
ANYBODY = "carrier"


class Street:
    """Whoever is asked is there and may be asked for a week: who will decline on the day nobody knows."""

    async def find_vendor(self, asked: VendorAsked) -> VendorTerms | None:
        vendor = asked.vendor or ANYBODY
        return VendorTerms(vendor=vendor, name=vendor, version=1, people=(vendor,), answer_minutes=7 * 24 * 60)


@dataclass
class World:
    """Everything that workflows act on, in one process."""

    register: ShelfRegister
    journal: Journal
    till: Till = field(default_factory=Till)
    postbox: Postbox = field(default_factory=Postbox)
    calendars: SharedCalendars = field(default_factory=SharedCalendars)

    @property
    def acts(self) -> list[ActivityFunction]:
        assets, billing = Assets(self.register), Billing(self.till)
        return [
            self.journal.record,
            self.journal.record_incident,
            self.journal.goes_on_in,
            self.journal.record_page,
            self.journal.record_project,
            self.journal.record_wave,
            self.postbox.deliver,
            Street().find_vendor,
            self.calendars.service_hours,
            self.calendars.after_working_days,
            assets.reserve_assets,
            assets.change_assets,
            assets.undo_assets,
            billing.post_charges,
            billing.reverse_charges,
        ]
