"""What of a case's journal its customer may see: an allowlist. What stands on no side of it is hidden."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from domain.cases.events import Event, Happening
from domain.cases.order_commands import CommandBase
from domain.clocks.sla import MADE_TO, ClockKind, ClockType

# A happening, or the command whose name it bears.
What = StrEnum | type[CommandBase]


def name_of(what: What) -> str:
    return str(what) if isinstance(what, StrEnum) else str(what.model_fields["type"].default)


@dataclass(frozen=True)
class Audiences:
    """`shown` is for the customer as well; `ours` says that nothing was forgotten, and hides nothing by itself.

    Of what happens to clocks the customer sees those whose promise was made to it.
    """

    shown: frozenset[What]
    ours: frozenset[What]

    def shows(self, event: Event) -> bool:
        if event.what not in {name_of(what) for what in self.shown}:
            return False
        clock = event.values.get("clock")
        return clock is None or _is_for_customers(clock, event.values.get("clock_type"))


def _is_for_customers(clock: str, type_: str | None) -> bool:
    if type_ is not None:
        return type_ in [kind for kind in ClockType if kind.is_for_customers]
    kind = _kind_of(clock)
    return kind is not None and MADE_TO[kind].is_for_customers


def _kind_of(clock: str) -> ClockKind | None:
    """By the name alone, as journals have it from before the type was noted."""
    if clock == "order":
        return ClockKind.FULFILMENT
    named = clock.partition("-")[0]
    return ClockKind(named) if named in list(ClockKind) else None


def audiences(*, shown: Iterable[What], ours: Iterable[What]) -> Audiences:
    return Audiences(shown=frozenset(shown), ours=frozenset(ours))


# What can happen to any case. Whom we call at night, and what vendors say to us, is no affair of the customer.
SHOWN = (
    Happening.PLACED,
    Happening.REPORTED,
    Happening.STEP_OPENED,
    Happening.STEP_DONE,
    Happening.STEP_STUCK,
    Happening.STEP_UNDONE,
    Happening.PART_PLACED,
    Happening.HOLD_ENDED,
    Happening.DEEMED_ACCEPTED,
    Happening.BOOKED_BY_PLAN,
    Happening.EVIDENCE_OVERDUE,
    # The goods were the customer's, and so is what may still be on them.
    Happening.LEFT_CONTROL,
    Happening.PROOF_OVERDUE,
    Happening.ITEM_MISSING,
    Happening.CERTIFICATE_EXPIRED,
    Happening.CERTIFICATE_RENEWED,
    Happening.THRESHOLD_REACHED,
    Happening.DEADLINE_MISSED,
    Happening.SOLVED,
    Happening.DEEMED_CONFIRMED,
    Happening.RESOLUTION_PROPOSED,
    Happening.ALERTS_ADDED,
    Happening.ALERTS_AGAIN,
    Happening.ALERTS_FLAPPING,
    Happening.ALERTS_SILENT,
    Happening.PRIORITY_RAISED,
    Happening.ORDER_ENDED,
    Happening.PARENT_SOLVED,
    Happening.PARENT_REOPENED,
    Happening.MERGED_IN,
    Happening.CLOSES_SOON,
    Happening.BREACH_WAIVED,
    Happening.COMPLETED,
    Happening.REJECTED,
    Happening.CANCELLED,
    Happening.FAILED,
)
OURS = (
    Happening.NOTICE_UNDELIVERABLE,
    # How their sender is set up is ours to look after.
    Happening.ALERTS_TRUNCATED,
    # Whether monitoring believes a solution, and how long an answer lies, is ours to see to.
    Happening.ALERTS_STILL,
    Happening.ANSWER_WAITS,
    Happening.ANSWER_UNHEARD,
    Happening.ANSWER_HEEDED,
    Happening.PAGE_SENT,
    Happening.PAGE_ANSWERED,
    Happening.VENDOR_ASKED,
    Happening.VENDOR_SILENT,
    Happening.NO_VENDOR,
)
