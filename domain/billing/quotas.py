"""Minutes that were granted or bought: what is drawn first, what is carried on, and what becomes of the rest."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

from domain.billing.facts import Bought
from domain.billing.invoices import QuotaUse
from domain.billing.tariffs import LineReason, Quota


class Demand(NamedTuple):
    """Work that asks for minutes: of its own period, in that of its invoice if it was told too late."""

    own: int
    day: date
    minutes: int
    factor: Decimal
    approved: bool


class Drawn(NamedTuple):
    """What became of minutes. What is beyond the quota and was weighed already has no factor any more.

    `hourly` is the price that was agreed on for what is beyond; None where it is the role's own.
    """

    reason: LineReason
    minutes: int
    source: str = ""
    factor: Decimal = Decimal(1)
    hourly: Decimal | None = None


@dataclass(slots=True)
class BlockLeft:
    bought: Bought
    left: int

    def covers(self, day: date) -> bool:
        return self.left > 0 and self.bought.on <= day <= self.bought.expires


@dataclass(slots=True)
class Carried:
    """Minutes from an earlier period, and the last in which they may be drawn."""

    minutes: int
    until: int


@dataclass(slots=True)
class Lapsed:
    """What a period that is over let lapse, which late work of it may still draw."""

    quota: Quota | None
    carried: int = 0
    own: int = 0


@dataclass(slots=True)
class Pools:
    """What is left of everything at one moment. `copy()` is what a recalculation starts from."""

    blocks: list[BlockLeft]
    n: int = 0
    quota: Quota | None = None
    granted: int = 0
    own: int = 0
    blocked: int = 0
    owed: int = 0
    carried: list[Carried] = field(default_factory=list)
    lapsed: dict[int, Lapsed] = field(default_factory=dict)
    # Whether there has ever been anything to draw from, or a policy of what is beyond.
    holds_any: bool = False

    @classmethod
    def of(cls, purchases: Iterable[Bought]) -> "Pools":
        ordered = sorted(purchases, key=lambda one: (one.expires, one.on, one.id))
        return cls([BlockLeft(one, one.minutes) for one in ordered], holds_any=bool(ordered))

    def copy(self) -> "Pools":
        return replace(
            self,
            blocks=[replace(one) for one in self.blocks],
            carried=[replace(one) for one in self.carried],
            lapsed={n: replace(one) for n, one in self.lapsed.items()},
        )

    def begin(self, n: int, quota: Quota | None) -> None:
        """The grant of a period; what is owed is taken from it."""
        self.n, self.quota, self.blocked = n, quota, 0
        self.holds_any = self.holds_any or quota is not None
        size = quota.minutes if quota else 0
        paid = min(self.owed, size)
        self.owed -= paid
        self.granted = self.own = size - paid

    def forget(self) -> None:
        """Before the first period that is asked for nothing was carried on or owed."""
        self.carried, self.owed = [], 0

    def draw(self, demand: Demand) -> Iterator[Drawn]:
        """Carried minutes, the period's own, bought blocks, and then what the policy says."""
        lapsed = self.lapsed.get(demand.own) if demand.own != self.n else None
        quota = lapsed.quota if lapsed else self.quota
        weighted = quota.weighted if quota else True
        is_plain = quota is None and not self._anything_for(demand)
        if is_plain:
            yield Drawn(LineReason.TIME, demand.minutes, factor=demand.factor)
            return
        need = int((demand.minutes * demand.factor).to_integral_value(ROUND_CEILING)) if weighted else demand.minutes
        drawn = self._from_lapsed(lapsed, need) if lapsed else self._from_period(need)
        for source, minutes in (*drawn, *self._from_blocks(demand.day, need - sum(taken for _, taken in drawn))):
            need -= minutes
            yield Drawn(LineReason.DRAWN, minutes, source)
        if need:
            yield from self._beyond(quota, need, Decimal(1) if weighted else demand.factor, approved=demand.approved)

    def close(self, *, is_last: bool) -> QuotaUse | None:
        """What is left is carried on as far as it may be; with the contract everything lapses."""
        rollover = self.quota.rollover if self.quota and not is_last else None
        carried = 0
        if rollover is not None:
            carried = self.own if rollover.cap is None else min(self.own, rollover.cap)
        kept = [one for one in self.carried if one.until > self.n and not is_last]
        expired = sum(one.minutes for one in self.carried) - sum(one.minutes for one in kept)
        self.lapsed[self.n] = Lapsed(self.quota, expired, self.own - carried)
        drawn = self.granted - self.own
        self.carried = kept
        if rollover is not None and carried:
            self.carried.append(Carried(carried, self.n + rollover.periods))
        if self.quota is None:
            return None
        return QuotaUse(self.granted, drawn, carried, self.own - carried, self.blocked, self.owed)

    def _anything_for(self, demand: Demand) -> bool:
        pending = self.carried if demand.own == self.n else ()
        return any(one.minutes for one in pending) or any(block.covers(demand.day) for block in self.blocks)

    def _from_period(self, need: int) -> list[tuple[str, int]]:
        carried = 0
        for one in self.carried:
            taken = min(one.minutes, need - carried)
            one.minutes -= taken
            carried += taken
        own = min(self.own, need - carried)
        self.own -= own
        return [(source, minutes) for source, minutes in (("carried", carried), ("period", own)) if minutes]

    def _from_lapsed(self, lapsed: Lapsed, need: int) -> list[tuple[str, int]]:
        carried = min(lapsed.carried, need)
        own = min(lapsed.own, need - carried)
        lapsed.carried -= carried
        lapsed.own -= own
        return [(source, minutes) for source, minutes in (("carried", carried), ("period", own)) if minutes]

    def _from_blocks(self, day: date, need: int) -> list[tuple[str, int]]:
        drawn = []
        for block in self.blocks:
            taken = min(block.left, need) if block.covers(day) else 0
            if taken:
                block.left -= taken
                need -= taken
                drawn.append((block.bought.id, taken))
        return drawn

    def _beyond(self, quota: Quota | None, need: int, factor: Decimal, *, approved: bool) -> Iterator[Drawn]:
        if quota is None:
            yield Drawn(LineReason.TIME, need, factor=factor)
        elif quota.overage == "payg" or (quota.overage == "block" and approved):
            yield Drawn(LineReason.OVERAGE, need, factor=factor, hourly=quota.overage_hourly)
        elif quota.overage == "block":
            self.blocked += need
        else:
            room = need if quota.limit is None else max(0, min(need, quota.limit - self.owed))
            self.owed += room
            if room:
                yield Drawn(LineReason.OWED, room)
            if need > room:
                yield Drawn(LineReason.OVERAGE, need - room, factor=factor, hourly=quota.overage_hourly)
