"""Minutes as they are charged: cut first, rounded up once, and priced by the hour. Orders and rating share this."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from domain.values import Value

HOUR = 60


class Rounding(Value):
    """Minutes are rounded up once, per entry or all of a role on a local day together."""

    step: Annotated[int, Field(ge=1, le=1440)] = 1
    minimum: Annotated[int, Field(ge=0, le=1440)] = 0
    per: Literal["entry", "day"] = "entry"

    def up(self, minutes: int) -> int:
        if not minutes:
            return 0
        return -(-max(minutes, self.minimum) // self.step) * self.step


def rounded_once(pieces: Sequence[int], rounding: Rounding) -> list[int]:
    """Minutes of pieces in order of time, whatever they were cut at: what is added counts like the last minute."""
    if not pieces:
        return []
    minutes = sum(pieces)
    return [*pieces[:-1], pieces[-1] + rounding.up(minutes) - minutes]


def by_the_hour(minutes: int, hourly: Decimal, factor: Decimal) -> Decimal:
    """Not exact, but a half is: nothing that lies beside it comes nearer than a sixtieth of the last digit."""
    return minutes * hourly * factor / HOUR
