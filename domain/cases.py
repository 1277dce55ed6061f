"""What every durable case keeps alike, be it an order, an incident or a page."""

from domain.holds import Hold
from domain.instructions import Instruction
from domain.sla import SlaClock
from domain.values import Value


class CaseProgress(Value):
    """`given` keeps every accepted command: the case's own file. `holds` are in force now, `seq` counts events."""

    given: tuple[Instruction, ...] = ()
    holds: tuple[Hold, ...] = ()
    clocks: tuple[SlaClock, ...] = ()
    seq: int = 0
