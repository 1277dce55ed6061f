"""What a launched project and its waves can be told in their state by this role, and the form for each."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from pydantic import Field

from api.policy import check_project_telling
from documents.wording import word
from domain.cases import move_commands as told
from domain.cases import order_commands as of_all
from domain.keys import Key
from domain.moves.launched.project_progress import GateState, ProjectProgress, WaveStanding
from domain.moves.launched.project_sheets import WaveSheet
from domain.moves.launched.wave_progress import WaveState, WorkplaceStanding, WorkplaceState
from domain.moves.plans.versions import PlanHeader
from domain.people import Role
from domain.refusals import NotAllowed
from web.forms import Control, FieldShape, PageForm, shapes_of
from web.order_forms import Choices

PROJECTS = "/projects"


class RetryNamed(told.RetryRows):
    """On a page rows are named: that none is ticked is a slip, and does not mean all of them."""

    rows: tuple[told.RowNumber, ...] = Field(min_length=1, max_length=500)


PROJECT_COMMANDS: Mapping[str, Any] = {
    kind.model_fields["type"].default: kind
    for kind in (told.Go, told.RefuseGo, of_all.Hold, of_all.Resume, told.Adopt, told.CallOff, told.Close)
}
# A wave that has not opened is told by way of its project which of its rows stay.
WAVE_COMMANDS: Mapping[str, Any] = {
    kind.model_fields["type"].default: kind
    for kind in (RetryNamed, told.AssignRows, told.WithdrawRows, of_all.Hold, of_all.Resume)
}
STEERING = ("hold", "resume", "adopt", "close")
GRAVE = frozenset({"call_off", "withdraw_rows"})
_NOUNS = {"code": "hold_reason", "in_flight": "when_in_flight", "done": "when_done"}
_ASKED = (GateState.ASKED, GateState.REFUSED)
_SETTLED = (WorkplaceState.OK, WorkplaceState.ROLLED_BACK, WorkplaceState.SKIPPED)


def may_tell(caller: Key, command: str) -> bool:
    try:
        check_project_telling(caller, command)
    except NotAllowed:
        return False
    return True


def gates_of(progress: ProjectProgress, caller: Key) -> tuple[WaveStanding, ...]:
    """The waves whose go is asked of this caller."""
    if progress.state.is_final or progress.closing or not may_tell(caller, "go"):
        return ()
    asked = (wave for wave in progress.waves if wave.gate in _ASKED)
    return tuple(wave for wave in asked if caller.person == wave.brief.gate.by or caller.role == Role.ADMIN)


def project_commands(progress: ProjectProgress, plans: Sequence[PlanHeader], caller: Key) -> tuple[str, ...]:
    """Beside the go for a wave."""
    if progress.state.is_final or progress.closing:
        return ()
    possible = {
        "hold": True,
        "resume": bool(progress.holds),
        "adopt": progress.called_off is None and bool(to_adopt(progress, plans)),
        "call_off": progress.called_off is None,
        "close": progress.is_through,
    }
    return tuple(name for name, is_possible in possible.items() if is_possible and may_tell(caller, name))


def to_adopt(progress: ProjectProgress, plans: Iterable[PlanHeader]) -> tuple[PlanHeader, ...]:
    return tuple(plan for plan in plans if plan.approved is not None and plan.version > progress.plan)


def wave_commands(project: ProjectProgress, wave: WaveSheet, caller: Key) -> tuple[str, ...]:
    if project.state.is_final or project.closing or project.called_off is not None:
        return ()
    if wave.gate == GateState.CALLED_OFF or (wave.state is not None and wave.state.is_final):
        return ()
    counts, is_open = wave.counts, wave.state is not None
    possible = {
        "retry_rows": is_open and counts.open > 0,
        "assign_rows": is_open and counts.open > 0,
        "withdraw_rows": counts.workplaces > counts.ok + counts.skipped + counts.rolled_back,
        "hold": is_open,
        "resume": wave.state == WaveState.ON_HOLD,
    }
    return tuple(name for name, is_possible in possible.items() if is_possible and may_tell(caller, name))


def meant_by(command: str, rows: Iterable[WorkplaceStanding]) -> tuple[WorkplaceStanding, ...]:
    """The rows to which a command can be said."""
    match command:
        case "retry_rows":
            return tuple(row for row in rows if row.retryable)
        case "assign_rows":
            return tuple(row for row in rows if row.state.is_open)
        case "withdraw_rows":
            return tuple(row for row in rows if row.state not in _SETTLED)
    return ()


@dataclass(frozen=True)
class MoveChoices(Choices):
    """What somebody who tells a move something can choose from."""

    waves: tuple[str, ...] = ()
    plans: tuple[PlanHeader, ...] = ()
    team: tuple[str, ...] = ()
    rows: tuple[tuple[int, str], ...] = ()
    ticked: frozenset[str] = frozenset()
    starts: Mapping[str, str] | None = None


def move_form(address: str, command: str, seq: int, choices: MoveChoices) -> PageForm:
    kind = PROJECT_COMMANDS.get(command) or WAVE_COMMANDS[command]
    shapes = tuple(_fitted(kind, choices))
    # The same for whoever sends it twice, another one as soon as anything has happened.
    key = sha256(f"{address}/{seq}/{sorted(choices.ticked)}".encode()).hexdigest()[:32]
    return PageForm(address, command, key, seq, shapes, noun="move_command")


def _fitted(kind: Any, choices: MoveChoices) -> Iterator[FieldShape]:  # noqa: ANN401  # a type of commands
    starts = choices.starts or {}
    shapes = shapes_of(kind, leaving_out=("step",))
    for shape in sorted(shapes, key=lambda shape: shape.name == "reason"):
        noun = _NOUNS.get(shape.name)
        if shape.name == "wave":
            yield shape.offering((wave, wave) for wave in choices.waves)
        elif shape.name == "plan":
            plans = (
                (f"{one.version}", f"{one.version} ({choices.person(one.actor.person)[1]})") for one in choices.plans
            )
            yield shape.offering(plans)
        elif shape.name == "to":
            yield shape.offering(choices.person(person) for person in choices.team)
        elif shape.name == "rows":
            offered = tuple((f"{row}", f"{row} {name}".strip()) for row, name in choices.rows)
            yield replace(shape, control=Control.TICKS, options=offered, ticked=choices.ticked)
        elif shape.control == Control.CHOICE and noun is not None:
            worded = ((value, word(noun, value, choices.language)) for value, _ in shape.options)
            yield shape.offering(worded, starts.get(shape.name, ""))
        else:
            yield shape
