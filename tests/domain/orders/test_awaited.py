"""What an order can wait for has a name each, whatever commands there come to be."""

from domain.cases.awaited import AwaitedCommand
from domain.orders.decisions.decide import RULES
from domain.orders.sheets import ALWAYS_OPEN


def test_every_command_that_brings_a_step_on_can_be_awaited() -> None:
    aimed = {command.model_fields["type"].default for command, rule in RULES.items() if rule.aims_at}

    assert aimed - set(ALWAYS_OPEN) <= {*AwaitedCommand}
