"""What decisions have alike, whatever case they are about."""

from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from domain.cases.case import CaseProgress
from domain.cases.decisions import Asked, CaseRules, decide_by
from domain.cases.instructions import AnyCommand, Instruction
from domain.cases.order_commands import CommandBase
from domain.incidents import decisions as incidents
from domain.moves.launched import project_decisions as projects
from domain.moves.launched import wave_decisions as waves
from domain.oncall import answers as pages
from domain.orders.decisions import decide as orders
from domain.people import MACHINE
from domain.refusals import Refused, Unacceptable

AT = datetime(2027, 11, 22, 8, tzinfo=UTC)
KINDS: dict[str, CaseRules[Any, Any]] = {
    "orders": orders.HEARD,
    "incidents": incidents.HEARD,
    "pages": pages.HEARD,
    "projects": projects.HEARD,
    "waves": waves.HEARD,
}


def commands(union: object = AnyCommand) -> list[type[CommandBase]]:
    """Every command of every kind, however deep its union stands in others."""
    if isinstance(union, type):
        return [union] if issubclass(union, CommandBase) else []
    return [command for part in get_args(union) for command in commands(part)]


def told(command: type[CommandBase], step: str | None = None) -> Asked[Any, CaseProgress]:
    bare = command.model_construct(step=step)
    instruction = Instruction.model_construct(command=bare, actor=MACHINE, given_at=AT, request_id="r-1")  # type: ignore[arg-type]
    return Asked(None, CaseProgress(state="begun"), instruction)


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_is_not_for_a_case_is_refused_by_name(kind: str) -> None:
    foreign = [command for command in commands() if command not in KINDS[kind].decides]

    assert len(foreign) > 10
    for command in foreign:
        with pytest.raises(Unacceptable, match=f"not_for_{kind}"):
            decide_by(KINDS[kind], told(command))


def test_every_command_is_for_some_case() -> None:
    assert set(commands()) == {command for rules in KINDS.values() for command in rules.decides}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "orders"])
def test_what_has_no_steps_is_told_nothing_at_one(kind: str) -> None:
    at_a_step = told(next(iter(KINDS[kind].decides)), step="approval")

    with pytest.raises(Refused, match="step_unknown"):
        KINDS[kind].aim(at_a_step)
