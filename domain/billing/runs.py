"""When invoices are made, and with which of them a fact comes."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache

from domain.billing.agreement import Agreement
from domain.billing.periods import Periods


class BillingRuns:
    """What is frozen stands: a fact that is told later comes with the next invoice that is open."""

    def __init__(self, agreement: Agreement, freezes: Mapping[int, datetime]) -> None:
        self.periods = Periods(agreement.anchor, agreement.months, agreement.zone)
        self._freezes = freezes
        self._in_advance = agreement.timing == "advance"
        self.of = cache(self.periods.of)
        self.fees_known_at = cache(self._fees_known_at)

    def placed(self, n: int, told: datetime | None) -> int:
        """The period with whose invoice a fact of period n comes: its own, unless it was told too late."""
        if told is None:
            return n
        while n in self._freezes and told > self._freezes[n]:
            n += 1
        return n

    def place(self, at: datetime, told: datetime | None) -> tuple[int, int]:
        """Its own period, and that of its invoice."""
        own = self.of(self.periods.local_day(at))
        return own, self.placed(own, told)

    def place_day(self, day: date, told: datetime | None) -> tuple[int, int]:
        own = self.of(day)
        return own, self.placed(own, told)

    def invoiced_at(self, n: int) -> datetime:
        """When what is used in a period is invoiced: at its freeze, or with its end."""
        return self._freezes.get(n) or self.periods.begins_at(n + 1)

    def _fees_known_at(self, n: int) -> datetime:
        """Until when news reach the fees of a run: fees in advance are invoiced as their period begins."""
        return self._freezes.get(n) or self.periods.begins_at(n if self._in_advance else n + 1)
