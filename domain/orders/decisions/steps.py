"""What an order can be told at all as it stands, by the table by which commands are judged."""

from domain.orders.decisions.decide import RULES
from domain.orders.decisions.offered import can_be_told
from domain.orders.order import Order
from domain.orders.progress import Progress, StepStatus

# Told to the order as a whole: these say themselves whether they can be.
_WHEN_HELD, _UNTIL_IT_ENDS = ("resume",), ("hold", "cancel", "migrate")


def open_to(order: Order, progress: Progress) -> dict[str, tuple[str, ...]]:
    """The commands, each with the steps that it may be aimed at; those to the whole order have none."""
    found: dict[str, tuple[str, ...]] = {}
    if progress.is_over:
        # A file is taken at any time and at any step.
        found["add_paper"] = tuple(step.id for step in order.chain.steps)
    if progress.state.is_final:
        return found
    for command, rule in RULES.items():
        name = command.model_fields["type"].default
        if rule.aims_at:
            ending = frozenset[StepStatus]() if rule.may_be_aimless else rule.status & {StepStatus.STUCK}
            status = rule.status if progress.ending is None else ending
            aimed = (step for step in order.chain.steps if rule.aims(step) and can_be_told(progress, step, name))
            steps = tuple(step.id for step in aimed if progress.step(step.id).status in status)
            if steps:
                found[name] = steps
        elif progress.ending is None and (progress.holds if name in _WHEN_HELD else name in _UNTIL_IT_ENDS):
            found[name] = ()
    if order.chain.cutoff is not None and progress.step(order.chain.cutoff).status in (
        StepStatus.DONE,
        StepStatus.SKIPPED,
    ):
        found.pop("cancel", None)
    return found
