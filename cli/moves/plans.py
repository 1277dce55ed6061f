"""`imac project plan`: making a project's plan, looking at it, and approving it."""

import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from pydantic import JsonValue, TypeAdapter, ValidationError
from pydantic_core import to_json
from rich.console import Console, RenderableType
from rich.progress import Progress

from cli.arguments import ProjectId, WaveName
from cli.asking import ASKING, Asking
from cli.assets import COLUMNS
from cli.contracts.contract import content_of, read
from cli.errors import CliError, Exit
from cli.http import Api, parsed, path
from cli.moments import clock_at, moment
from cli.moves.papers import zone_of
from cli.moves.plan_pictures import AnsweredPlan, picture
from cli.moves.previews import changes_picture
from cli.tables import filled, stacked, table
from cli.words import heading
from connectors.contract_files import read_plan_request
from domain.cases.wave_briefs import Gate
from domain.moves.plans.changes import PlanChanges
from domain.moves.plans.versions import CrewMember, DailyWindow, PlanHeader, PlanRequest
from domain.moves.plans.waves import CutBy, WaveId
from domain.people import Language

_WAVE: TypeAdapter[str] = TypeAdapter(WaveId)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Proposing:
    cut_by: CutBy | None = None
    "How to group rows into waves, if the file defines none."
    first: Annotated[date | None, Parameter(name="--from")] = None
    "First day of proposed waves, if the list has no dates."
    days: int | None = None
    "Maximum number of days."
    hours: str | None = None
    "Working hours, such as 08:00-16:00."
    gate: Annotated[tuple[str, ...], Parameter(negative="")] = ()
    "Who opens a wave, such as w2=p-koch, or how much of the earlier ones must be through: w2=90%. May be repeated."

    def asked(self, request: PlanRequest) -> PlanRequest:
        said = {"first": self.first, "days": self.days} | self._between()
        window = request.window.model_dump(mode="json") | {name: value for name, value in said.items() if value}
        try:
            gates = request.gates | dict(map(_gate, self.gate))
            planned = DailyWindow.model_validate(window)
            return request.but(cut_by=self.cut_by or request.cut_by, window=planned, gates=gates)
        except ValidationError:
            raise CliError("days_not_plannable", Exit.USAGE) from None

    def _between(self) -> dict[str, str]:
        start, _, end = (self.hours or "").partition("-")
        return {"start": start.strip(), "end": end.strip() or "-"} if self.hours else {}


def _gate(text: str) -> tuple[str, Gate]:
    wave, _, opener = (part.strip() for part in text.partition("="))
    percent = opener.removesuffix("%").strip()
    said = {"percent": percent} if opener.endswith("%") else {"by": opener}
    try:
        return _WAVE.validate_python(wave), Gate.model_validate_json(to_json(said))
    except ValidationError:
        raise CliError("gate_unreadable", Exit.USAGE, typed=text) from None


PROPOSING = Proposing()


async def plan(
    project: ProjectId,
    /,
    *,
    file: Path | None = None,
    technician: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    proposing: Proposing = PROPOSING,
    asking: Asking = ASKING,
) -> None:
    """Plan the ready rows of the latest list: waves, technicians and times. This starts nothing.

    Exits with 1 if rows are left over or the plan has conflicts.

    Parameters
    ----------
    file
        YAML, as in examples/move-plan.yaml; options override it.
    technician
        Technician; may be repeated. Defaults to the technicians in the contract.
    """
    given = PlanRequest() if file is None else read(read_plan_request, content_of(file), file.name, asking.language)
    crew = tuple(CrewMember(id=one) for one in technician) or given.technicians
    asked = proposing.asked(given).but(technicians=crew)
    async with asking.api() as api:
        with Progress(*COLUMNS, console=Console(stderr=True), transient=True) as bar:
            bar.add_task(project, total=None)
            answer = await api.post(path("projects", project, "plans"), asked.model_dump(mode="json"))
    made = parsed(AnsweredPlan, answer)
    asking.show(answer, lambda: picture(made, asking.language))
    if made.plan.left_over or made.conflicts:
        sys.exit(Exit.REFUSED)


async def plans(project: ProjectId, version: int | None = None, /, *, asking: Asking = ASKING) -> None:
    """List the plans of a project, newest first, or show one of them.

    Parameters
    ----------
    version
        Plan version to show.
    """
    async with asking.api() as api:
        if version is not None:
            answer = await api.get(path("projects", project, "plans", f"{version}"))
            asking.show(answer, lambda: picture(parsed(AnsweredPlan, answer), asking.language))
            return
        answer = await api.get(path("projects", project, "plans"))
        zone = await zone_of(api, project)
    asking.show(answer, lambda: plans_table(parsed(tuple[PlanHeader, ...], answer), zone, asking.language))


def plans_table(found: tuple[PlanHeader, ...], zone: str, language: Language) -> RenderableType:
    made = table(language, ">version", ">list", "made", "actor", ">rows", ">planned", ">left_over", "approved", "why")
    for one in found:
        counts = (one.rows, one.planned, one.workplaces - one.planned)
        approved = one.approved
        who = f"{approved.actor.person}, {clock_at(approved.at, zone)}" if approved else heading("no", language)
        made_at = clock_at(one.at, zone)
        row = (one.version, one.list_version, made_at, one.actor.person, *counts, who, approved and approved.reason)
        filled(made, [row])
    return made


async def approve(
    project: ProjectId,
    /,
    *,
    version: int | None = None,
    reason: str | None = None,
    accept_left_over: Annotated[bool, Parameter(negative="")] = False,
    accept_conflicts: Annotated[bool, Parameter(negative="")] = False,
    asking: Asking = ASKING,
) -> None:
    """Approve the latest plan as a whole. The approver must be named in the contract and not be the planner.

    Parameters
    ----------
    version
        Plan version; defaults to the latest.
    reason
        Reason; required when accepting conflicts.
    accept_left_over
        Approve even if rows are left over.
    accept_conflicts
        Approve even if fixed times have conflicts.
    """
    body: dict[str, JsonValue] = {
        "reason": reason,
        "accept_left_over": accept_left_over,
        "accept_conflicts": accept_conflicts,
    }
    async with asking.api() as api:
        meant = await newest(api, project) if version is None else version
        answer = await api.post(path("projects", project, "plans", f"{meant}", "approval"), body)
        zone = await zone_of(api, project)
    asking.show(answer, lambda: plans_table((parsed(PlanHeader, answer),), zone, asking.language))


async def reschedule(
    project: ProjectId,
    wave: WaveName,
    /,
    *,
    start: str,
    minutes: int | None = None,
    version: int | None = None,
    asking: Asking = ASKING,
) -> None:
    """Reschedule one wave in a new plan and show the changes. It takes effect once approved.

    Exits with 1 if rows are left over or the plan has conflicts.

    Parameters
    ----------
    start
        New start of the window, in local time at the site.
    minutes
        Length of the window; defaults to the previous length.
    version
        Plan to change; defaults to the latest.
    """
    async with asking.api() as api:
        meant = await newest(api, project) if version is None else version
        zone = await zone_of(api, project)
        body: dict[str, JsonValue] = {"wave": wave, "start": moment(start, zone).isoformat(), "minutes": minutes}
        answer = await api.post(path("projects", project, "plans", f"{meant}", "reschedule"), body)
        made = parsed(AnsweredPlan, answer)
        where = path("projects", project, "plans", f"{made.version}", "changes")
        changes = await api.read(PlanChanges, where, {"since": meant})
    parts = (picture(made, asking.language), changes_picture(changes, zone, asking.language))
    asking.show(answer, lambda: stacked(*parts))
    if made.plan.left_over or made.conflicts:
        sys.exit(Exit.REFUSED)


async def newest(api: Api, project: str) -> int:
    known = await api.read(tuple[PlanHeader, ...], path("projects", project, "plans"))
    if not known:
        raise CliError("no_plan_yet", Exit.REFUSED, project=project)
    return known[0].version
