"""What a recycler's list says of the goods that have left an order."""

from pydantic import Field

from domain.cases.erasures import MOST_DRIVES
from domain.values import Line, Value

# Of a list; an order has a tenth of that at most.
MOST_ROWS = 5_000


class SwappedItem(Value):
    """The list has this tag, whose serial is `serial`, beside another one."""

    tag: Line
    serial: Line
    found: Line


class RecyclerList(Value):
    """By serial, or tag where there is none: what was received of the goods, and what else the list has."""

    rows: int
    received: tuple[Line, ...] = Field(default=(), max_length=MOST_DRIVES)
    extra: tuple[Line, ...] = Field(default=(), max_length=MOST_ROWS)
    swapped: tuple[SwappedItem, ...] = Field(default=(), max_length=MOST_ROWS)
