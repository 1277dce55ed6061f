"""`imac project go`, `hold`, `cancel` …: one command line for each thing that can be told a launched project."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated

import httpx2
from cyclopts import Parameter
from cyclopts.validators import Number
from pydantic import JsonValue
from rich.text import Text

from cli.arguments import ProjectId, WaveName
from cli.asking import ASKING, Asking
from cli.cases import Reason, Several, Why
from cli.http import Api, Body, parsed, path
from cli.moments import moment
from cli.moves.papers import show_project, to_retry, waves_of, zone_of
from cli.moves.previews import ask, changes_picture, fates_table, must_be_asked, rows_told
from cli.words import phrase
from domain.cases.move_commands import WhenDone, WhenInFlight
from domain.clocks.holds import HoldReason
from domain.moves.launched.call_offs import RowFate
from domain.moves.launched.project_progress import GateState
from domain.moves.launched.project_sheets import ProjectSheet
from domain.moves.plans.changes import PlanChanges

WaveOption = Annotated[str | None, Parameter(help="Wave; defaults to the whole project.")]
Yes = Annotated[bool, Parameter(negative="", help="Do not prompt for confirmation.")]


async def give(api: Api, project: str, body: Body, *, wave: str | None = None) -> httpx2.Response:
    """Tell the project something, or one of its waves. What is None was not said."""
    said = {name: value for name, value in body.items() if value is not None}
    where = ("waves", wave, "commands") if wave else ("commands",)
    # Typed twice is meant twice; only the connection's own repeats are the same request.
    return await api.post(path("projects", project, *where), said, key=uuid.uuid4().hex)


async def tell(asking: Asking, project: str, body: Body, *, wave: str | None = None) -> None:
    async with asking.api() as api:
        await show_project(asking, api, await give(api, project, body, wave=wave))


async def go(project: ProjectId, wave: WaveName, /, *, reason: Why = None, asking: Asking = ASKING) -> None:
    """Give the go-ahead for a wave, as the person named for it; the wave starts at once."""
    await tell(asking, project, {"type": "go", "wave": wave, "reason": reason})


async def refuse(project: ProjectId, wave: WaveName, /, *, reason: Reason, asking: Asking = ASKING) -> None:
    """Refuse the go-ahead for a wave; it will not start until the go-ahead is given."""
    await tell(asking, project, {"type": "refuse_go", "wave": wave, "reason": reason})


async def hold(
    project: ProjectId,
    /,
    *,
    code: Annotated[HoldReason, Parameter(help="Reason code.")],
    until: Annotated[str, Parameter(help="End of the hold, in local time at the site.")],
    reason: Reason,
    wave: WaveOption = None,
    asking: Asking = ASKING,
) -> None:
    """Put on hold: nothing new is started, open steps may be completed."""
    async with asking.api() as api:
        max_until = moment(until, await zone_of(api, project)).isoformat()
        told: Body = {"type": "hold", "code": code, "max_until": max_until, "reason": reason}
        await show_project(asking, api, await give(api, project, told, wave=wave))


async def resume(
    project: ProjectId,
    /,
    *,
    wave: WaveOption = None,
    code: Annotated[HoldReason | None, Parameter(help="Hold to end; defaults to all.")] = None,
    reason: Why = None,
    asking: Asking = ASKING,
) -> None:
    """Resume from hold."""
    await tell(asking, project, {"type": "resume", "code": code, "reason": reason}, wave=wave)


async def adopt(
    project: ProjectId,
    /,
    *,
    plan: Annotated[int, Parameter(validator=Number(gte=1))],
    yes: Yes = False,
    reason: Why = None,
    asking: Asking = ASKING,
) -> None:
    """Switch to a newer approved plan: rows are added, withdrawn or moved. Rows in progress are not affected.

    Parameters
    ----------
    plan
        Plan version; its changes are shown first.
    """
    must_be_asked(asking, yes=yes)
    async with asking.api() as api:
        followed = (await api.read(ProjectSheet, path("projects", project, "standing"))).plan
        if not asking.json:
            where = path("projects", project, "plans", f"{plan}", "changes")
            changes = await api.read(PlanChanges, where, {"since": followed})
            zone = await zone_of(api, project)
            asking.console.print(changes_picture(changes, zone, asking.language))
        if not yes:
            ask(phrase("adopt_this", asking.language))
        await show_project(asking, api, await give(api, project, {"type": "adopt", "plan": plan, "reason": reason}))


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class CallingOff:
    in_flight: WhenInFlight
    "Finish or roll back orders in progress."
    done: WhenDone
    "Keep or roll back completed moves."
    reason: Reason

    def told(self) -> dict[str, JsonValue]:
        return {"type": "call_off", **asdict(self)}


async def cancel(
    project: ProjectId,
    /,
    *,
    how: CallingOff,
    preview: Annotated[bool, Parameter(negative="", help="Show the effect on each row without cancelling.")] = False,
    yes: Yes = False,
    asking: Asking = ASKING,
) -> None:
    """Cancel the project: nothing new is started. The effect on each row is shown first."""
    if not preview:
        must_be_asked(asking, yes=yes)
    async with asking.api() as api:
        answer = await api.post(path("projects", project, "call-off-preview"), how.told())
        if preview or not asking.json:
            asking.show(answer, lambda: fates_table(parsed(tuple[RowFate, ...], answer), asking.language))
        if preview:
            return
        if not yes:
            ask(phrase("cancel_like_this", asking.language))
        await show_project(asking, api, await give(api, project, how.told()))


async def retry(
    project: ProjectId,
    /,
    *,
    wave: Annotated[str | None, Parameter(help="Wave; defaults to all waves.")] = None,
    row: Annotated[tuple[int, ...], Several, Parameter(help="Rows to retry; defaults to all failed rows.")] = (),
    reason: Why = None,
    asking: Asking = ASKING,
) -> None:
    """Retry rows that failed or could not start; verified rows are not affected."""
    async with asking.api() as api:
        waves = await waves_of(api, project, row, wave) if row else await to_retry(api, project, wave)
        answer = await _give_rows(api, project, waves, {"type": "retry_rows", "reason": reason})
        if not asking.json:
            count = sum(map(len, waves.values()))
            said = phrase("tried_again", asking.language, count=count, rows=rows_told(waves))
            asking.console.print(Text(said, "bold"))
        await show_project(asking, api, answer)


async def withdraw(project: ProjectId, /, *row: int, reason: Reason, asking: Asking = ASKING) -> None:
    """Withdraw rows from the move, even if their wave has started; work in progress is rolled back.

    Parameters
    ----------
    row
        Row numbers in the list.
    """
    async with asking.api() as api:
        waves = await waves_of(api, project, row)
        sheet = await api.read(ProjectSheet, path("projects", project, "standing"))
        opened = {wave.id for wave in sheet.waves if wave.gate == GateState.OPEN}
        body: Body = {"type": "withdraw_rows", "reason": reason}
        if early := [number for wave, numbers in waves.items() if wave not in opened for number in numbers]:
            answer = await give(api, project, {**body, "rows": [*early]})
        if late := {wave: numbers for wave, numbers in waves.items() if wave in opened}:
            answer = await _give_rows(api, project, late, body)
        await show_project(asking, api, answer)


async def assign(
    project: ProjectId,
    /,
    *row: int,
    to: Annotated[str, Parameter(help="New owner.")],
    reason: Why = None,
    asking: Asking = ASKING,
) -> None:
    """Reassign exceptions.

    Parameters
    ----------
    row
        Row numbers in the list.
    """
    async with asking.api() as api:
        waves = await waves_of(api, project, row)
        answer = await _give_rows(api, project, waves, {"type": "assign_rows", "to": to, "reason": reason})
        await show_project(asking, api, answer)


async def close(project: ProjectId, /, *, reason: Reason, asking: Asking = ASKING) -> None:
    """Close a project that is waiting for decisions; remaining exceptions stay on record."""
    await tell(asking, project, {"type": "close", "reason": reason})


async def _give_rows(api: Api, project: str, waves: Mapping[str, Sequence[int]], body: Body) -> httpx2.Response:
    """The project as it is after the last wave was told."""
    assert waves
    for wave, numbers in waves.items():
        answer = await give(api, project, {**body, "rows": list(numbers)}, wave=wave)
    return answer
