"""What decisions have alike, whatever case they are about."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest

from documents.wording import LANGUAGES, sentence, wording
from domain.cases import decisions
from domain.cases.case import CaseProgress
from domain.cases.decisions import Asked, CaseRules, decide_by
from domain.cases.instructions import AnyCommand, Instruction
from domain.cases.order_commands import CommandBase
from domain.incidents import decisions as incidents
from domain.moves.launched import project_decisions as projects
from domain.moves.launched import wave_decisions as waves
from domain.oncall import answers as pages
from domain.orders.decisions import decide as orders
from domain.people import MACHINE, Language
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


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_hears_no_more_is_called_what_it_is(language: Language) -> None:
    said = {}
    for kind, rules in KINDS.items():
        full = replace(rules, check=lambda _: None, ends=lambda _: False, most=0)
        with pytest.raises(Refused, match="too_many_commands") as refused:
            decide_by(full, told(next(iter(rules.decides))))
        said[kind] = sentence(refused.value.problems[0], language)

    assert len(set(said.values())) == len(KINDS)


def test_what_all_cases_say_names_none_of_them() -> None:
    nouns = re.compile(r"\b(order|incident|page|wave|project)s?\b", re.IGNORECASE)
    shared = " ".join(path.read_text() for path in Path(decisions.__file__).parent.glob("*.py"))
    codes = {*re.findall(r'(?:code=|conflict\()"(\w+)"', shared)}

    assert "too_many_commands" in codes
    assert [code for code in sorted(codes) if nouns.search(spoken(code))] == []


def spoken(code: str) -> str:
    return re.sub(r"\{\w+(:\w+)?\}", "", wording("en").problems[code])


def test_every_command_is_for_some_case() -> None:
    assert set(commands()) == {command for rules in KINDS.values() for command in rules.decides}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "orders"])
def test_what_has_no_steps_is_told_nothing_at_one(kind: str) -> None:
    at_a_step = told(next(iter(KINDS[kind].decides)), step="approval")

    with pytest.raises(Refused, match="step_unknown"):
        KINDS[kind].aim(at_a_step)
