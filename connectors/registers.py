"""What every asset register can do for an order. Ours is in `db/assets/register.py`; others are connectors."""

from datetime import datetime
from typing import Protocol

from domain.assets.asset import Asset, AssetChange, Wanted


class AssetRegister(Protocol):
    """Every change bears a business key: the same key again changes nothing and gives the same answer.

    Raises `domain.refusals.RegisterRefused` for what the data forbid, anything else when the register is away.
    """

    async def reserve(
        self,
        key: str,
        customer: str,
        order_no: str,
        tags: tuple[str, ...],
        wanted: tuple[Wanted, ...],
        at: datetime,
    ) -> tuple[Asset, ...]: ...

    async def change(
        self, key: str, customer: str, order_no: str, changes: tuple[AssetChange, ...], at: datetime
    ) -> tuple[Asset, ...]: ...

    async def undo(self, key: str, at: datetime) -> None:
        """Put back what was changed under a key. Refused when somebody has changed it again since."""
        ...
