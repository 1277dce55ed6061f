"""The kinds of order and the states every order goes through."""

from enum import StrEnum


class OrderKind(StrEnum):
    """The six of IMAC/R/D; break/fix: mending what has stopped working, usually for an incident; and assist: advice,
    training or project work, for which no asset is needed."""

    INSTALL = "install"
    MOVE = "move"
    ADD = "add"
    CHANGE = "change"
    REMOVE = "remove"
    DISPOSE = "dispose"
    BREAK_FIX = "break_fix"
    ASSIST = "assist"

    @property
    def concerns_assets(self) -> bool:
        """Whether the register is to say something else afterwards."""
        return self != OrderKind.ASSIST


class OrderState(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    IN_PROGRESS = "in_progress"
    AWAITING_ACCEPTANCE = "awaiting_acceptance"
    ON_HOLD = "on_hold"
    COMPLETED = "completed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        return self in FINAL


FINAL = frozenset({OrderState.COMPLETED, OrderState.REJECTED, OrderState.CANCELLED, OrderState.FAILED})

# A chain may leave out stages, so an order may go forward by more than one; backwards it goes only when a
# visit was wasted, an appointment was lost, acceptance was declined or work has to be done again. Where a contract
# asks for an approval late, it goes back as far as waiting for it.
STAGES = (
    OrderState.REQUESTED,
    OrderState.APPROVED,
    OrderState.SCHEDULED,
    OrderState.IN_PROGRESS,
    OrderState.AWAITING_ACCEPTANCE,
    OrderState.COMPLETED,
)
_BACK: dict[OrderState, frozenset[OrderState]] = {
    OrderState.SCHEDULED: frozenset(STAGES[:2]),
    OrderState.IN_PROGRESS: frozenset(STAGES[:3]),
    OrderState.AWAITING_ACCEPTANCE: frozenset(STAGES[:4]),
}


def may_follow(state: OrderState, after: OrderState) -> bool:
    """The state table of orders (DOMAIN.md 2): whether an order in `state` may be in `after` next."""
    if state.is_final:
        return False
    if after in (OrderState.ON_HOLD, OrderState.CANCELLED, OrderState.FAILED) or state == OrderState.ON_HOLD:
        return True
    if after == OrderState.REJECTED:
        return STAGES.index(state) < STAGES.index(OrderState.IN_PROGRESS)
    return STAGES.index(after) > STAGES.index(state) or after in _BACK.get(state, ())


class Leg(StrEnum):
    """A workplace of a swap moves twice: aside to an interim place, and on from there.

    `back` is in no plan: it brings a workplace to where it stood before, when a move is taken back.
    """

    WHOLE = "whole"
    ASIDE = "aside"
    ON = "on"
    BACK = "back"
