"""What every billing system can do for an order. Ours is the ledger, `db/ledger.py`."""

from datetime import datetime
from typing import Protocol

from domain.contracts.prices import Charges


class BillingSystem(Protocol):
    """A key that was posted before is not posted again, and what was taken back before `at` has the next number."""

    async def charge(self, charges: Charges, at: datetime) -> None:
        """Raises `ChargeContradicted` where a key stands for something else; then nothing is posted."""
        ...

    async def reverse(self, order_no: str, at: datetime, spared: int | None = None) -> None:
        """Take back every charge of the order by counter-entries, but those from the number `spared` on."""
        ...
